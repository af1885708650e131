import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Config } from '../config/config.ts';
import { asHopperError } from '../core/environment-error.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { datasetRoute } from '../intake/dataset-route.ts';
import type { ConversionResult } from '../pipeline/conversion.ts';
import { removeScratch } from '../pipeline/unique-keys.ts';
import { workerSettings } from '../pipeline/worker-job.ts';
import { WorkerPool } from '../pipeline/worker-pool.ts';
import type { Dataset } from '../schema/dataset.ts';
import { DONE, FILE_FAILED, print } from './command.ts';
import { stateOfNamed } from './named-file.ts';
import { showProgress } from './progress-line.ts';

/** How many problems of a file are printed. */
const PROBLEMS_SHOWN = 20;

/** Converts each file as the daemon would, keeps nothing of it, and prints the verdict. */
export async function checkFiles(config: Config, files: string[]): Promise<number> {
  const workers = new WorkerPool(config.convert.workers, workerSettings(config));
  // A large file needs it, and the conversion removes it; who interrupts it must not find it left.
  const scratch = join(tmpdir(), `.csv-hopper-check-${randomUUID()}`);
  const onSignal = (signal: NodeJS.Signals): void => {
    void workers.close().finally(() => {
      removeScratch(scratch);
      process.exit(signal === 'SIGINT' ? 130 : 143);
    });
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  let current = '';
  let code = DONE;
  const progress = showProgress((seconds) => `checking ${current}, ${seconds} s`);
  try {
    for (const file of files) {
      current = file;
      const { sound, lines } = await verdictOn(file, config, workers, scratch);
      if (!sound) code = FILE_FAILED;
      const [first = '', ...more] = lines;
      progress.clear();
      print(
        `${sound ? 'OK    ' : 'FAILED'}  ${file}: ${first}`,
        ...more.map((line) => `        ${line}`),
      );
    }
  } finally {
    progress.end();
    await workers.close();
    process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
  }
  return code;
}

interface Verdict {
  sound: boolean;
  lines: string[];
}

async function verdictOn(
  file: string,
  config: Config,
  workers: WorkerPool,
  scratch: string,
): Promise<Verdict> {
  try {
    const expected = await stateOfNamed(file);
    const { name } = datasetFor(file, config);
    const outputs = { parquet: null, loadFile: null, scratch, metadata: {} };
    const task = { source: file, expected, dataset: name, outputs };
    return describe(name, await workers.convert(task));
  } catch (error) {
    const { message, hint } = asHopperError(error);
    return { sound: false, lines: [message, hint] };
  }
}

function datasetFor(file: string, config: Config): Dataset {
  const dataset = datasetRoute(config.datasets)(basename(file));
  if (dataset !== null) return dataset;
  const patterns = config.datasets.map(({ match }) => match).join(', ');
  throw new HopperError('usage_invalid', {
    message: 'No dataset takes a file of this name.',
    hint: `Its name must match one of: ${patterns}.`,
  });
}

function describe(dataset: string, result: ConversionResult): Verdict {
  const { counts, delimiter, problems, problemsTotal } = result;
  if (problemsTotal === 0) {
    const dropped = counts.rowsDroppedNull + counts.rowsDroppedDuplicate;
    const said = [
      `${counts.rowsRead} ${counts.rowsRead === 1 ? 'row' : 'rows'} for ${dataset}`,
      `delimiter ${String(delimiter)}`,
      ...(dropped === 0 ? [] : [`${counts.rowsAccepted} accepted`]),
      ...(counts.rowsDroppedNull === 0 ? [] : [`${counts.rowsDroppedNull} dropped with nulls`]),
      ...(counts.rowsDroppedDuplicate === 0
        ? []
        : [`${counts.rowsDroppedDuplicate} dropped as duplicates`]),
    ];
    return { sound: true, lines: [`${said.join(', ')}.`] };
  }
  const lines = problems.slice(0, PROBLEMS_SHOWN).map(({ line, message, hint }) => {
    return `${line === 0 ? '' : `line ${line}: `}${message} ${hint}`;
  });
  const more = problemsTotal - lines.length;
  if (more > 0) lines.push(`and ${more} more`);
  const count = problemsTotal === 1 ? '1 problem' : `${problemsTotal} problems`;
  return { sound: false, lines: [`${count} (dataset ${dataset})`, ...lines] };
}
