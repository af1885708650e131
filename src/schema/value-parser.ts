/** Accepted, and the bytes given are already the canonical text of the value. */
export const ACCEPTED = 0;
/** Accepted; the canonical text is in {@link ValueSink.rendered}. */
export const ACCEPTED_RENDERED = 1;
/** Not a value of the type. */
export const BROKEN_TYPE = 2;
/** A value of the kind, but outside the type's range or finer than its scale. */
export const BROKEN_RANGE = 3;
/** A text longer than the type allows. */
export const BROKEN_LENGTH = 4;

/**
 * What a parser says about a cell. A value that is not accepted leaves nothing in the sink. Numbers, because this is
 * asked for every distinct value, in hot columns for every row.
 */
export type Verdict =
  | typeof ACCEPTED
  | typeof ACCEPTED_RENDERED
  | typeof BROKEN_TYPE
  | typeof BROKEN_RANGE
  | typeof BROKEN_LENGTH;

/** Where a parser puts the typed value: the entries of a column. Which method it calls follows from the type's storage. */
export interface ValueSink {
  /** The canonical text of the value just added, when the verdict is ACCEPTED_RENDERED. ASCII. */
  rendered: string;
  addBoolean(value: boolean): void;
  addInt32(value: number): void;
  /** A 64-bit integer that is a safe integer in JavaScript. */
  addInt64(value: number): void;
  addBigInt64(value: bigint): void;
  addFloat(value: number): void;
  addDouble(value: number): void;
  addBytes(bytes: Uint8Array, start: number, end: number): void;
  /** A decimal of more than 18 digits, unscaled. */
  addFixed(value: bigint): void;
}

/**
 * Types one cell, cleaned and not empty: `bytes[start, end)`. The canonical text is the literal that MySQL reads as
 * exactly this value, and the same for equal values ("5" for "+05"), so that it serves to find duplicates.
 */
export type ValueParser = (
  bytes: Uint8Array,
  start: number,
  end: number,
  sink: ValueSink,
) => Verdict;

/** The cell as a string; parsers need one only off the fast path. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}
