import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, mkdir, readFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { writeFileDurably } from '../core/durable-file.ts';
import { fitName, NAME_BYTES_MAX } from '../core/file-name.ts';
import { type LoadIdentity, type RowCounts, shortLoadId } from '../core/load.ts';
import { moveFile } from '../core/move-file.ts';
import type { Problem } from '../core/problem.ts';
import { systemCode } from '../core/environment-error.ts';
import { version } from '../core/version.ts';

const REPORT_SUFFIX = '.report.json';

/** The catalogue's codes of errors that bring a file into the failed folder. */
export type FailureCode = 'content_invalid' | 'rows_refused' | 'set_aside';

/** Why a file failed, as the sender reads it next to the file. */
export interface FailureReport extends Omit<LoadIdentity, 'loadId' | 'sha256'>, RowCounts {
  /** Null where the file could not be read to its end. */
  loadId: string | null;
  sha256: string | null;
  verdict: 'failed';
  code: FailureCode;
  /** ISO 8601, UTC. */
  time: string;
  /** One sentence for a person. */
  reason: string;
  /** How the header was read; null where it was not. */
  delimiter: string | null;
  /** All problems that were found; `problems` holds the first `problemsShown` of them. */
  problemsTotal: number;
  problemsShown: number;
  /** A report shows no more problems than this. */
  problemsMax: number;
  problems: Problem[];
  version: string;
}

export type FailureFindings = Omit<
  FailureReport,
  'verdict' | 'time' | 'reason' | 'problemsShown' | 'version'
>;

export function failureReport(findings: FailureFindings, time: Date): FailureReport {
  return {
    verdict: 'failed',
    time: time.toISOString(),
    reason: summary(findings.problems, findings.problemsTotal),
    problemsShown: findings.problems.length,
    version,
    ...findings,
  };
}

/** What is wrong, in one line and without a cell value, so that it may stand in a log. */
export function summary(problems: readonly Problem[], total: number): string {
  const [first] = problems;
  if (first === undefined) return 'The file was refused.';
  // Where the header fits nothing at all, what is read as column names may be cells.
  const message =
    first.rule === 'header_delimiter' ? 'The header does not match the schema.' : first.message;
  const where = first.line === 0 ? '' : `line ${first.line}: `;
  const more = total === 1 ? '' : ` (and ${total - 1} more)`;
  return `${where}${message}${more}`;
}

/**
 * Puts a failed file, byte for byte as it was, into the failed folder with its report beside it. The report first, so
 * that no file is ever there without one. Whatever else has its name there, such as a file that is just being repaired,
 * is not overwritten: the newcomer gets its load id into the name. Returns the path of the file.
 */
export async function putWithReport(
  source: string,
  failedFolder: string,
  report: FailureReport,
): Promise<string> {
  await mkdir(failedFolder, { recursive: true });
  const path = await pathFor(report, failedFolder);
  await writeFileDurably(reportPath(path), `${JSON.stringify(report, null, 2)}\n`);
  await moveFile(source, path);
  return path;
}

/** Where the report on a failed file lies: beside it, under its name, cut where that leaves no room. */
export function reportPath(path: string): string {
  return join(dirname(path), fitName(basename(path), REPORT_SUFFIX));
}

/** The first name under which nothing would be overwritten but this file itself, from an earlier failure. */
async function pathFor(report: FailureReport, failedFolder: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const path = join(failedFolder, nameFor(report, attempt));
    if (await isFree(path, report)) return path;
  }
}

/** `a.csv`, then `a-<loadId8>.csv`, then `a-<loadId8>-2.csv` and on; `a-2.csv` and on where there is no load id. */
function nameFor({ file, loadId }: FailureReport, attempt: number): string {
  if (attempt === 0) return file;
  const extension = extname(file);
  const id = loadId === null ? [] : [shortLoadId(loadId)];
  const number = attempt === 1 && loadId !== null ? [] : [loadId === null ? attempt + 1 : attempt];
  const mark = [...id, ...number].join('-');
  // Room for the report's name too: if that were cut, it would lose the mark and be another's.
  const bytesMax = NAME_BYTES_MAX - REPORT_SUFFIX.length;
  return fitName(basename(file, extension), `-${mark}${extension}`, bytesMax);
}

async function isFree(path: string, report: FailureReport): Promise<boolean> {
  const there = await loadIdIn(reportPath(path));
  // A report on another load is kept even where no file is beside it: that one may be on its way. What is no report is a
  // file that failed under a name like one.
  if (there !== 'none' && there !== String(report.loadId)) return false;
  return (await stateOf(path, report)) !== 'other';
}

/** What lies at a path, compared with the content that failed. */
async function stateOf(path: string, report: FailureReport): Promise<'none' | 'same' | 'other'> {
  try {
    const stats = await lstat(path);
    // One that could not be read is not read here either.
    if (!stats.isFile() || stats.size !== report.bytes || report.sha256 === null) return 'other';
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    return hash.digest('hex') === report.sha256 ? 'same' : 'other';
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'none';
    throw error;
  }
}

/** The load that a report is about; `none` where there is nothing, and empty where what is there is no report. */
async function loadIdIn(path: string): Promise<string> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    const isReport = typeof value === 'object' && value !== null && 'loadId' in value;
    return isReport ? String(value.loadId) : '';
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'none';
    if (error instanceof SyntaxError) return '';
    throw error;
  }
}
