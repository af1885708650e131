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
 * Lets a new version, whose rows are committed, take its place in the lake, where the dataset replaces versions. Before its receipt: a
 * crash on the way finds none, and all is done again, each step of which may have been done. `loadId`: the new version's; its
 * source may have been written to since its COMMIT, and have another one now.
 */
export async function takeOver(
  passage: IdentifiedPassage,
  loadId: string,
  context: PipelineContext,
): Promise<void> {
  if (passage.dataset.write.mode !== 'replace') return;
  const identity = { ...passage.identity, loadId };
  await patiently(passage, context.patience, () => takePlace(passage, identity, context));
}

/**
 * Its own Parquet file gets its final name, then the former ones are withdrawn, so that there is one at any time, and two only for
 * a moment; then a note in the journal says of each that it does not stand any more.
 */
async function takePlace(
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
