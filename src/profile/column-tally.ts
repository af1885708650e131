import type { RawValue } from '../columns/raw-value.ts';
import type { OutlierBounds } from '../schema/expectations.ts';
import type { ValueSample } from './value-sample.ts';

/** What is wanted of a profile besides the usual. Plain data. */
export interface ProfileRequest {
  /** Columns of numbers, with the least and the greatest value that is usual; how many values lie outside is counted. */
  bounds: OutlierBounds;
  /** Columns of numbers, outside of which a row is diverted; left out where there are none. */
  diverted?: OutlierBounds;
  /** Columns of which all values are wanted, where they are not too many. */
  categories: readonly string[];
  /** Columns of which no two rows have the same value, so that nothing has to be estimated; left out where there are none. */
  unique?: readonly string[];
}

/** How often each of a few values comes, and where each goes in a sketch. */
export interface TalliedValues {
  raws: RawValue[];
  counts: number[];
  /** See placeEntries in the kernel. Null for the only batch of a source, which is merged with none. */
  cells: number[] | null;
}

/** What one column of a batch, or of several, holds. Plain data, which passes between threads; numbers are raw. */
export interface ColumnTally {
  nulls: number;
  present: number;
  least: RawValue | null;
  greatest: RawValue | null;
  /** Of numbers; `outside`: how many lie out of bounds. */
  numbers: { mean: number; squares: number; outside: number } | null;
  /** Of texts, in characters. */
  lengths: { min: number; max: number; characters: number } | null;
  /** Null where there are too many different ones: then there is a sketch of them. */
  values: TalliedValues | null;
  /** Null as well for many values of a unique column. */
  registers: Uint8Array | null;
  /** Of numbers and times, where there is a sketch. */
  sample: ValueSample | null;
}
