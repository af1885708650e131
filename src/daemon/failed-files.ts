import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { writeFileDurably } from '../core/durable-file.ts';
import { environmentError, systemCode } from '../core/environment-error.ts';
import { lstatIfThere } from '../core/brief-calls.ts';
import { moveWithoutOverwriting } from '../core/move-file.ts';
import { rejectFileName, sourceOfRejects } from '../core/reject-name.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { datasetRoute } from '../intake/dataset-route.ts';
import { isTemporaryName } from '../intake/ignored-name.ts';
import { compareNaturally } from '../intake/natural-order.ts';
import type { Receipt } from '../pipeline/receipt-book.ts';
import { pageAt, pagePath, reportPath, withoutReports } from '../pipeline/report-files.ts';
import { laterLoad } from './later-load.ts';

/** Names of the files in the failed folder that may be dropped again, in natural order; none where there is no folder. */
export async function listFailed(failedFolder: string): Promise<string[]> {
  try {
    const entries = await readdir(failedFolder, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    return withoutReports(names)
      .filter((name) => !isTemporaryName(name))
      .sort(compareNaturally);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** The same in the order in which they failed, as far as their reports tell: where the later one wins, it has to come later. */
export async function listToRetry(failedFolder: string): Promise<string[]> {
  const found: { name: string; time: string }[] = [];
  for (const name of await listFailed(failedFolder)) {
    const report = await readReport(reportPath(await reportedPath(join(failedFolder, name))));
    found.push({ name, time: report?.time ?? '' });
  }
  found.sort((a, b) => (a.time === b.time ? 0 : a.time < b.time ? -1 : 1));
  return found.map(({ name }) => name);
}

/** A file that is back in the input folder. */
export interface Retried {
  /** Its name there. */
  name: string;
  /** The last load whose rows it will change though it is older; see laterLoad. */
  overtakes: Receipt | null;
}

/**
 * Puts a failed file, repaired or not, back into the input folder under the name that it came with, and takes its report
 * and page away. In: its name in the failed folder, or a path into that folder; `overtaking`: whether also one that would put
 * its values over newer ones. Throws usage_invalid, and environment errors, with everything as it was.
 */
export async function retryFailed(
  config: Config,
  file: string,
  overtaking: boolean,
): Promise<Retried> {
  const { failed, input } = config.folders;
  const path = await failedPath(failed, file);
  const reported = await reportedPath(path);
  const report = await readReport(reportPath(reported));
  const page = await readPage(pagePath(reported));
  const name = nameToDrop(path, report, config);
  const overtakes = report === null ? null : await laterLoad(config, name, report);
  if (overtakes !== null && !overtaking) throw overtaken(basename(path), overtakes);
  const to = join(input, name);
  try {
    // The reports first: when the file fails again at once, those that are there then are new ones.
    if (page !== null) await rm(page.path);
    if (report !== null) await rm(report.path);
    if (await moveWithoutOverwriting(path, to)) return { name, overtakes };
  } catch (error) {
    await putBack(report, page);
    throw environmentError(error, `${path} cannot be moved to ${input}`, 'io_failed', { file });
  }
  await putBack(report, page);
  throw new HopperError('usage_invalid', {
    message: `The input folder has another file of the name ${name}; ${basename(path)} stays where it is.`,
    hint: 'Try again when that one has been taken.',
  });
}

function overtaken(file: string, { file: later, loadId, time }: Receipt): HopperError {
  return new HopperError('usage_invalid', {
    message: `${file} stays where it is: ${later}, load ${loadId}, has been loaded since it failed (${time}), and the older values would come over those.`,
    hint: `Where they are wanted all the same, name it: csv-hopper retry ${file}. Else delete it with its reports.`,
  });
}

async function failedPath(failedFolder: string, file: string): Promise<string> {
  const named = file === basename(file) ? join(failedFolder, file) : resolve(file);
  const isThere = (await lstatIfThere(named))?.isFile() === true;
  if (isThere && resolve(dirname(named)) === resolve(failedFolder)) return named;
  throw new HopperError('usage_invalid', {
    message: `There is no failed file ${file} in ${failedFolder}.`,
    hint: 'csv-hopper status lists those that there are.',
  });
}

/** The path under which the report on a failed file is named: of a reject file that of its source, unless it failed itself. */
async function reportedPath(path: string): Promise<string> {
  const source = sourceOfRejects(basename(path));
  if (source === null || (await readReport(reportPath(path))) !== null) return path;
  const sourcePath = join(dirname(path), source);
  const report = await readReport(reportPath(sourcePath));
  return report?.rejects === basename(path) ? sourcePath : path;
}

/** Throws usage_invalid where no dataset takes the file. */
function nameToDrop(path: string, report: FoundReport | null, { datasets }: Config): string {
  const there = basename(path);
  const route = datasetRoute(datasets);
  const dropped = report?.rejects === null ? report.file : undefined;
  // A reject file may have the load id in its name, by which it is linked to its load.
  const rejects = report === null || route(there) !== null ? there : rejectFileName(report.file);
  const name = dropped ?? rejects;
  if (route(name) !== null) return name;
  throw new HopperError('usage_invalid', {
    message: `No dataset takes ${name} any more.`,
    hint: `Its name must match one of: ${datasets.map(({ match }) => match).join(', ')}.`,
  });
}

interface FoundFile {
  path: string;
  text: string;
}

interface FoundReport extends FoundFile {
  /** The name of the file when it was dropped. */
  file: string;
  /** Name of the reject file beside it, if the report is on diverted rows. */
  rejects: string | null;
  /** The load that it is about, and when it was written; empty where it does not say. */
  loadId: string | null;
  time: string;
}

/** Null where there is none, or what is there is no report: it stays. */
async function readReport(path: string): Promise<FoundReport | null> {
  try {
    const text = await readFile(path, 'utf8');
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('file' in value)) return null;
    // A name that would lead out of the input folder is none.
    const { file } = value;
    if (typeof file !== 'string' || file !== basename(file)) return null;
    const textOf = (key: string): string | null => {
      const found = (value as Record<string, unknown>)[key];
      return typeof found === 'string' ? found : null;
    };
    const [rejects, loadId] = [textOf('rejects'), textOf('loadId')];
    return { path, text, file, rejects, loadId, time: textOf('time') ?? '' };
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Null where there is none, or what is there is no page of ours: it stays. */
async function readPage(path: string): Promise<FoundFile | null> {
  return (await pageAt(path)) === 'page' ? { path, text: await readFile(path, 'utf8') } : null;
}

async function putBack(...found: (FoundFile | null)[]): Promise<void> {
  for (const file of found) if (file !== null) await writeFileDurably(file.path, file.text);
}
