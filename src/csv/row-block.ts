import { type ByteMemory, heapMemory, SLACK_BYTES } from '../kernel/kernel.ts';

/** What follows the last field of a block in its memory, whatever it holds. */
export const PADDING_BYTES = SLACK_BYTES;

/** In the place of a field, for a column that the header leaves out: no row has a value there. */
export const NO_FIELD = -1;

/** In the place of a field, for the column that gathers the cells of fields that no other has. */
export const GATHERED_FIELDS = -2;

/**
 * Rows found in one buffer, as positions: field f of row r is bytes[starts[i]] up to bytes[ends[i]], i = r * fieldCount
 * + f, without its quotes and with doubled quotes already undone. What a scanner of any dialect gives, and all that
 * columns/ needs. The arrays may be longer than the rows and are filled again by the next scan.
 */
export interface RowBlock {
  /** Goes on for at least {@link PADDING_BYTES} behind the last field, so that several bytes can be read at once. */
  bytes: Uint8Array;
  fieldCount: number;
  rowCount: number;
  starts: Int32Array;
  ends: Int32Array;
  /** Where each row starts in `bytes`, and where the next line starts: with its quotes and its line end, if it has one. */
  rowStarts: Int32Array;
  rowEnds: Int32Array;
  /** The line on which each row starts, counted from 1 as an editor does. */
  lines: Float64Array;
}

/** The most fields that a block has room for, so that a million columns do not make a million times the memory. */
const BLOCK_FIELDS_MAX = 1 << 18;

/**
 * A block for up to `rowsMax` rows, or as many fewer as wide rows allow; `lines` has one element for each. Without a field
 * count it is for one row, which decides the field count and may need larger arrays. Its arrays lie in `memory`.
 */
export function emptyBlock(
  fieldCount: number | null,
  rowsMax: number,
  memory: ByteMemory = heapMemory,
): RowBlock {
  const rows =
    fieldCount === null
      ? 1
      : Math.max(1, Math.min(rowsMax, Math.floor(BLOCK_FIELDS_MAX / fieldCount)));
  const room = fieldCount === null ? 64 : rows * fieldCount;
  return {
    bytes: new Uint8Array(PADDING_BYTES),
    fieldCount: fieldCount ?? 0,
    rowCount: 0,
    starts: int32s(memory, room),
    ends: int32s(memory, room),
    rowStarts: int32s(memory, rows),
    rowEnds: int32s(memory, rows),
    lines: float64s(memory, rows),
  };
}

/** Gives the arrays of a block back to the memory they lie in; the block is of no use then. */
export function giveBackBlock(block: RowBlock, memory: ByteMemory): void {
  const { starts, ends, rowStarts, rowEnds, lines } = block;
  for (const { buffer, byteOffset, byteLength } of [starts, ends, rowStarts, rowEnds, lines]) {
    memory.giveBack(new Uint8Array(buffer, byteOffset, byteLength));
  }
}

function int32s(memory: ByteMemory, length: number): Int32Array {
  const { buffer, byteOffset } = memory.take(length * Int32Array.BYTES_PER_ELEMENT);
  return new Int32Array(buffer, byteOffset, length);
}

function float64s(memory: ByteMemory, length: number): Float64Array {
  const { buffer, byteOffset } = memory.take(length * Float64Array.BYTES_PER_ELEMENT);
  return new Float64Array(buffer, byteOffset, length);
}
