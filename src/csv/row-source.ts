import type { Kernel } from '../kernel/kernel.ts';
import type { RowBlock } from './row-block.ts';

/** What is wrong with a row that no block can hold. */
export type RowFault =
  | { rule: 'quote'; line: number; fieldIndex: number; detail: 'inside_field' | 'unclosed' }
  /** On the line where the quote opens. Many lines may lie between: where it was not closed, the next quote of the file does. */
  | {
      rule: 'quote';
      line: number;
      fieldIndex: number;
      detail: 'after_closing_quote';
      closedOn: number;
    }
  | { rule: 'field_count'; line: number; fieldCount: number };

/** Where a row stands: bytes[start, end) of the buffer, with its line end, and the line on which it starts. */
export interface RowPlace {
  start: number;
  end: number;
  line: number;
}

/** The values of a longer row, or of one with more, are not worth the memory. */
export const FAULTY_ROW_BYTES_MAX = 1 << 16;

export interface RowSourceOptions {
  /** How many fields a row must have; null: as many as the first row has. */
  fieldCount: number | null;
  /** Where the first row decides it: how many fields are found at the most; those beyond are only counted. */
  fieldsMax?: number;
  /** The most rows that one block holds. */
  rowsMax: number;
  /** Line of the first byte. */
  line: number;
  /**
   * Told of each row that is not in the block because it is malformed. `fields` gives the values of one that has too many or too
   * few, unless it is very long, and only during the call.
   */
  onFault: (fault: RowFault, fields: () => string[], place: RowPlace) => void;
  /** Scans bytes that lie in its memory several times as fast; null or none for a few rows. */
  kernel?: Kernel | null;
}

/** Finds the rows in bytes that come piece by piece: RowScanner as RFC 4180 has them, DialectScanner in any other way. */
export interface RowSource {
  readonly block: RowBlock;
  /** Line of the next row. */
  readonly line: number;
  /** Where the bytes that the last scan left over end inside a quoted field: the line its quote opened on; else null. */
  readonly openQuoteLine: number | null;
  /** Malformed rows so far. */
  readonly faultyRows: number;
  /** Whether the last scan ended because the block has no room for another row. */
  readonly full: boolean;
  /**
   * Fills the block with the rows of bytes[start, end) that start before `limit`, as many as it holds, and returns where
   * the next row starts. What stands behind that is the start of a row that the buffer cuts, to be given again with what
   * follows it. `last`: nothing follows, so what is left at the end is a row too. May write to the bytes of the rows it
   * has found, and to the PADDING_BYTES that must follow `end`.
   */
  scan(bytes: Uint8Array, start: number, end: number, last: boolean, limit?: number): number;
  /** Gives back what it has taken of the kernel's memory. */
  close(): void;
}
