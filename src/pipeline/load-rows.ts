import { counted } from '../core/counted.ts';
import type { ConvertedLoad } from '../core/load.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { LoadOutcome } from '../load/table-loader.ts';
import type { EarlyLoading } from './early-loading.ts';
import { durationMs, type IdentifiedPassage, type PipelineContext } from './passage.ts';
import { patiently } from './patience.ts';

/**
 * Has the rows committed, those that were sent already, or else in its turn those of the load files. `no_database`: there
 * is none, the Parquet file is the result. Resolves only when the outcome is certain; while the database is away the load
 * stays parked in its place.
 */
export async function loadRows(
  passage: IdentifiedPassage,
  load: ConvertedLoad,
  early: EarlyLoading,
  context: PipelineContext,
): Promise<LoadOutcome | { status: 'no_database' }> {
  const { turn, dataset, log } = passage;
  if (turn === null) return { status: 'no_database' };
  let mayBeOurs = passage.origin === 'resumed';
  passage.progress.loadTried ||= early.begun;
  let outcome = await early.commit(load);
  outcome ??= await patiently(passage, { ...context.patience, keepsTurn: true }, () => {
    // A COMMIT whose answer is lost leaves a load that the next attempt, in this run or another, finds done.
    mayBeOurs ||= passage.progress.loadTried;
    passage.progress.loadTried = true;
    return turn.load(load);
  });
  if (outcome.status === 'already_loaded') await checkCounts(passage, load, context);
  if (outcome.status === 'already_loaded' && mayBeOurs)
    outcome = { loadId: outcome.loadId, status: 'loaded' };
  if (outcome.status === 'loaded') {
    passage.progress.replaced = outcome.replaced ?? [];
    log.info('loaded', 'rows committed', {
      table: dataset.table.name,
      rowsAccepted: load.rowsAccepted,
      durationMs: durationMs(passage),
    });
  }
  return outcome;
}

/** What was loaded before may have been judged by another configuration, or by what the table took then. */
async function checkCounts(
  passage: IdentifiedPassage,
  { loadId, rowsAccepted }: ConvertedLoad,
  { tables, patience }: PipelineContext,
): Promise<void> {
  const entry = await patiently(
    passage,
    { ...patience, keepsTurn: true },
    async () => (await tables?.ledger.findLoad(loadId)) ?? null,
  );
  if (entry === null || entry.rowsAccepted === rowsAccepted) return;
  throw new HopperError('conservation_broken', {
    message: `Table ${passage.dataset.table.name} has ${counted(entry.rowsAccepted, 'row')} of this load, and ${rowsAccepted} of its rows ${rowsAccepted === 1 ? 'is' : 'are'} accepted now.`,
    hint: `Was the configuration or schema changed in between? Take the load out (csv-hopper undo ${loadId}) and drop the file again.`,
    details: { loadId },
  });
}
