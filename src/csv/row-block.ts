/** What follows the last field of a block in its memory, whatever it holds. */
export const PADDING_BYTES = 8;

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
 * count it is for one row, which decides the field count and may need larger arrays.
 */
export function emptyBlock(fieldCount: number | null, rowsMax: number): RowBlock {
  const rows =
    fieldCount === null
      ? 1
      : Math.max(1, Math.min(rowsMax, Math.floor(BLOCK_FIELDS_MAX / fieldCount)));
  const room = fieldCount === null ? 64 : rows * fieldCount;
  return {
    bytes: new Uint8Array(PADDING_BYTES),
    fieldCount: fieldCount ?? 0,
    rowCount: 0,
    starts: new Int32Array(room),
    ends: new Int32Array(room),
    rowStarts: new Int32Array(rows),
    rowEnds: new Int32Array(rows),
    lines: new Float64Array(rows),
  };
}
