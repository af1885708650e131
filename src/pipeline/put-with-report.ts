import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, mkdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fullExtension } from '../core/container-name.ts';
import { syncFolder, syncPath, writeFileDurably } from '../core/durable-file.ts';
import { systemCode } from '../core/environment-error.ts';
import { exists } from '../core/exists.ts';
import { fitName, NAME_BYTES_MAX } from '../core/file-name.ts';
import { type LoadIdentity, shortLoadId } from '../core/load.ts';
import { moveFile } from '../core/move-file.ts';
import { rejectFileName, sourceOfRejects } from '../core/reject-name.ts';
import { failurePage } from './failure-page.ts';
import type { FailureReport } from './failure-report.ts';
import { pageAt, pagePath, reportPath, SUFFIX_BYTES } from './report-files.ts';

/**
 * Puts a failed file, byte for byte as it was, into the failed folder with its report beside it, once for programs and once
 * as a page for people. The reports first, so that no file is ever there without them. Whatever else has its name there, such as a file that is just being repaired,
 * is not overwritten: the newcomer gets its load id into the name. Returns the path of the file. `beforeMove` is told of it when the
 * reports are there and the file is not yet.
 */
export async function putWithReport(
  source: string,
  failedFolder: string,
  report: FailureReport,
  beforeMove: (path: string) => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  await mkdir(failedFolder, { recursive: true });
  const path = await pathFor(report, failedFolder);
  await writeReports(path, report, basename(path));
  await beforeMove(path);
  await moveFile(source, path);
  return path;
}

/**
 * Puts the reject file of a source that was loaded without these rows into the failed folder, with the report on that source,
 * under names made from the source's; of a source that is a reject file itself, from those of the first. Returns the path of
 * the reject file, and that which the source would have there, whose the reports are.
 */
export async function putRejects(
  rejects: string,
  failedFolder: string,
  report: FailureReport,
): Promise<{ rejects: string; source: string }> {
  await mkdir(failedFolder, { recursive: true });
  const source = await pathFor(report, failedFolder);
  const to = rejectPath(source);
  // By an attempt that failed in its last step, in which it is made to last.
  const isMoved = !(await exists(rejects)) && (await exists(to));
  if (!isMoved) await syncPath(rejects);
  await writeReports(source, { ...report, rejects: basename(to) }, basename(to));
  if (isMoved) await syncFolder(failedFolder);
  else await moveFile(rejects, to);
  return { rejects: to, source };
}

/** The reject file of a load that lies in the failed folder, with its report; null where nobody has put it there, or it was taken. */
export async function findRejects(
  failedFolder: string,
  { loadId, file }: LoadIdentity,
): Promise<{ report: FailureReport; rejects: string; source: string } | null> {
  for (let attempt = 0; ; attempt++) {
    const name = nameFor({ loadId, file, verdict: 'diverted' }, attempt);
    const source = join(failedFolder, name);
    const there = await loadIdIn(reportPath(source));
    const rejects = rejectPath(source);
    if (there === loadId && (await exists(rejects))) {
      const report = JSON.parse(await readFile(reportPath(source), 'utf8')) as FailureReport;
      if (report.verdict === 'diverted') return { report, rejects, source };
    }
    // The first names may be free again: those who had them have been repaired.
    if (there === 'none' && attempt >= NAMES_BEFORE) return null;
  }
}

/** So many names come before those with a number. */
const NAMES_BEFORE = 2;

/** `name`: of the file beside the reports that is to be repaired. */
async function writeReports(path: string, report: FailureReport, name: string): Promise<void> {
  await writeFileDurably(reportPath(path), `${JSON.stringify(report, null, 2)}\n`);
  await writeFileDurably(pagePath(path), failurePage(report, name));
}

/** The first name under which nothing would be overwritten but this file itself, from an earlier failure. */
async function pathFor(report: FailureReport, failedFolder: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const path = join(failedFolder, nameFor(report, attempt));
    if (await isFree(path, report)) return path;
  }
}

/** `a.csv`, then `a-<loadId8>.csv`, then `a-<loadId8>-2.csv` and on; `a-2.csv` and on where there is no load id. */
function nameFor(
  report: Pick<FailureReport, 'loadId' | 'verdict' | 'file'>,
  attempt: number,
): string {
  const { loadId, verdict } = report;
  const file = (verdict === 'diverted' ? sourceOfRejects(report.file) : null) ?? report.file;
  if (attempt === 0) return file;
  const extension = fullExtension(file);
  const id = loadId === null ? [] : [shortLoadId(loadId)];
  const number = attempt === 1 && loadId !== null ? [] : [loadId === null ? attempt + 1 : attempt];
  const mark = [...id, ...number].join('-');
  // Room for the report's name too: if that were cut, it would lose the mark and be another's.
  const bytesMax = NAME_BYTES_MAX - SUFFIX_BYTES;
  return fitName(basename(file, extension), `-${mark}${extension}`, bytesMax);
}

async function isFree(path: string, report: FailureReport): Promise<boolean> {
  const there = await loadIdIn(reportPath(path));
  // A report on another load is kept even where no file is beside it: that one may be on its way. What is no report is a
  // file that failed under a name like one.
  if (there !== 'none' && there !== String(report.loadId)) return false;
  if (!(await isPageFree(pagePath(path))) || (await stateOf(path, report)) === 'other')
    return false;
  // One without a report may be under repair.
  return report.verdict === 'failed' || there !== 'none' || !(await exists(rejectPath(path)));
}

function rejectPath(path: string): string {
  return join(dirname(path), rejectFileName(basename(path)));
}

/**
 * Whether a page may be written here. Pages are the report's shadow: where that is free, an older page is of a report that is
 * gone. But a page may itself have been dropped and failed; then it has a report of its own.
 */
async function isPageFree(path: string): Promise<boolean> {
  const there = await pageAt(path);
  return there === 'none' || (there === 'page' && !(await exists(reportPath(path))));
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
