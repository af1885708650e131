import { HopperError } from '../errors/hopper-error.ts';
import { survivesControl } from './control.ts';
import type { OnPiece } from './convert-in-pieces.ts';
import type { ConversionResult, SourceIdentity } from './conversion.ts';
import { LoneDeath } from './lone-process.ts';
import type { Passage, PipelineContext } from './passage.ts';
import type { SourceReading, UnreadSource } from './read-source.ts';
import { beginTrial, endTrial, enterDeath, pauseBeforeTrial, suspect } from './suspicion.ts';
import type { WorkerTask } from './worker-job.ts';

/**
 * Has a source identified, and mostly converted at once, by the threads that all files share; one under suspicion only
 * identified, in the lone process. Throws worker_died, and set_aside where that is too much.
 */
export function readSourceOf(
  passage: Passage,
  context: PipelineContext,
  unread: UnreadSource,
  isWanted: (identity: SourceIdentity) => boolean,
): Promise<SourceReading> {
  const { workers, loneProcess } = context;
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

async function tryAlone<Result>(
  passage: Passage,
  context: PipelineContext,
  work: () => Promise<Result>,
): Promise<Result> {
  const { patience, loneProcess } = context;
  await pauseBeforeTrial(passage, patience.signal);
  return loneProcess.run(async () => {
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
