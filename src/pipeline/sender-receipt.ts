import { createHash } from 'node:crypto';
import { relative, sep } from 'node:path';
import { fitName, NAME_BYTES_MAX } from '../core/file-name.ts';
import { counted } from '../core/counted.ts';
import { groupedDigits } from '../core/grouped-digits.ts';
import { type LoadIdentity, type RowCounts, shortLoadId } from '../core/load.ts';
import type { Problem } from '../core/problem.ts';
import { version } from '../core/version.ts';
import { catalogue } from '../errors/catalogue.ts';
import type { Diverted } from './divert.ts';
import type { FailureCode, FailureReport, ReportValues } from './failure-report.ts';
import { pagePath, reportPath } from './report-files.ts';

/** A receipt is for a look at it; all problems are in the report. */
const PROBLEMS_MAX = 10;

const SUFFIX = '.json';

/** How many bytes `-<loadId8>` and the suffix take, which follow the name of an earlier receipt. */
const MARK_BYTES = 9;

export type Verdict = 'loaded' | 'diverted' | 'skipped' | 'failed' | 'set_aside' | 'undone';

/** What a sender finds of a file: where it ended, and why. Each receipt has every key. */
export interface SenderReceipt {
  file: string;
  verdict: Verdict;
  /** ISO 8601, UTC. */
  time: string;
  /** One sentence for a person. */
  reason: string;
  hint: string;
  dataset: string;
  /** Null where the file could not be read to its end; so is `sha256`. */
  loadId: string | null;
  sha256: string | null;
  bytes: number;
  /** Null where its rows were not looked at. */
  rows: RowCounts | null;
  /** Of a skipped file: the load that it repeats. */
  repeats: string | null;
  /** Of a failed or diverted one: the code of docs/ERRORS.md. */
  code: FailureCode | null;
  /** Of a failed or diverted one: paths of the report and the page, from the folder of the receipts. */
  report: string | null;
  page: string | null;
  /** Of a diverted one: path of the file with the rows that were not loaded. */
  rejects: string | null;
  problemsTotal: number;
  /** The first of them. */
  problems: Problem[];
  /** Whether `problems` holds values of the file, see `report.values` in the configuration. */
  values: ReportValues | null;
  version: string;
}

/** Of a file whose rows are where they belong. */
export function loadedReceipt(identity: LoadIdentity, rows: RowCounts): SenderReceipt {
  return { ...receipt(identity, 'loaded', countsInWords(rows), 'Nothing to do.'), rows };
}

/** Of a file that is loaded but for the rows in a reject file. */
export function divertedReceipt(
  identity: LoadIdentity,
  rows: RowCounts,
  { report, rejects, source }: Diverted,
  receiptsFolder: string,
): SenderReceipt {
  const hint = 'Repair the rows in the reject file and drop it; the others are loaded.';
  return {
    ...receipt(identity, 'diverted', `${countsInWords(rows)} ${report.reason}`, hint),
    ...{ rows, rejects: wayTo(rejects, receiptsFolder) },
    ...findings(report, source, receiptsFolder),
  };
}

/** Of a file that is loaded already. */
export function skippedReceipt(identity: LoadIdentity): SenderReceipt {
  const reason = 'The same name with the same content was loaded before.';
  const hint = 'Nothing to do. To load it twice on purpose, drop it under another name.';
  return { ...receipt(identity, 'skipped', reason, hint), repeats: identity.loadId };
}

/** Of a file that lies at `path` in the failed folder, with its report. */
export function failedReceipt(
  report: FailureReport,
  path: string,
  receiptsFolder: string,
): SenderReceipt {
  const { code, time, reason } = report;
  const { rowsRead, rowsAccepted, rowsRejected, rowsDroppedNull, rowsDroppedDuplicate } = report;
  const rows = { rowsRead, rowsAccepted, rowsRejected, rowsDroppedNull, rowsDroppedDuplicate };
  const isSetAside = code === 'set_aside';
  return {
    ...receipt(report, isSetAside ? 'set_aside' : 'failed', reason, catalogue[code].hint),
    ...{ time, rows: isSetAside ? null : rows },
    ...findings(report, path, receiptsFolder),
  };
}

/** What is wrong, and where more of it is told: in the reports that lie beside `path`. */
function findings(
  { code, problems, problemsTotal, values }: FailureReport,
  path: string,
  receiptsFolder: string,
): Pick<SenderReceipt, 'code' | 'report' | 'page' | 'problemsTotal' | 'problems' | 'values'> {
  return {
    code,
    report: wayTo(reportPath(path), receiptsFolder),
    page: wayTo(pagePath(path), receiptsFolder),
    ...{ problemsTotal, problems: problems.slice(0, PROBLEMS_MAX), values },
  };
}

function wayTo(path: string, receiptsFolder: string): string {
  return relative(receiptsFolder, path).replaceAll(sep, '/');
}

/** Of a load that was taken back. */
export function undoneReceipt(identity: LoadIdentity): SenderReceipt {
  const reason = 'It had been loaded, and the load was taken back by an operator.';
  const hint = 'Nothing of it is loaded now. Dropped again, it is loaded again.';
  return receipt(identity, 'undone', reason, hint);
}

/** One with all keys, in the order in which people read them. */
function receipt(
  identity: Pick<FailureReport, 'file' | 'dataset' | 'loadId' | 'sha256' | 'bytes'>,
  verdict: Verdict,
  reason: string,
  hint: string,
): SenderReceipt {
  const { file, dataset, loadId, sha256, bytes } = identity;
  return {
    ...{ file, verdict, time: new Date().toISOString(), reason, hint },
    ...{ dataset, loadId, sha256, bytes, rows: null, repeats: null },
    ...{ code: null, report: null, page: null, rejects: null },
    ...{ problemsTotal: 0, problems: [], values: null, version },
  };
}

function countsInWords(rows: RowCounts): string {
  const words = [
    [rows.rowsRejected, 'rejected'],
    [rows.rowsDroppedNull, 'dropped because of a missing value'],
    [
      rows.rowsDroppedDuplicate,
      rows.rowsDroppedDuplicate === 1
        ? 'dropped because it repeats another'
        : 'dropped because they repeat another',
    ],
  ] as const;
  const others = words.filter(([count]) => count > 0);
  const said = others.map(([count, what]) => `, ${groupedDigits(count)} ${what}`);
  return `Of ${counted(rows.rowsRead, 'row')} ${groupedDigits(rows.rowsAccepted)} ${rows.rowsAccepted === 1 ? 'is' : 'are'} loaded${said.join('')}.`;
}

/**
 * Name of a file's newest receipt: `a.csv.json`. A name that leaves no room for what follows is cut, and has a part of its hash at the
 * end, so that no two files have one receipt.
 */
export function receiptName(file: string): string {
  return `${stem(file)}${SUFFIX}`;
}

/** Name of a receipt that a newer one has taken the place of: `a.csv-<loadId8>.json`. */
export function earlierName(file: string, loadId: string | null): string {
  return `${stem(file)}-${loadId === null ? 'not-read' : shortLoadId(loadId)}${SUFFIX}`;
}

function stem(file: string): string {
  const bytesMax = NAME_BYTES_MAX - SUFFIX.length - MARK_BYTES;
  if (Buffer.byteLength(file) <= bytesMax) return file;
  const hash = createHash('sha256').update(file).digest('hex').slice(0, 16);
  return fitName(file, `-${hash}`, bytesMax);
}
