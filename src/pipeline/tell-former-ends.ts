import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { environmentError } from '../core/environment-error.ts';
import { exists } from '../core/exists.ts';
import { removeIfThere } from '../intake/spare-folders.ts';
import type { ConversionLog } from '../log/conversion-log.ts';
import { tellFormerFailures } from './failure-note.ts';
import type { ReceiptBook } from './receipt-book.ts';

export interface FormerRun {
  config: Config;
  log: ConversionLog;
  processingFolder: string;
  receipts: ReadonlyMap<string, ReceiptBook>;
  /** Load ids of the claims whose source it had moved out, as listClaims finds them. */
  emptied: readonly string[];
}

/**
 * Says how files ended of which a former run had no time to, so that each has its end in the log; one whose folder alone was left to
 * remove has it twice. Then removes the folders. Call it under the folder's lock, before any file is taken. Throws environment errors.
 */
export async function tellFormerEnds(run: FormerRun): Promise<void> {
  const { config, log, processingFolder, receipts, emptied } = run;
  const failed = await tellFormerFailures(processingFolder, log);
  for (const loadId of emptied) {
    for (const [dataset, book] of receipts) {
      const load = book.findLoad(loadId);
      if (load === undefined || failed.has(loadId)) continue;
      // One that was put back into the input folder is on its way again.
      if (await exists(join(config.folders.input, load.file))) continue;
      logFormerEnd(log.with({ dataset, file: load.file, loadId }));
    }
    const folder = join(processingFolder, loadId);
    await removeIfThere(folder).catch((error: unknown) => {
      throw environmentError(error, `The folder ${folder} cannot be removed`, 'io_failed', {
        folder,
      });
    });
  }
}

/** The end of a load that had a receipt before the process was killed. */
export function logFormerEnd(log: ConversionLog, fields = {}): void {
  log.info('finished', 'was done before the restart', fields);
}
