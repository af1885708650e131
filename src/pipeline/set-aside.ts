import { basename, join } from 'node:path';
import { stat } from '../core/brief-calls.ts';
import { counted } from '../core/counted.ts';
import { countsOf, type LoadIdentity, noRows, type RowCounts } from '../core/load.ts';
import type { Problem } from '../core/problem.ts';
import { listProblems } from '../core/problem-list.ts';
import type { LedgerEntry } from '../load/ledger.ts';
import { isPromoted } from '../intake/claim.ts';
import type { Dataset } from '../schema/dataset.ts';
import { fail } from './fail.ts';
import { finish, finishRepetition } from './finish.ts';
import type { IdentifiedPassage, Outcome, Passage, PipelineContext } from './passage.ts';
import { patiently } from './patience.ts';
import { withdrawLoad } from './publish-parquet.ts';
import { findRejects } from './put-with-report.ts';
import { receiptsOf } from './receipt-book.ts';
import type { FileIdentity, Findings } from './report-on.ts';
import { stateOfFile } from './source-state.ts';

/**
 * What becomes of a file under which its own process died again and again: into the failed folder with a report, and a
 * Parquet file that an earlier run published is withdrawn. Unless an earlier run loaded it, too: then it is finished, but for one whose
 * diverted rows have not been handed back.
 */
export async function setAside(passage: Passage, context: PipelineContext): Promise<Outcome> {
  const { config, patience, receipts, tables } = context;
  passage.turn?.stepAside();
  passage.freeConversion();
  const identity = await patiently(passage, patience, () => identityOf(passage));
  const { dataset, file, loadId } = identity;
  const known = loadId === null ? undefined : receiptsOf(receipts, dataset).findLoad(loadId);
  if (loadId !== null) {
    const entry = await patiently(
      passage,
      patience,
      async () => (await tables?.ledger.findDecidedLoad(loadId)) ?? null,
    );
    if (entry !== null) return finishLoaded(passage, entry, known !== undefined, context);
    // One that was finished before there was a database stays in the lake.
    if (known === undefined) {
      const load = { dataset, file, loadId };
      await patiently(passage, patience, () => withdrawLoad(config.folders.output, load));
    }
  }
  const log = context.log.with({ dataset, file, ...(loadId === null ? {} : { loadId }) });
  return fail({ ...passage, log, identity }, findingsOf(passage, null), context);
}

/** `loaded`: what of it is loaded, where it is not all of its rows. */
function findingsOf(
  { dataset, progress }: Passage,
  loaded: (RowCounts & Pick<LoadIdentity, 'loadId'>) | null,
): Findings {
  const deaths = progress.suspicion?.deaths ?? [];
  const list = deaths.map(({ time, how }) => `${how} (${time})`).join(', ');
  const ended = `The process that worked on this file alone ended ${counted(deaths.length, 'time')}: ${list}.`;
  const problem: Problem = {
    line: 0,
    column: null,
    value: null,
    rule: 'process_ended',
    message: loaded === null ? ended : `${ended} ${whatIsLoaded(loaded)}`,
    hint: `${whatToDo(dataset, loaded)} SIGKILL and ERR_WORKER_OUT_OF_MEMORY mostly mean that memory ran out: look for a memory limit, and drop the file again when it is raised. Anything else is a defect: report it with this report and the conversion log.`,
  };
  return {
    code: 'set_aside',
    counts: loaded === null ? noRows : countsOf(loaded),
    delimiter: null,
    ...listProblems([problem]),
  };
}

function whatToDo({ redrop }: Dataset, loaded: Pick<LoadIdentity, 'loadId'> | null): string {
  if (loaded === null) return 'Nothing of it is loaded.';
  return redrop === 'load'
    ? `Take out what is loaded (csv-hopper undo ${loaded.loadId}) before you retry it, because its dataset loads a file as often as it is dropped.`
    : 'Retry it under its own name when the cause is gone: what is loaded is not loaded again, and the other rows come back in a reject file.';
}

function whatIsLoaded({ rowsAccepted, rowsRejected }: RowCounts): string {
  const loaded = `${counted(rowsAccepted, 'row of it is', 'rows of it are')} loaded`;
  return `${loaded}, ${counted(rowsRejected, 'is not and stands', 'are not and stand')} in this file alone.`;
}

/** What is known of the file: its bytes may never have been read to their end. */
async function identityOf({ claim, dataset, progress }: Passage): Promise<FileIdentity> {
  if (progress.identity !== null) return progress.identity;
  const { size } = await stat(claim.path);
  return {
    loadId: isPromoted(claim) ? basename(claim.folder) : null,
    dataset: dataset.name,
    file: claim.file,
    sha256: null,
    bytes: Number(size),
  };
}

async function finishLoaded(
  passage: Passage,
  entry: LedgerEntry,
  isFinished: boolean,
  context: PipelineContext,
): Promise<Outcome> {
  const { mtimeNs } = await stateOfFile(passage.claim.path);
  const identified: IdentifiedPassage = {
    ...passage,
    log: context.log.with({ dataset: entry.dataset, file: entry.file, loadId: entry.loadId }),
    identity: entry,
    // A source that has another size now than what was loaded goes back to people.
    state: { bytes: entry.bytes, mtimeNs },
    loadedAs: null,
    conversion: null,
  };
  if (isFinished) return finishRepetition(identified, context);
  const { folders } = context.config;
  const parquet = join(folders.output, entry.dataset, entry.parquet);
  const load = { ...entry, parquet, loadFiles: [] };
  const judged = context.profiles.get(entry.dataset)?.find(entry.loadId);
  passage.progress.warnings = judged?.warnings;
  passage.progress.outlierBounds = judged?.outlierBounds;
  if (entry.rowsRejected === 0) return finish(identified, load, context);
  const diverted = await patiently(passage, context.patience, () =>
    findRejects(folders.failed, entry),
  );
  if (diverted !== null) return finish(identified, load, context, diverted);
  // Nobody can tell any more which rows they are, so it is not finished: brought back, it goes on from here and diverts them.
  const note = { unfinished: entry.loadId, time: new Date().toISOString() };
  await patiently(passage, context.patience, () =>
    receiptsOf(context.receipts, entry.dataset).add(note),
  );
  return fail(identified, findingsOf(passage, entry), context);
}
