import { counted } from '../core/counted.ts';
import { refuseNewerState } from '../core/state-format.ts';
import { stateFolders } from '../daemon/processing-folder.ts';
import { readStatus, type Status } from '../daemon/read-status.ts';
import { type CommonOptions, DONE, openConfig, print } from './command.ts';
import { showProgress } from './progress-line.ts';

/** How many files of a kind are listed; the rest is counted. */
const SHOWN = 10;

export interface StatusOptions extends CommonOptions {
  json?: boolean;
}

/** `csv-hopper status [--json]`: waiting, running, parked, failed, last loads. */
export async function status(options: StatusOptions): Promise<number> {
  const config = openConfig(options);
  await refuseNewerState(stateFolders(config));
  const progress = showProgress((seconds) => `looking, ${seconds} s`);
  const found = await readStatus(config).finally(progress.end);
  print(...(options.json === true ? json(found) : describe(found)));
  return DONE;
}

/** JSON leaves some characters that steer a terminal as they are; escaped, they are the same to who parses it. */
function json(found: Status): string[] {
  const escape = (text: string): string =>
    Array.from({ length: text.length }, (_, i) => text.charCodeAt(i).toString(16).padStart(4, '0'))
      .map((digits) => `\\u${digits}`)
      .join('');
  const lines = JSON.stringify(found, null, 2).split('\n');
  return lines.map((line) => line.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escape));
}

function describe({
  daemon,
  waiting,
  running,
  parked,
  failed,
  overdue,
  lastLoads,
}: Status): string[] {
  const leftOver = daemon === null && running.length > 0;
  return [
    daemon === null
      ? 'not running'
      : `running as process ${daemon.pid} since ${toSeconds(daemon.startedAt)}`,
    ...section('waiting', waiting, ({ file, bytes }) => `${file}  ${counted(bytes, 'byte')}`),
    ...section('running', running, ({ file }) => {
      return leftOver ? `${file}  interrupted; the next start goes on with it` : file;
    }),
    ...section('parked', parked, ({ file, since, reason, hint }) => {
      return `${file}  since ${toSeconds(since)}: ${reason} -> ${hint}`;
    }),
    ...section('failed', failed, ({ file, reason }) => `${file}  ${reason ?? 'without a report'}`),
    // Most datasets expect no file at a time, and need not read of it.
    ...(overdue.length === 0
      ? []
      : section('overdue', overdue, ({ dataset, due, lastFile }) => {
          const last = lastFile === null ? 'no file yet' : `last file ${toSeconds(lastFile)}`;
          return `${dataset}  due ${toSeconds(due)}, ${last}`;
        })),
    ...section('last loads', lastLoads, ({ time, loadId, file, rowsAccepted, table, warnings }) => {
      const where = table === null ? 'Parquet only' : `into ${table}`;
      const unexpected = (warnings ?? [])
        .map((warning) => `  not as expected: ${warning}`)
        .join('');
      return `${toSeconds(time)}  ${loadId.slice(0, 8)}  ${file}  ${counted(rowsAccepted, 'row')}  ${where}${unexpected}`;
    }),
  ];
}

function section<T>(title: string, items: readonly T[], line: (item: T) => string): string[] {
  const lines = items.slice(0, SHOWN).map((item) => `  ${line(item)}`);
  if (items.length > SHOWN) lines.push(`  and ${items.length - SHOWN} more`);
  return [`${title}: ${items.length}`, ...lines];
}

/** ISO 8601 to the second, still in UTC. */
function toSeconds(iso: string): string {
  return `${iso.slice(0, 19)}Z`;
}
