import type { IdentifiedPassage, PipelineContext } from './passage.ts';
import { patiently } from './patience.ts';
import { receiptsOf } from './receipt-book.ts';

/**
 * Whether this very load, the same name and content, was finished before. The receipt says so; where a database is
 * configured the ledger must agree, because only it knows of rows: who took a load out of the database, or configured
 * the database later, gets it loaded when the file is dropped again. Never so of a file that is brought back because part
 * of its load is missing.
 */
export async function isRepetition(
  passage: IdentifiedPassage,
  context: PipelineContext,
): Promise<boolean> {
  if (passage.origin === 'brought_back') return false;
  if (passage.progress.repeated) return true;
  const { loadId, dataset } = passage.identity;
  const receipts = receiptsOf(context.receipts, dataset);
  const known = receipts.findLoad(loadId);
  if (known === undefined) return false;
  const { tables } = context;
  if (tables === null) return true;
  if (known.table === null) return false;
  return patiently(passage, context.patience, async () => {
    if ((await tables.ledger.findLoad(loadId)) !== null) return true;
    // Once it is in the ledger again the receipt would stand for rows that it does not know.
    await receipts.add({ undone: loadId, time: new Date().toISOString() });
    return false;
  });
}
