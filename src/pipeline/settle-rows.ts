import { markRepeated } from '../columns/mark-repeated.ts';
import { createParquetFile, FIRST_ROW_GROUP_OFFSET } from '../parquet/parquet-file.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { type Beginning, sharedMemory } from './begin-conversion.ts';
import { type OpenSource, sourceRows } from './compare-rows.ts';
import type { ConversionSettings, OpenTask } from './conversion.ts';
import { PieceBoard } from './piece-board.ts';
import type { PieceResult } from './piece-result.ts';
import { markLateKeys } from './unique-keys.ts';

/** Whether there are rows of which it is not known yet whether they repeat others; a refused file's are counted as well. */
export function hasUnsettledRows(pieces: readonly PieceResult[]): boolean {
  return pieces.some(
    ({ disordered, rowsBeyond, keyRowsBeyond }) =>
      disordered || [rowsBeyond, ...keyRowsBeyond].some((rows) => rows > 0),
  );
}

/**
 * Settles the rows that are not, when all pieces have been converted. Null: the pieces stand as they are. Otherwise a beginning
 * with which all must be converted again, because repeated rows may be in their row groups and load files: that of a file
 * whose keys ascend no more, or of one with millions of rows and duplicates late in it. Any other is converted once.
 */
export function settleRows(
  task: OpenTask,
  beginning: Beginning,
  settings: ConversionSettings,
  kernel: Kernel,
): Beginning | null {
  if (beginning.plan.key === null) return settleRepeated(task, beginning, settings, kernel);
  const plan = { ...beginning.plan, key: null };
  if (task.outputs.parquet !== null) createParquetFile(task.outputs.parquet);
  return { plan, memory: sharedMemory(plan, task, settings), settled: false };
}

/** Finds the repeated rows among those for which the tables of fingerprints had no room. */
function settleRepeated(
  task: OpenTask,
  beginning: Beginning,
  settings: ConversionSettings,
  kernel: Kernel,
): Beginning | null {
  const { plan, memory } = beginning;
  const { fingerprints, keys } = memory;
  const source = { ...task, ...beginning, settings, kernel };
  // The tables of the first time have served, so their memory is used for the partitions, and for the second time.
  const repeated = markRows(source);
  // A file that is not diverted is refused for a key that comes twice, which is soon enough when all is read.
  const ofKeys = task.dataset.diversion === null ? 0 : markLateKeys(source);
  if (repeated + ofKeys === 0) return null;
  for (const table of [...keys, ...(fingerprints === null ? [] : [fingerprints])]) {
    new Uint8Array(table).fill(0);
  }
  if (task.outputs.parquet !== null) createParquetFile(task.outputs.parquet);
  const board = PieceBoard.create(plan.rowsStart, FIRST_ROW_GROUP_OFFSET, keys.length);
  return { plan, memory: { ...memory, board }, settled: true };
}

/** Marks the rows that repeat others as a whole; how many there are. */
function markRows(source: OpenSource): number {
  const { memory, outputs } = source;
  const { fingerprints, board } = memory;
  if (fingerprints === null || new PieceBoard(board).spilledTo === 0) return 0;
  const rows = sourceRows(source);
  try {
    return markRepeated(outputs.scratch, fingerprints, rows);
  } finally {
    rows.close();
  }
}
