import { HopperError } from '../errors/hopper-error.ts';
import { survivesControl } from './control.ts';
import type { OnPiece } from './convert-in-pieces.ts';
import type { ConversionResult, SourceIdentity } from './conversion.ts';
import { discardAfterError } from './finish-conversion.ts';
import { LoneDeath } from './lone-process.ts';
import type { Passage, PipelineContext } from './passage.ts';
import type { SourceReading, UnreadSource } from './read-source.ts';
import { PIECE_BYTES_MIN } from './conversion-plan.ts';
import { stateOfFile } from './source-state.ts';
import { beginTrial, endTrial, enterDeath, pauseBeforeTrial, suspect } from './suspicion.ts';
import type { WorkerTask } from './worker-job.ts';

/**
 * Has a source identified, and mostly converted at once, by the threads that all files share; one under suspicion in the lone process,
 * and only identified where it has that for itself. Throws worker_died, and set_aside where that is too much.
 */
export async function readSourceOf(
  passage: Passage,
  context: PipelineContext,
  unread: UnreadSource,
  isWanted: (identity: SourceIdentity) => boolean,
): Promise<SourceReading> {
  const { workers, loneProcess } = context;
  const reading = await tryTogether(passage, context, unread);
  if (reading !== null) return reading;
  return atWork(
    passage,
    context,
    () => workers.read(passage.dataset.name, unread, isWanted),
    async () => ({ identity: await loneProcess.identify(unread.source), conversion: null }),
  );
}

/** The same for the conversion of a source that is identified. */
export function convertSourceOf(
  passage: Passage,
  context: PipelineContext,
  task: WorkerTask,
  onPiece: OnPiece,
): Promise<ConversionResult> {
  const { workers, loneProcess } = context;
  return atWork(
    passage,
    context,
    () => workers.convert(task, onPiece),
    () => loneProcess.convert(task, onPiece),
  );
}

async function atWork<Result>(
  passage: Passage,
  context: PipelineContext,
  among: () => Promise<Result>,
  alone: () => Promise<Result>,
): Promise<Result> {
  if (passage.progress.suspicion !== null) return tryAlone(passage, context, alone);
  try {
    return await among();
  } catch (error) {
    // Which of the files at work in the thread was it? Each is tried alone next.
    if (error instanceof HopperError && error.code === 'worker_died') suspect(passage);
    throw error;
  }
}

/** Null where it is not tried together with others, or the process ended with all of them. */
async function tryTogether(
  passage: Passage,
  { loneProcess }: PipelineContext,
  unread: UnreadSource,
): Promise<SourceReading | null> {
  const { dataset, progress } = passage;
  if (progress.suspicion?.mayHaveCompany !== true) return null;
  // A large one would keep the others, and may be what memory is too short for.
  if ((await stateOfFile(unread.source)).bytes >= PIECE_BYTES_MIN) return null;
  return loneProcess.together(async () => {
    await beginTrial(passage);
    try {
      return await loneProcess.read(dataset.name, unread);
    } catch (error) {
      if (!(error instanceof LoneDeath)) throw error;
      suspect(passage);
      // What it had begun is written anew, unless the file never gets so far again.
      discardAfterError(unread.outputs, 1);
      return null;
    } finally {
      if (!loneProcess.ending) await endTrial(passage);
    }
  });
}

async function tryAlone<Result>(
  passage: Passage,
  context: PipelineContext,
  work: () => Promise<Result>,
): Promise<Result> {
  const { patience, loneProcess } = context;
  await pauseBeforeTrial(passage, patience.signal);
  return loneProcess.alone(async () => {
    await beginTrial(passage);
    try {
      return await work();
    } catch (error) {
      // A stop sends signals to all processes, and proves nothing.
      if (!(error instanceof LoneDeath)) throw error;
      if (patience.signal.aborted) throw new HopperError('worker_died', { cause: error });
      if (await survivesControl(passage, context)) throw await enterDeath(passage, error.how);
      throw new HopperError('worker_not_started', {
        message: `The process that worked on this file alone ended (${error.how}), and so it does under a file without values.`,
      });
    } finally {
      if (!loneProcess.ending) await endTrial(passage);
    }
  });
}
