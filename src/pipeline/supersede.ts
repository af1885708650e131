import { basename } from 'node:path';
import type { LoadIdentity } from '../core/load.ts';
import { isPromoted } from '../intake/claim.ts';
import type { Passage, PipelineContext } from './passage.ts';
import { withdrawLoad } from './publish-parquet.ts';
import { receiptsOf } from './receipt-book.ts';

/**
 * Where somebody wrote to a source after it had been identified, through a handle from before the claim, the name of the
 * claim's folder is the load that it was then. Returns that load's id where it has been loaded: its rows would come twice.
 * Else takes its Parquet file back, which the source no longer stands behind, and returns null. Runs before the folder
 * gets the new name, so that a crash in between repeats it.
 */
export async function supersede(
  passage: Passage,
  identity: LoadIdentity,
  context: PipelineContext,
): Promise<string | null> {
  const former = basename(passage.claim.folder);
  if (!isPromoted(passage.claim) || former === identity.loadId) return null;
  const { config, receipts, tables } = context;
  const finished = receiptsOf(receipts, identity.dataset).findLoad(former) !== undefined;
  if (finished || (tables !== null && (await tables.ledger.findLoad(former)) !== null))
    return former;
  await withdrawLoad(config.folders.output, { ...identity, loadId: former });
  return null;
}
