import type { Column } from '../schema/column-type.ts';

/** The id that a row without a value has in {@link ColumnVector.ids}. */
export const NULL_ID = -1;

/**
 * Typed values of one column, each either the value of several rows (a dictionary) or of one. `count` is how many there
 * are; the arrays may be longer. 64-bit integers and fixed-width values lie in memory as Parquet's PLAIN encoding has them.
 */
export type Entries =
  | { storage: 'boolean'; count: number; values: Uint8Array }
  | { storage: 'int32'; count: number; values: Int32Array }
  | { storage: 'int64'; count: number; values: BigInt64Array }
  | { storage: 'float'; count: number; values: Float32Array }
  | { storage: 'double'; count: number; values: Float64Array }
  /** Value i is bytes[offsets[i]] up to bytes[offsets[i + 1]]. */
  | { storage: 'bytes'; count: number; bytes: Uint8Array; offsets: Int32Array }
  /** Value i is the `width` bytes from i * width: a big-endian two's complement decimal. */
  | { storage: 'fixed'; count: number; bytes: Uint8Array; width: number };

/** The values of one column in a batch. */
export interface ColumnVector {
  column: Column;
  /** Row r has the value entries[ids[r]], or none where ids[r] is NULL_ID. May be longer than the batch has rows. */
  ids: Int32Array;
  nullCount: number;
  /** May hold entries that no row of the batch uses: those of rows that were rejected or dropped. */
  entries: Entries;
  /** Whether the entries differ from one another, so that they can serve as a dictionary. */
  distinct: boolean;
  /** Of the values of its rows, where somebody has looked for them: who comes later need not. */
  extremes?: Extremes | null;
}

/** Ids of the entries with the least and the greatest value. */
export interface Extremes {
  least: number;
  greatest: number;
}

/**
 * Accepted rows, column by column: the unit between csv/ and its sinks, at most one Parquet row group. A sink must be
 * done with a batch when it returns, because the builder fills the same arrays again.
 */
export interface ColumnBatch {
  rowCount: number;
  /** In the order of schema.yaml. */
  columns: ColumnVector[];
}
