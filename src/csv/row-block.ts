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
