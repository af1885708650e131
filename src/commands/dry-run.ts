import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { ConversionResult } from '../pipeline/conversion.ts';
import { removeScratch } from '../pipeline/unique-keys.ts';
import { workerSettings } from '../pipeline/worker-job.ts';
import { WorkerPool } from '../pipeline/worker-pool.ts';
import type { ProfileRequest } from '../profile/column-tally.ts';
import { stateOfNamed } from './named-file.ts';

/** Converts a file as a dataset of the configuration would, and keeps nothing of it. */
export type DryConversion = (
  file: string,
  dataset: string,
  profile?: ProfileRequest,
) => Promise<ConversionResult>;

/** Has worker threads ready while `work` converts files with them. */
export async function dryRun<Result>(
  config: Config,
  work: (convert: DryConversion) => Promise<Result>,
): Promise<Result> {
  const workers = new WorkerPool(config.convert.workers, workerSettings(config));
  // A file that is large or decoded needs them, and the conversion removes them; who interrupts it must not find them left.
  const transient = new Set<string>();
  const onSignal = (signal: NodeJS.Signals): void => {
    void workers.close().finally(() => {
      for (const path of transient) removeScratch(path);
      process.exit(signal === 'SIGINT' ? 130 : 143);
    });
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  try {
    return await work(async (file, dataset, profile) => {
      const scratch = join(tmpdir(), `.csv-hopper-check-${randomUUID()}`);
      const decoded = `${scratch}-decoded`;
      transient.add(scratch).add(decoded);
      try {
        const expected = await stateOfNamed(file);
        const outputs = { parquet: null, loadFile: null, scratch, decoded, metadata: {}, profile };
        return await workers.convert({ source: file, expected, dataset, outputs });
      } finally {
        transient.delete(scratch);
        transient.delete(decoded);
      }
    });
  } finally {
    await workers.close();
    process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
  }
}
