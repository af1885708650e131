import type { ConvertedLoad } from '../core/load.ts';
import { listProblems } from '../core/problem-list.ts';
import { earlierEnded } from './arrival-order.ts';
import { convertRefused } from './convert.ts';
import {
  convertWithout,
  type ConvertRefused,
  describeRefused,
  divertsRefused,
  refusalsOf,
  tellOfMore,
} from './convert-without-refused.ts';
import type { EarlyLoading } from './early-loading.ts';
import type { FoundRefusals } from './found-refusals.ts';
import { keepProfile } from './judge-load.ts';
import { loadRows } from './load-rows.ts';
import {
  type Conversion,
  durationMs,
  type IdentifiedPassage,
  type PipelineContext,
} from './passage.ts';
import { publish } from './publish.ts';

/**
 * Each round leaves out at least one row more, and all that the table refuses at the time. So one more is enough, unless others write
 * to the table meanwhile; a table that changes ten times is none that one could wait for.
 */
const ROUNDS_MAX = 10;

/** A file whose passage goes on, or that is refused: its problems are those of the conversion then. */
export interface Loading {
  conversion: Conversion;
  load: ConvertedLoad;
  status: 'loaded' | 'already_loaded' | 'no_database' | 'refused';
}

/**
 * Publishes the Parquet file and has the rows loaded. Where the table refuses rows, and the dataset diverts rows, the source is
 * converted once more without them, the Parquet file replaced, and the load tried again; otherwise, or where there are too many, or
 * rows have a key together by which they are written, the file is refused, and its problems name them by their lines.
 */
export async function publishAndLoad(
  passage: IdentifiedPassage,
  converted: Conversion,
  early: EarlyLoading,
  context: PipelineContext,
): Promise<Loading> {
  let conversion = converted;
  for (let round = 1; ; round++) {
    const load = await publish(passage, conversion, context);
    if (passage.dataset.write.mode === 'upsert') await earlierEnded(passage);
    const refusals = refusalsOf(passage, conversion, context);
    const comesAgain = divertsRefused(passage) && round < ROUNDS_MAX;
    const outcome = await loadRows(passage, { ...load, refusals, comesAgain }, early, context);
    if (outcome.status !== 'refused') return { conversion, load, status: outcome.status };
    if (refusals.count === 0) {
      const found = listProblems(outcome.problems, context.config.convert.problemsMax);
      return { conversion: { ...conversion, ...found }, load, status: 'refused' };
    }
    const convert: ConvertRefused = (refused, describes) =>
      convertRefused(passage, refused, describes, context);
    if (!comesAgain || outcome.fails === true) {
      const told = await describeRefused(passage, conversion, refusals, convert, context);
      // Rows with one key are looked for all at once, and are none that the table has refused.
      const all = outcome.fails === true ? told : tellOfMore(passage, told, refusals, context);
      return { conversion: all, load, status: 'refused' };
    }
    const again = await convertAgain(passage, conversion, refusals, convert, context);
    if (again.refused) return { conversion: again, load, status: 'refused' };
    conversion = again;
  }
}

async function convertAgain(
  passage: IdentifiedPassage,
  former: Conversion,
  refusals: FoundRefusals,
  convert: ConvertRefused,
  context: PipelineContext,
): Promise<Conversion> {
  const again = await convertWithout(passage, former, refusals, convert, context);
  if (again.refused) return again;
  await keepProfile(passage, again, context);
  passage.log.info('converted', 'once more, without rows that the table refuses', {
    ...again.counts,
    durationMs: durationMs(passage),
  });
  return again;
}
