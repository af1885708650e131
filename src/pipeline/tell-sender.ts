import type { RowCounts } from '../core/load.ts';
import type { Diverted } from './divert.ts';
import type { FailureReport } from './failure-report.ts';
import type { IdentifiedPassage, PipelineContext } from './passage.ts';
import { patiently } from './patience.ts';
import { divertedReceipt, failedReceipt, loadedReceipt, skippedReceipt } from './sender-receipt.ts';

// What the steps at a file's end tell its sender, where the configuration has a folder for receipts. Always before the source is let
// go, so that a crash in between tells it again, and an end without its receipt cannot be: where the folder cannot be written to the
// file waits in its claim, loaded as it is, until it can.

/**
 * Its rows are committed, or published where there is no database. Told before csv-hopper's own receipt is written: after a crash the
 * steps come by here with the counts again. What was brought back from the archive nobody has dropped.
 */
export async function tellOfLoad(
  passage: IdentifiedPassage,
  { rowsRead, rowsAccepted, rowsRejected, rowsDroppedNull, rowsDroppedDuplicate }: RowCounts,
  diverted: Diverted | null,
  { senderReceipts, patience }: PipelineContext,
): Promise<void> {
  if (senderReceipts === null || passage.origin === 'brought_back') return;
  const rows = { rowsRead, rowsAccepted, rowsRejected, rowsDroppedNull, rowsDroppedDuplicate };
  const { identity } = passage;
  const receipt =
    diverted === null
      ? loadedReceipt(identity, rows)
      : divertedReceipt(identity, rows, diverted, senderReceipts.folder);
  await patiently(passage, patience, () => senderReceipts.put(receipt));
}

/** It was loaded before; after a crash that may have been by this very passage, which has told so. */
export async function tellOfRepetition(
  passage: IdentifiedPassage,
  { senderReceipts, patience }: PipelineContext,
): Promise<void> {
  if (senderReceipts === null || passage.origin === 'brought_back') return;
  const receipt = skippedReceipt(passage.identity);
  await patiently(passage, patience, () =>
    passage.origin === 'resumed' && !passage.progress.isRedrop
      ? senderReceipts.putIfMissing(receipt)
      : senderReceipts.put(receipt),
  );
}

/** It goes to `path` in the failed folder, where its report is already. */
export async function tellOfFailure(
  { senderReceipts }: PipelineContext,
  report: FailureReport,
  path: string,
): Promise<void> {
  if (senderReceipts === null) return;
  await senderReceipts.put(failedReceipt(report, path, senderReceipts.folder));
}
