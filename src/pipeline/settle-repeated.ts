import { markRepeated } from '../columns/mark-repeated.ts';
import { createParquetFile, FIRST_ROW_GROUP_OFFSET } from '../parquet/parquet-file.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Beginning } from './begin-conversion.ts';
import { sourceRows } from './compare-rows.ts';
import type { ConversionSettings, ConversionTask } from './conversion.ts';
import { PieceBoard } from './piece-board.ts';
import type { PieceResult } from './piece-result.ts';
import { withSource } from './source-state.ts';

/** Whether there are rows of which it is not known yet whether they repeat others. Those of a file that is refused do not matter. */
export function hasUnsettledRows(pieces: readonly PieceResult[]): boolean {
  const refused = pieces.some(({ problemsTotal, end }) => problemsTotal > 0 || end !== null);
  return !refused && pieces.some(({ rowsBeyond }) => rowsBeyond > 0);
}

/**
 * Finds the repeated rows among those for which the table of fingerprints had no room, when all pieces have been converted.
 * Without any, null: the pieces stand as they are. Otherwise a beginning with which all pieces must be converted again,
 * because repeated rows are in their row groups and load files. That doubles the time, but only of a file of millions
 * of rows with duplicates late in it; any other is converted once, in bounded memory.
 */
export function settleRepeated(
  task: ConversionTask,
  beginning: Beginning,
  settings: ConversionSettings,
  kernel: Kernel,
): Beginning | null {
  const { plan, memory } = beginning;
  const { scratch, parquet } = task.outputs;
  const { fingerprints } = memory;
  if (fingerprints === null) return null;
  // The table of the first time has served, so its memory is used for the partitions, and for the second time.
  const marked = withSource(task.source, task.expected, (fd) => {
    const rows = sourceRows({ ...task, ...beginning, fd, settings, kernel });
    try {
      return markRepeated(scratch, fingerprints, rows);
    } finally {
      rows.close();
    }
  });
  if (marked === 0) return null;
  new Uint8Array(fingerprints).fill(0);
  if (parquet !== null) createParquetFile(parquet);
  const board = PieceBoard.create(plan.rowsStart, FIRST_ROW_GROUP_OFFSET);
  return { plan, memory: { board, fingerprints }, settled: true };
}
