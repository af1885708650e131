import { rmSync } from 'node:fs';
import { markRepeated } from '../columns/mark-repeated.ts';
import { createParquetFile, FIRST_ROW_GROUP_OFFSET } from '../parquet/parquet-file.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { type Beginning, sharedMemory } from './begin-conversion.ts';
import { type OpenSource, sourceRows } from './compare-rows.ts';
import type { ConversionSettings, OpenTask } from './conversion.ts';
import { PieceBoard } from './piece-board.ts';
import { pieceFilePath, pieceKeysPath } from './piece-files.ts';
import type { PieceResult } from './piece-result.ts';
import { markLateKeys } from './unique-keys.ts';

/**
 * Whether there are rows of which it is not known yet whether they repeat others. In a refused file those that repeat all of another
 * do not have to be left out of anything, so they are only counted (`countRepeated`).
 */
export function hasUnsettledRows(pieces: readonly PieceResult[]): boolean {
  if (pieces.some(({ disordered }) => disordered)) return true;
  const refused = pieces.some((piece) => piece.refused);
  return pieces.some(({ rowsBeyond, keyRowsBeyond }) =>
    [refused ? 0 : rowsBeyond, ...keyRowsBeyond].some((rows) => rows > 0),
  );
}

/**
 * How many rows of a refused file repeat others, of those for which the table of fingerprints had no room: told by their fingerprints
 * alone. To compare five million of them, and to convert the file once more, took 21 s longer.
 */
export function countRepeated({ memory, outputs }: OpenSource): number {
  const { fingerprints, board } = memory;
  if (fingerprints === null || new PieceBoard(board).spilledTo === 0) return 0;
  return markRepeated(outputs.scratch, fingerprints, { areEqual: () => true });
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
  beginAnew(task, plan.pieceCount);
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
  beginAnew(task, plan.pieceCount);
  const board = PieceBoard.create(plan.rowsStart, FIRST_ROW_GROUP_OFFSET, keys.length);
  return { plan, memory: { ...memory, board }, settled: true };
}

/**
 * Takes away what the pieces have made so far, but for what each makes again: a piece that had rows to reject may have none the second
 * time, when it is known that the rows whose keys they repeat are left out.
 */
function beginAnew({ outputs: { parquet, rejected } }: OpenTask, pieceCount: number): void {
  if (parquet !== null) createParquetFile(parquet);
  for (let piece = 0; piece < pieceCount && rejected !== undefined; piece++) {
    rmSync(pieceFilePath(rejected, piece), { force: true });
    rmSync(pieceKeysPath(rejected, piece), { force: true });
  }
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
