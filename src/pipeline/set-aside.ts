import { basename, join } from 'node:path';
import { stat } from '../core/brief-calls.ts';
import { noRows } from '../core/load.ts';
import { listProblems } from '../core/problem-list.ts';
import type { LedgerEntry } from '../load/ledger.ts';
import { isPromoted } from '../intake/claim.ts';
import { fail } from './fail.ts';
import { finish, finishRepetition } from './finish.ts';
import type { IdentifiedPassage, Outcome, Passage, PipelineContext } from './passage.ts';
import { patiently } from './patience.ts';
import { withdrawLoad } from './publish-parquet.ts';
import { receiptsOf } from './receipt-book.ts';
import type { FileIdentity } from './report-on.ts';
import { stateOfFile } from './source-state.ts';

/**
 * What becomes of a file under which its own process died again and again: into the failed folder with a report, and a
 * Parquet file that an earlier run published is withdrawn. Unless an earlier run loaded it, too: then it is finished.
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
  const deaths = passage.progress.suspicion?.deaths ?? [];
  const list = deaths.map(({ time, how }) => `${how} (${time})`).join(', ');
  return fail(
    { ...passage, log, identity },
    {
      code: 'set_aside',
      counts: noRows,
      delimiter: null,
      ...listProblems([
        {
          line: 0,
          column: null,
          value: null,
          rule: 'process_ended',
          message: `The process that worked on this file alone ended ${deaths.length} times: ${list}.`,
          hint: 'Nothing of it is loaded. SIGKILL and ERR_WORKER_OUT_OF_MEMORY mostly mean that memory ran out: look for a memory limit, and drop the file again when it is raised. Anything else is a defect: report it with this report and the conversion log.',
        },
      ]),
    },
    context,
  );
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
  const parquet = join(context.config.folders.output, entry.dataset, entry.parquet);
  return finish(identified, { ...entry, parquet, loadFiles: [] }, context);
}
