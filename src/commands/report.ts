import { lstat, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { counted } from '../core/counted.ts';
import type { Config } from '../config/config.ts';
import type { HistoryJson, ReportJson, SummaryJson, TableJson } from '../core/explorer-data.ts';
import { writeFileDurably } from '../core/durable-file.ts';
import { asHopperError, systemCode } from '../core/environment-error.ts';
import { refuseNewerState } from '../core/state-format.ts';
import { version } from '../core/version.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { describeFiles } from '../query/describe-files.ts';
import { ParquetDatabase } from '../query/parquet-database.ts';
import type { QueryAnswer, QueryJob } from '../query/query-job.ts';
import { runJob } from '../query/run-job.ts';
import { readQuestions } from '../query/saved-questions.ts';
import { type CommonOptions, DONE, FILE_FAILED, openConfig, print, printError } from './command.ts';
import { showProgress } from './progress-line.ts';
import { reportPage } from './report-page.ts';

export interface ReportOptions extends CommonOptions {
  dataset?: string;
  out: string;
}

/** So many rows of an answer stand in a report. */
const ROWS_MAX = 1000;

/**
 * `csv-hopper report`: what the explorer and the saved questions show, as one HTML file that asks nobody for anything. A question that
 * cannot be answered says so in the report, and is an error.
 */
export async function report(options: ReportOptions): Promise<number> {
  const config = openConfig(options);
  const wanted = wantedDatasets(config, options.dataset);
  await refuseNewerState([config.folders.output]);
  const path = await writablePath(resolve(options.out));
  const progress = showProgress((seconds) => `reading the files, ${seconds} s`);
  let found: ReportJson;
  try {
    found = await makeReport(config, wanted);
  } finally {
    progress.end();
  }
  await write(path, reportPage(found));
  for (const { question, error } of found.questions) {
    if (error !== null) printError(`csv-hopper: ${question.name}.sql: ${error}`);
  }
  const { datasets, questions } = found;
  print(
    `${path}: ${counted(datasets.length, 'dataset')}, ${counted(questions.length, 'question')}`,
  );
  return questions.some(({ error }) => error !== null) ? FILE_FAILED : DONE;
}

function wantedDatasets({ datasets }: Config, name: string | undefined): string[] {
  const names = datasets.map((dataset) => dataset.name);
  if (name === undefined) return names;
  if (names.includes(name)) return [name];
  throw new HopperError('usage_invalid', {
    message: `There is no dataset ${name}.`,
    hint: `The datasets are: ${names.join(', ')}.`,
  });
}

async function makeReport(config: Config, wanted: readonly string[]): Promise<ReportJson> {
  const { folders, datasets, data } = config;
  const settings = { outputFolder: folders.output, datasets };
  const database = await ParquetDatabase.open(settings);
  const ask = (job: QueryJob): Promise<QueryAnswer> =>
    runJob(database, settings, job, () => Promise.resolve());
  const made = new Date().toISOString();
  try {
    const described: ReportJson['datasets'] = [];
    for (const dataset of wanted) {
      const summary = await ask({ kind: 'summary', dataset });
      const history = await ask({ kind: 'history', dataset });
      described.push({
        summary: JSON.parse(summary.body) as SummaryJson,
        history: JSON.parse(history.body) as HistoryJson,
        ...(await describeFiles(folders.output, dataset)),
      });
    }
    const isAll = wanted.length === datasets.length;
    const questions = await answerQuestions(
      data.questionsFolder,
      ask,
      (read) => isAll || read.some((name) => wanted.includes(name)),
    );
    return { made, version, datasets: described, questions };
  } finally {
    database.close();
  }
}

async function answerQuestions(
  folder: string,
  ask: (job: QueryJob) => Promise<QueryAnswer>,
  isMeant: (datasets: readonly string[]) => boolean,
): Promise<ReportJson['questions']> {
  const answered: ReportJson['questions'] = [];
  for (const question of await readQuestions(folder)) {
    try {
      const { body, datasets } = await ask({ kind: 'rows', sql: question.sql, rowsMax: ROWS_MAX });
      if (!isMeant(datasets)) continue;
      answered.push({ question, answer: JSON.parse(body) as TableJson, error: null });
    } catch (error) {
      const { code, message } = asHopperError(error);
      if (code === 'defect') throw error;
      answered.push({ question, answer: null, error: message });
    }
  }
  return answered;
}

/**
 * The path that is written to: behind a symbolic link the file that it leads to, so that the link stays, as with a shell's `>`. What is no
 * regular file is refused, because the page takes the place of what was there: a FIFO would be gone, and who reads from it would wait.
 */
async function writablePath(path: string): Promise<string> {
  try {
    const behind = await realpath(path);
    if ((await stat(behind)).isFile()) return behind;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw notWritable(path, error);
    if (await isMissing(path)) return path;
  }
  throw new HopperError('usage_invalid', {
    message: `The report cannot be written to ${path}: that is no regular file.`,
    hint: 'Name a file with --out, or a new one.',
  });
}

/** False for a symbolic link that leads nowhere. */
async function isMissing(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return false;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw notWritable(path, error);
    return true;
  }
}

async function write(path: string, page: string): Promise<void> {
  try {
    await writeFileDurably(path, page);
  } catch (error) {
    throw notWritable(path, error);
  }
}

/** What to throw: whatever is not the fault of the name stays what it is. */
function notWritable(path: string, error: unknown): unknown {
  const code = systemCode(error) ?? '';
  if (!namedWrongly.has(code)) return error;
  const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
  return new HopperError('usage_invalid', {
    message: isMissing
      ? `There is no folder ${dirname(path)}.`
      : `The report cannot be written to ${path}: ${code}.`,
    hint: isMissing ? 'Make it, or name another file with --out.' : 'Name another file with --out.',
    cause: error,
  });
}

/** What is the matter with the name that was given, and with no disk. */
const namedWrongly: ReadonlySet<string> = new Set([
  ...['ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST', 'EACCES', 'EPERM', 'EROFS', 'ELOOP', 'ENAMETOOLONG'],
]);
