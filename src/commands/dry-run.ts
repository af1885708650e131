import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { ConversionResult } from '../pipeline/conversion.ts';
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
  // A large file needs one, and the conversion removes it; who interrupts it must not find it left.
  const scratches = new Set<string>();
  const onSignal = (signal: NodeJS.Signals): void => {
    void workers.close().finally(() => {
      for (const scratch of scratches) rmSync(scratch, { force: true });
      process.exit(signal === 'SIGINT' ? 130 : 143);
    });
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  try {
    return await work(async (file, dataset, profile) => {
      const scratch = join(tmpdir(), `.csv-hopper-check-${randomUUID()}`);
      scratches.add(scratch);
      try {
        const expected = await stateOfNamed(file);
        const outputs = { parquet: null, loadFile: null, scratch, metadata: {}, profile };
        return await workers.convert({ source: file, expected, dataset, outputs });
      } finally {
        scratches.delete(scratch);
      }
    });
  } finally {
    await workers.close();
    process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
  }
}
