import { mkdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { writeFileDurably } from '../core/durable-file.ts';
import { type LoadIdentity, type RowCounts, shortLoadId } from '../core/load.ts';
import { exists } from '../core/exists.ts';
import { moveFile } from '../core/move-file.ts';
import type { Problem } from '../core/problem.ts';
import { systemCode } from '../core/environment-error.ts';
import { version } from '../core/version.ts';

/** The catalogue's codes of errors that are the sender's. */
export type FailureCode = 'content_invalid' | 'rows_refused';

/** Why a file failed, as the sender reads it next to the file. */
export interface FailureReport extends LoadIdentity, RowCounts {
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
 * that no file is ever there without one. A different file of the same name that failed before is not overwritten: the
 * newcomer gets its load id into the name. Returns the path of the file.
 */
export async function putWithReport(
  source: string,
  failedFolder: string,
  report: FailureReport,
): Promise<string> {
  await mkdir(failedFolder, { recursive: true });
  const path = join(failedFolder, await freeName(failedFolder, report));
  await writeFileDurably(reportPath(path), `${JSON.stringify(report, null, 2)}\n`);
  await moveFile(source, path);
  return path;
}

export function reportPath(path: string): string {
  return `${path}.report.json`;
}

async function freeName(failedFolder: string, report: FailureReport): Promise<string> {
  const { file, loadId, sha256 } = report;
  const path = join(failedFolder, file);
  const before = await sha256In(reportPath(path));
  if (before === sha256 || (before === null && !(await exists(path)))) return file;
  const extension = extname(file);
  return `${basename(file, extension)}-${shortLoadId(loadId)}${extension}`;
}

/** The content that a report is about; null where there is no readable report. */
async function sha256In(path: string): Promise<string | null> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    const isReport = typeof value === 'object' && value !== null && 'sha256' in value;
    return isReport ? String(value.sha256) : null;
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}
