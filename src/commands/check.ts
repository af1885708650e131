import { access, constants, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Config } from '../config/config.ts';
import { asHopperError, systemCode } from '../core/environment-error.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { datasetRoute } from '../intake/dataset-route.ts';
import { checkDatabase } from '../load/database-check.ts';
import type { ConversionResult } from '../pipeline/conversion.ts';
import { WorkerPool } from '../pipeline/worker-pool.ts';
import { type CommonOptions, DONE, FILE_FAILED, openConfig, print, USAGE } from './command.ts';
import { showProgress } from './progress-line.ts';

/** How many problems of a file are printed. */
const PROBLEMS_SHOWN = 20;

/**
 * `csv-hopper check [file...]`: without files, whether configuration, schemas, folders and database are fit for work;
 * with files, the verdict that the daemon would give on each. Writes nothing.
 */
export async function check(files: string[], options: CommonOptions): Promise<number> {
  const config = openConfig(options);
  return files.length === 0 ? checkInstallation(config) : checkFiles(config, files);
}

interface Finding {
  level: 'ok' | 'warning' | 'error';
  message: string;
  hint: string;
}

async function checkInstallation(config: Config): Promise<number> {
  const findings: Finding[] = [
    { level: 'ok', message: `Configuration ${config.file} is valid.`, hint: '' },
    ...config.datasets.map(({ name, columns, table }): Finding => ({
      level: 'ok',
      message: `Dataset ${name}: ${columns.length} columns, table ${table.name}.`,
      hint: '',
    })),
  ];
  const { input, output, failed, archive, logs } = config.folders;
  for (const folder of [input, output, failed, archive, logs]) {
    if (folder !== null) findings.push(await checkFolder(folder));
  }
  if (config.database === null) {
    findings.push({ level: 'ok', message: 'No database is configured, none is needed.', hint: '' });
  } else findings.push(...(await checkDatabase(config.database, config.datasets)));
  for (const { level, message, hint } of findings) {
    print(`${level.padEnd(7)}  ${message}${hint === '' ? '' : `\n         ${hint}`}`);
  }
  return findings.some(({ level }) => level === 'error') ? USAGE : DONE;
}

/** A folder that is missing is made at start, so then its nearest parent must be writable. */
async function checkFolder(folder: string): Promise<Finding> {
  try {
    const stats = await stat(folder);
    if (!stats.isDirectory()) {
      const hint = 'Move the file away, or name another folder.';
      return { level: 'error', message: `${folder} is not a folder.`, hint };
    }
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return { level: 'ok', message: `Folder ${folder} can be used.`, hint: '' };
  } catch (error) {
    if (systemCode(error) === 'ENOENT' && dirname(folder) !== folder) {
      const parent = await checkFolder(dirname(folder));
      if (parent.level !== 'ok') return parent;
      return { level: 'ok', message: `Folder ${folder} will be made at start.`, hint: '' };
    }
    const { hint } = new HopperError('folder_unusable');
    const message = `Folder ${folder} cannot be used: ${systemCode(error) ?? String(error)}.`;
    return { level: 'error', message, hint };
  }
}

async function checkFiles(config: Config, files: string[]): Promise<number> {
  const { codec, rowGroupRows } = config.parquet;
  const { lineBytesMax, problemsMax, workers: size } = config.convert;
  const workers = new WorkerPool(Math.min(size, files.length), {
    datasets: config.datasets,
    conversion: { codec, rowGroupRows, lineBytesMax, problemsMax },
  });
  // Duplicate rows are told apart with a load file, which is nobody's concern here.
  const scratch = await mkdtemp(join(tmpdir(), 'csv-hopper-check-'));
  let current = '';
  const endProgress = showProgress((seconds) => `checking ${current}, ${seconds} s`);
  let verdict = DONE;
  try {
    for (const file of files) {
      current = file;
      if (!(await checkFile(file, config, workers, join(scratch, 'rows')))) verdict = FILE_FAILED;
    }
  } finally {
    endProgress();
    await workers.close();
    await rm(scratch, { recursive: true, force: true });
  }
  return verdict;
}

/** Prints the verdict on a file; false where it would fail. */
async function checkFile(
  file: string,
  config: Config,
  workers: WorkerPool,
  loadFile: string,
): Promise<boolean> {
  const dataset = datasetRoute(config.datasets)(basename(file));
  if (dataset === null) {
    print(`FAILED  ${file}: no dataset takes this name.`);
    return false;
  }
  try {
    if (!(await stat(file)).isFile()) {
      throw new HopperError('source_unreadable', { message: `${file} is not a regular file.` });
    }
    const state = await workers.identify(file);
    const outputs = { parquet: null, loadFile, metadata: {} };
    const result = await workers.convert(file, state, dataset.name, outputs);
    print(describe(file, dataset.name, result));
    return result.problemsTotal === 0;
  } catch (error) {
    const { message, hint } = asHopperError(error);
    print(`FAILED  ${file}: ${message}\n        ${hint}`);
    return false;
  }
}

function describe(file: string, dataset: string, result: ConversionResult): string {
  const { counts, delimiter, problems, problemsTotal } = result;
  if (problemsTotal === 0) {
    return `OK      ${file}: ${counts.rowsRead} rows for ${dataset}, delimiter ${String(delimiter)}, ${counts.rowsAccepted} accepted, ${counts.rowsDroppedNull} dropped with nulls, ${counts.rowsDroppedDuplicate} dropped as duplicates.`;
  }
  const shown = problems.slice(0, PROBLEMS_SHOWN);
  const lines = shown.map(({ line, message, hint }) => {
    return `        ${line === 0 ? '' : `line ${line}: `}${message} ${hint}`;
  });
  const more = problemsTotal - shown.length;
  if (more > 0) lines.push(`        and ${more} more`);
  const count = problemsTotal === 1 ? '1 problem' : `${problemsTotal} problems`;
  return [`FAILED  ${file}: ${count} (dataset ${dataset})`, ...lines].join('\n');
}
