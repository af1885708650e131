import { markRepeated } from '../columns/mark-repeated.ts';
import { createParquetFile, FIRST_ROW_GROUP_OFFSET } from '../parquet/parquet-file.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { type Beginning, sharedMemory } from './begin-conversion.ts';
import { sourceRows } from './compare-rows.ts';
import type { ConversionSettings, OpenTask } from './conversion.ts';
import { PieceBoard } from './piece-board.ts';
import type { PieceResult } from './piece-result.ts';

/** Whether there are rows of which it is not known yet whether they repeat others. Those of a file that is refused do not matter. */
export function hasUnsettledRows(pieces: readonly PieceResult[]): boolean {
  if (pieces.some(({ disordered }) => disordered)) return true;
  const refused = pieces.some(
    ({ found, end, repeatedKeysTotal }) =>
      found.problemsTotal + repeatedKeysTotal > 0 || end !== null,
  );
  return !refused && pieces.some(({ rowsBeyond }) => rowsBeyond > 0);
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

/** Finds the repeated rows among those for which the table of fingerprints had no room. */
function settleRepeated(
  task: OpenTask,
  beginning: Beginning,
  settings: ConversionSettings,
  kernel: Kernel,
): Beginning | null {
  const { plan, memory } = beginning;
  const { scratch, parquet } = task.outputs;
  const { fingerprints } = memory;
  if (fingerprints === null) return null;
  // The table of the first time has served, so its memory is used for the partitions, and for the second time.
  const rows = sourceRows({ ...task, ...beginning, settings, kernel });
  try {
    if (markRepeated(scratch, fingerprints, rows) === 0) return null;
  } finally {
    rows.close();
  }
  new Uint8Array(fingerprints).fill(0);
  if (parquet !== null) createParquetFile(parquet);
  for (const key of memory.keys) new Uint8Array(key).fill(0);
  const board = PieceBoard.create(plan.rowsStart, FIRST_ROW_GROUP_OFFSET, memory.keys.length);
  return { plan, memory: { ...memory, board }, settled: true };
}
