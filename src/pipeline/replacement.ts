import type { LoadIdentity } from '../core/load.ts';
import type { IdentifiedPassage, PipelineContext } from './passage.ts';
import { patiently } from './patience.ts';
import { placeStaged, withdrawLoad } from './publish-parquet.ts';
import { receiptsOf } from './receipt-book.ts';

/** The loads in whose place a new version of a file comes, as far as the receipts know: those whose Parquet files are here. */
export function formerVersions(
  { dataset, identity, progress }: IdentifiedPassage,
  { receipts }: PipelineContext,
): string[] {
  if (dataset.write.mode !== 'replace') return [];
  const known = receiptsOf(receipts, dataset.name).versionsOf(identity.file);
  return [...new Set([...known, ...progress.replaced])].filter((id) => id !== identity.loadId);
}

/**
 * The same for a version whose source was written to between its COMMIT and a crash: `loadId` is what it was, and its Parquet
 * file is staged or published since then.
 */
export async function takeOverAs(
  passage: IdentifiedPassage,
  loadId: string,
  context: PipelineContext,
): Promise<void> {
  if (passage.dataset.write.mode !== 'replace') return;
  const identity = { ...passage.identity, loadId };
  await patiently(passage, context.patience, () => takeOver(passage, identity, context));
}

/**
 * Lets a new version, whose rows are committed, take its place in the lake: its own Parquet file gets its final name, then the
 * former ones are withdrawn, so that there is one at any time, and two only for a moment; then a note in the journal says of
 * each that it does not stand any more. The new version's receipt comes after that: a crash on the way finds none, and all
 * is done again, each step of which may have been done. `identity`: the new version's.
 */
export async function takeOver(
  passage: IdentifiedPassage,
  identity: LoadIdentity,
  context: PipelineContext,
): Promise<void> {
  const { output } = context.config.folders;
  const { log } = passage;
  const parquet = await placeStaged(output, identity);
  if (parquet !== null) log.info('published', 'Parquet file complete', { parquet });
  const book = receiptsOf(context.receipts, identity.dataset);
  const { loadId, dataset, file } = identity;
  for (const former of formerVersions({ ...passage, identity }, context)) {
    await withdrawLoad(output, { dataset, file, loadId: former });
    if (book.findLoad(former) !== undefined)
      await book.add({ replaced: former, by: loadId, time: new Date().toISOString() });
    log.info('replaced', 'took the place of the former version', { replaces: former });
  }
}
