import type { Beginning } from './begin-conversion.ts';
import type { ConversionResult } from './conversion.ts';
import { discardAfterError } from './finish-conversion.ts';
import { PieceBoard } from './piece-board.ts';
import { PieceProfiles } from './piece-profiles.ts';
import type { PieceResult } from './piece-result.ts';
import type { Column } from '../schema/column-type.ts';
import { hasUnsettledRows } from './settle-rows.ts';
import type { WorkerAnswers, WorkerJob, WorkerTask } from './worker-job.ts';

/** Has a worker thread do a job. Jobs are begun in the order in which they are asked for. */
export type Ask = <Kind extends WorkerJob['kind']>(
  job: Extract<WorkerJob, { kind: Kind }>,
) => Promise<WorkerAnswers[Kind]>;

/** Is told of each piece that is complete; pieces end in any order. */
export type OnPiece = (piece: number, result: PieceResult) => void;

/** Of a conversion that begins before its source is identified. */
export interface Ahead {
  /** Metadata of the Parquet file, which are known at its end. */
  metadata: () => Promise<Record<string, string>>;
  /** Ends it: it is not needed. */
  signal: AbortSignal;
}

/**
 * Converts one source with `threads` worker threads; as convertFile, with byte for byte the same results. Never asks for more
 * pieces at a time than there are threads, so that other files get their turn between them.
 */
export async function convertInPieces(
  task: WorkerTask,
  columns: readonly Column[],
  threads: number,
  ask: Ask,
  onPiece: OnPiece,
  ahead: Ahead | null = null,
): Promise<ConversionResult> {
  const signal = ahead?.signal ?? null;
  const profiles = new PieceProfiles(columns, task.outputs.profile);
  let pieceCount = 0;
  try {
    const beginning = await ask({ kind: 'begin', task });
    if (!('plan' in beginning)) return beginning;
    const { plan } = beginning;
    pieceCount = plan.pieceCount;
    let begun = beginning;
    let pieces = await convertPieces(task, begun, threads, ask, onPiece, profiles, signal);
    while (!begun.settled && hasUnsettledRows(pieces)) {
      const again = await ask({ kind: 'settle', task, beginning: begun });
      if (again === null) break;
      begun = again;
      pieces = await convertPieces(task, begun, threads, ask, onPiece, profiles, signal);
    }
    const metadata = (await ahead?.metadata()) ?? task.outputs.metadata;
    signal?.throwIfAborted();
    const identified = { ...task, outputs: { ...task.outputs, metadata } };
    const finished = await ask({ kind: 'finish', task: identified, beginning: begun, pieces });
    return profiles.addTo(finished);
  } catch (error) {
    discardAfterError(task.outputs, pieceCount);
    throw error;
  }
}

async function convertPieces(
  task: WorkerTask,
  beginning: Beginning,
  threads: number,
  ask: Ask,
  onPiece: OnPiece,
  profiles: PieceProfiles,
  signal: AbortSignal | null,
): Promise<PieceResult[]> {
  profiles.begin();
  const board = new PieceBoard(beginning.memory.board);
  const results: PieceResult[] = [];
  let next = 0;
  /** The first is the reason of those after it, which are of pieces that waited for that one. */
  const failures: unknown[] = [];
  const convertSome = async (): Promise<void> => {
    while (next < beginning.plan.pieceCount && signal?.aborted !== true) {
      const piece = next++;
      try {
        const result = profiles.take(piece, await ask({ kind: 'piece', task, beginning, piece }));
        results[piece] = result;
        onPiece(piece, result);
      } catch (error) {
        failures.push(error);
        next = Infinity;
        // Pieces behind this one would wait for it for ever.
        board.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: threads }, convertSome));
  if (failures.length > 0) throw failures[0];
  signal?.throwIfAborted();
  return results;
}
