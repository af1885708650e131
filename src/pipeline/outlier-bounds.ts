import { isDeepStrictEqual } from 'node:util';
import type { OutlierBounds } from '../schema/expectations.ts';
import type { OpenSource } from './compare-rows.ts';
import type { Conversion, IdentifiedPassage, Passage, PipelineContext } from './passage.ts';
import { receiptsOf } from './receipt-book.ts';

// Which rows are outliers is decided by the loads that were finished before; after a crash these may be others, while rows of the
// load may be in the table and in people's hands already. So the bounds are kept with its profile, before anything of it is published,
// and with its receipt, for a load that is made again.

/** The bounds that hold for the rows of a source: none for those of a reject file, by which people say that they are right. */
export function divertedBounds({
  outputs,
  plan,
}: Pick<OpenSource, 'outputs' | 'plan'>): OutlierBounds | undefined {
  return plan.header.reject === null ? outputs.profile?.diverted : undefined;
}

/**
 * The bounds, to be asked for by the names of columns: of any other object `constructor` and `__proto__` are properties, also where no
 * bounds were sent to the thread, and a column may be called so.
 */
export function byColumn(bounds: OutlierBounds = {}): OutlierBounds {
  return Object.assign(Object.create(null) as OutlierBounds, bounds);
}

/** The bounds by which rows of this load were diverted before; undefined where it has not been judged yet. */
export function rememberedBounds(
  { dataset, origin, progress }: Pick<Passage, 'dataset' | 'origin' | 'progress'>,
  loadId: string | null,
  { profiles, receipts }: Pick<PipelineContext, 'profiles' | 'receipts'>,
): OutlierBounds | undefined {
  // What is dropped anew is judged anew, also where it was loaded and taken back before.
  if (loadId === null || (origin === 'new' && progress.warnings === undefined)) return undefined;
  const profile = profiles.get(dataset.name)?.find(loadId);
  if (profile !== undefined) return profile.outlierBounds ?? {};
  if (origin !== 'brought_back') return undefined;
  return receiptsOf(receipts, dataset.name).findLoad(loadId)?.outlierBounds ?? {};
}

/** Whether a source was converted by other bounds than it was the first time: before it was known which load it is. */
export function usedOtherBounds(
  passage: IdentifiedPassage,
  { outlierBounds = {}, isRejectFile }: Conversion,
  context: PipelineContext,
): boolean {
  const remembered = rememberedBounds(passage, passage.identity.loadId, context);
  if (remembered === undefined || isRejectFile) return false;
  return !isDeepStrictEqual({ ...remembered }, { ...outlierBounds });
}
