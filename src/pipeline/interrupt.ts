import { asHopperError } from '../core/environment-error.ts';
import { giveBack } from '../intake/claim.ts';
import type { Outcome, Passage, PipelineContext } from './passage.ts';

/**
 * What becomes of a file whose passage cannot go on: at a stop the source goes back to the input folder, unless its
 * Parquet file is published or it has to keep its place in the order; else it stays in its claim. Either way the next start goes on with it.
 */
export async function interrupt(
  passage: Passage,
  error: unknown,
  context: PipelineContext,
): Promise<Outcome> {
  const trouble = asHopperError(error);
  if (!context.patience.signal.aborted) {
    const { message: reason, hint } = trouble;
    passage.log.error('parked', 'left for the next start', { reason, hint, err: trouble });
    return 'waiting';
  }
  // What an earlier run had claimed may be published or loaded already.
  if (passage.progress.published || passage.origin !== 'new') return 'waiting';
  // In the input folder it would stand behind those that stay claimed.
  if (passage.place !== null) return 'waiting';
  try {
    return (await giveBack(passage.claim, context.config.folders.input)) ? 'given_back' : 'waiting';
  } catch (cause) {
    passage.log.warn('parked', 'cannot be given back, left for the next start', { err: cause });
    return 'waiting';
  }
}
