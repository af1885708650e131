import { type NoticeKind, noticeKinds } from '../core/notice-kind.ts';
import { catalogue, type ErrorCode } from '../errors/catalogue.ts';
import type { EventFields } from '../log/log-event.ts';

/** So many files, and as many alerts, are in a notice; all are counted. */
const FILES_MAX = 20;

/** The log's reasons are sentences; one that names very many columns is cut. */
const REASON_MAX = 1000;

/** More kinds of trouble than there are error codes and datasets at a time are only counted. */
const TROUBLES_MAX = 50;

/** A file that came to the failed folder, or some of whose rows did. Nothing of its content: names, counts and codes. */
export interface NoticeFile {
  time: string;
  verdict: 'failed' | 'diverted' | 'set_aside';
  file: string | null;
  dataset: string | null;
  loadId: string | null;
  bytes: number | null;
  rowsRead: number | null;
  rowsRejected: number | null;
  code: ErrorCode;
  rule: string | null;
  /** Names in the failed folder. */
  report: string | null;
}

/** Something for which files wait, in the catalogue's words. */
export interface NoticeTrouble {
  code: ErrorCode;
  /** Of trouble that is of one dataset alone. */
  dataset: string | null;
  /** ISO 8601, UTC. */
  since: string;
  /** When it was over; null while it is not. */
  until: string | null;
  summary: string;
  hint: string;
}

/** What nobody waits for and somebody should look at. The log's reasons for these have nothing of a file's content. */
export interface NoticeAlert {
  time: string;
  kind: 'unexpected' | 'alarm';
  dataset: string | null;
  /** Null for a file that did not come. */
  file: string | null;
  loadId: string | null;
  reason: string | null;
  hint: string | null;
}

/** What has happened since the last notice: as large at the most, however much that was. */
export interface NoticeGroup {
  from: string;
  to: string;
  counts: Record<NoticeKind, number>;
  files: NoticeFile[];
  filesOmitted: number;
  troubles: NoticeTrouble[];
  alerts: NoticeAlert[];
  alertsOmitted: number;
}

export function emptyGroup(time: string): NoticeGroup {
  const counts = {
    ...{ failed: 0, diverted: 0, set_aside: 0, parked: 0, resumed: 0 },
    ...{ unexpected: 0, alarm: 0 },
  };
  return {
    ...{ from: time, to: time, counts, files: [], filesOmitted: 0, troubles: [] },
    ...{ alerts: [], alertsOmitted: 0 },
  };
}

export function addFile(
  group: NoticeGroup,
  verdict: NoticeFile['verdict'],
  code: ErrorCode,
  fields: EventFields,
): void {
  group.counts[verdict]++;
  if (group.files.length >= FILES_MAX) {
    group.filesOmitted++;
    return;
  }
  const { file, dataset, loadId, bytes, rowsRead, rowsRejected, rule, report } = fields;
  group.files.push({
    ...{ time: group.to, verdict, file: file ?? null, dataset: dataset ?? null },
    ...{ loadId: loadId ?? null, bytes: bytes ?? null },
    ...{ rowsRead: rowsRead ?? null, rowsRejected: rowsRejected ?? null },
    ...{ code, rule: rule ?? null, report: report ?? null },
  });
}

/** Takes in the counts of a notice that could not be delivered, and nothing else of it: what it said may be why. */
export function addCounts(group: NoticeGroup, undelivered: NoticeGroup): void {
  for (const kind of noticeKinds) group.counts[kind] += undelivered.counts[kind];
  group.filesOmitted += undelivered.files.length + undelivered.filesOmitted;
  group.alertsOmitted += undelivered.alerts.length + undelivered.alertsOmitted;
  group.from = undelivered.from;
}

/** Trouble that has begun, or is over; a notice has one entry for what comes and goes. */
export function addTrouble(
  group: NoticeGroup,
  event: 'parked' | 'resumed',
  { code, dataset, since }: Pick<NoticeTrouble, 'code' | 'dataset' | 'since'>,
): void {
  group.counts[event]++;
  const until = event === 'resumed' ? group.to : null;
  const known = group.troubles.find((one) => one.code === code && one.dataset === dataset);
  if (known !== undefined) known.until = until;
  else if (group.troubles.length < TROUBLES_MAX) {
    const { summary, hint } = catalogue[code];
    group.troubles.push({ code, dataset, since, until, summary, hint });
  }
}

/** A file that is not as expected, or did not come. */
export function addAlert(
  group: NoticeGroup,
  kind: NoticeAlert['kind'],
  { dataset, file, loadId, reason, hint }: EventFields,
): void {
  group.counts[kind]++;
  if (group.alerts.length >= FILES_MAX) {
    group.alertsOmitted++;
    return;
  }
  group.alerts.push({
    ...{ time: group.to, kind, dataset: dataset ?? null, file: file ?? null },
    ...{ loadId: loadId ?? null, reason: reason?.slice(0, REASON_MAX) ?? null, hint: hint ?? null },
  });
}
