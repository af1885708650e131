import type { EmptiedClaim } from '../intake/list-claims.ts';
import { dropClaim } from '../intake/claim.ts';
import type { ConversionLog } from '../log/conversion-log.ts';
import type { EventFields } from '../log/log-event.ts';
import { tellFormerFailures } from './failure-note.ts';
import type { LoadEnd, ReceiptBook } from './receipt-book.ts';

export interface FormerRun {
  log: ConversionLog;
  processingFolder: string;
  receipts: ReadonlyMap<string, ReceiptBook>;
  emptied: readonly EmptiedClaim[];
}

/** How many files ended of which a former run had no time to tell. */
export interface FormerEnds {
  finished: number;
  skipped: number;
  failed: number;
}

/**
 * Says how files ended of which a former run had no time to, so that each has its end in the log; one whose folder alone was left to
 * remove has it twice. Then removes the folders. Call it under the folder's lock, before any file is taken. Throws environment errors.
 */
export async function tellFormerEnds(run: FormerRun): Promise<FormerEnds> {
  const { log, processingFolder, receipts, emptied } = run;
  const failed = await tellFormerFailures(processingFolder, log);
  const ends: FormerEnds = { finished: 0, skipped: 0, failed: failed.size };
  for (const { folder, loadId, isRedrop } of emptied) {
    for (const [dataset, book] of receipts) {
      const load = book.findLoad(loadId);
      if (load === undefined || failed.has(loadId)) continue;
      const ofLoad = log.with({ dataset, file: load.file, loadId });
      if (isRedrop) logRepetition(ofLoad, loadId);
      else logFormerEnd(ofLoad, book.findEnd(loadId));
      ends[isRedrop ? 'skipped' : 'finished']++;
    }
    await dropClaim({ folder, file: loadId });
  }
  return ends;
}

/** The end of a load that had a receipt before the process was killed; undefined where that does not stand any more. */
export function logFormerEnd(log: ConversionLog, end: LoadEnd | undefined): void {
  log.info('finished', 'was done before the restart', { ...end });
}

/** The end of a drop of a load that had a receipt before. */
export function logRepetition(log: ConversionLog, loadId: string, fields: EventFields = {}): void {
  log.warn('skipped', 'loaded before', {
    ...fields,
    repeats: loadId,
    reason: 'The same name with the same content was loaded before.',
    hint: 'Nothing to do. To load it twice on purpose, drop it under another name.',
  });
}
