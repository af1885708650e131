import { basename, dirname, join } from 'node:path';
import { exists } from '../core/exists.ts';
import type { LoadIdentity } from '../core/load.ts';
import { loadIdOf } from '../core/load-id.ts';
import { isPromoted } from '../intake/claim.ts';
import type { Passage, PipelineContext } from './passage.ts';
import { receiptsOf } from './receipt-book.ts';

/** Nobody drops the same file so often; a claim's folder of another name is of another content. */
const REPETITIONS_MAX = 100_000;

/**
 * The identity of a source where files that are dropped again are loaded again: the first time that of its content, later that of
 * the content and a number. Which number is decided once: the name of the claim's folder holds it from then on, and a
 * crash before that has left nothing that has a number. `identity`: that of the content.
 */
export async function repetitionOf(
  passage: Passage,
  identity: LoadIdentity,
  context: PipelineContext,
): Promise<LoadIdentity> {
  const { claim, dataset } = passage;
  if (dataset.redrop === 'skip') return identity;
  const idOf = (n: number): string => loadIdOf(dataset.name, identity.file, identity.sha256, n);
  if (isPromoted(claim)) {
    const decided = basename(claim.folder);
    for (let n = 0; n < REPETITIONS_MAX; n++) {
      if (idOf(n) === decided) return { ...identity, loadId: decided };
    }
  }
  const book = receiptsOf(context.receipts, dataset.name);
  let n = 0;
  while (book.findLoad(idOf(n)) !== undefined) n++;
  // Who took the last one out of the database wants that one back.
  if (n > 0 && (await isTakenOut(idOf(n - 1), context))) n--;
  // Another drop of it is under way, and has a receipt only later; those behind it may be finished all the same.
  while (await exists(join(dirname(claim.folder), idOf(n)))) {
    do n++;
    while (book.findLoad(idOf(n)) !== undefined);
  }
  return { ...identity, loadId: idOf(n) };
}

async function isTakenOut(loadId: string, { tables }: PipelineContext): Promise<boolean> {
  return tables !== null && (await tables.ledger.findLoad(loadId)) === null;
}
