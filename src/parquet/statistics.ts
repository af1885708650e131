import type { Entries } from '../columns/column-batch.ts';
import type { ThriftCompactWriter } from './thrift-compact-writer.ts';
import { wordsOf } from './plain-encoding.ts';

/** Longer bounds are cut: they are there to skip row groups, which a prefix does as well, and are all read with the footer. */
const BOUND_BYTES_MAX = 64;

/** The least and greatest value of a column chunk, PLAIN-encoded without the length of byte arrays. */
export interface Bounds {
  /** Not greater than any value; equal to the least where `minExact`. */
  min: Uint8Array;
  minExact: boolean;
  /** Not less than any value; equal to the greatest where `maxExact`. Null where a cut bound cannot be raised. */
  max: Uint8Array | null;
  maxExact: boolean;
}

export interface ColumnStatistics {
  nullCount: number;
  /** Null where there is no value, or one without an order (NaN). */
  bounds: Bounds | null;
}

/** Positions in a column's entries. */
interface Extremes {
  min: number;
  max: number;
}

/** The bounds of the entries with the ids ids[0] up to ids[count]. Byte arrays are UTF-8. */
export function boundsOf(entries: Entries, ids: Int32Array, count: number): Bounds | null {
  if (count === 0) return null;
  switch (entries.storage) {
    case 'boolean':
    case 'int32':
      return exact(entries.values, numberExtremes(entries.values, ids, count));
    case 'float':
    case 'double':
      return withSignedZeros(entries.values, numberExtremes(entries.values, ids, count));
    case 'int64':
      return exact(entries.values, int64Extremes(wordsOf(entries.values), ids, count));
    case 'bytes':
      return stringBounds(entries.bytes, entries.offsets, ids, count);
    case 'fixed':
      return fixedBounds(entries.bytes, entries.width, ids, count);
  }
}

/** Spec: parquet.thrift, Statistics; fields 1 and 2 are deprecated, their order being undefined for most types. */
export function writeStatistics(thrift: ThriftCompactWriter, statistics: ColumnStatistics): void {
  const { bounds } = statistics;
  thrift.i64Field(3, statistics.nullCount);
  if (bounds === null) return;
  if (bounds.max !== null) thrift.binaryField(5, bounds.max);
  thrift.binaryField(6, bounds.min);
  if (bounds.max !== null) thrift.boolField(7, bounds.maxExact);
  thrift.boolField(8, bounds.minExact);
}

type Numbers = Uint8Array | Int32Array | Float32Array | Float64Array;

function numberExtremes(values: Numbers, ids: Int32Array, count: number): Extremes | null {
  let min = ids[0]!;
  let max = min;
  let least = values[min]!;
  let greatest = least;
  for (let at = 0; at < count; at++) {
    const id = ids[at]!;
    const value = values[id]!;
    if (value < least) {
      least = value;
      min = id;
    } else if (value > greatest) {
      greatest = value;
      max = id;
    } else if (Number.isNaN(value)) {
      // Spec: NaN must not be a bound. Bounds of the others would hide it from readers that sort NaN last, such as DuckDB.
      return null;
    }
  }
  return { min, max };
}

function int64Extremes(words: Int32Array, ids: Int32Array, count: number): Extremes {
  let min = ids[0]!;
  let max = min;
  for (let at = 1; at < count; at++) {
    const id = ids[at]!;
    if (isLess(words, id, min)) min = id;
    else if (isLess(words, max, id)) max = id;
  }
  return { min, max };
}

/** Compares two little-endian 64-bit integers: the high words signed, the low words unsigned. */
function isLess(words: Int32Array, a: number, b: number): boolean {
  const highA = words[2 * a + 1]!;
  const highB = words[2 * b + 1]!;
  if (highA !== highB) return highA < highB;
  return words[2 * a]! >>> 0 < words[2 * b]! >>> 0;
}

function exact(values: Numbers | BigInt64Array, extremes: Extremes | null): Bounds | null {
  if (extremes === null) return null;
  const min = bytesOf(values, extremes.min);
  return { min, minExact: true, max: bytesOf(values, extremes.max), maxExact: true };
}

/** Spec: parquet.thrift, ColumnOrder; a zero is written as -0 in the minimum and as +0 in the maximum. */
function withSignedZeros(
  values: Float32Array | Float64Array,
  extremes: Extremes | null,
): Bounds | null {
  const bounds = exact(values, extremes);
  if (bounds === null || extremes === null) return null;
  const zero = new Uint8Array(values.BYTES_PER_ELEMENT);
  if (values[extremes.max] === 0) bounds.max = zero;
  if (values[extremes.min] === 0) {
    bounds.min = zero.slice();
    bounds.min[zero.length - 1] = 0x80;
  }
  return bounds;
}

function bytesOf(values: Numbers | BigInt64Array, id: number): Uint8Array {
  const width = values.BYTES_PER_ELEMENT;
  return new Uint8Array(values.buffer, values.byteOffset + id * width, width).slice();
}

function fixedBounds(bytes: Uint8Array, width: number, ids: Int32Array, count: number): Bounds {
  const isLessFixed = (a: number, b: number) => {
    // Spec: DECIMAL in fixed bytes sorts as a signed number, which is bytewise but for the sign in the first byte.
    let difference = (bytes[a * width]! ^ 0x80) - (bytes[b * width]! ^ 0x80);
    for (let at = 1; difference === 0 && at < width; at++) {
      difference = bytes[a * width + at]! - bytes[b * width + at]!;
    }
    return difference < 0;
  };
  const { min, max } = extremesBy(isLessFixed, ids, count);
  const valueOf = (id: number) => copyOf(bytes, id * width, (id + 1) * width);
  return { min: valueOf(min), minExact: true, max: valueOf(max), maxExact: true };
}

function stringBounds(
  bytes: Uint8Array,
  offsets: Int32Array,
  ids: Int32Array,
  count: number,
): Bounds {
  const isLessString = (a: number, b: number) => {
    let atA = offsets[a]!;
    let atB = offsets[b]!;
    const endA = offsets[a + 1]!;
    const endB = offsets[b + 1]!;
    const stop = Math.min(endA, atA + endB - atB);
    while (atA < stop && bytes[atA] === bytes[atB]) {
      atA++;
      atB++;
    }
    // Spec: byte arrays sort by unsigned bytes, a prefix first.
    if (atA === stop) return endA - atA < endB - atB;
    return bytes[atA]! < bytes[atB]!;
  };
  const { min, max } = extremesBy(isLessString, ids, count);
  const least = copyOf(bytes, offsets[min]!, offsets[min + 1]!);
  const greatest = copyOf(bytes, offsets[max]!, offsets[max + 1]!);
  const minExact = least.length <= BOUND_BYTES_MAX;
  const maxExact = greatest.length <= BOUND_BYTES_MAX;
  return {
    min: minExact ? least : characterPrefix(least),
    minExact,
    max: maxExact ? greatest : raised(characterPrefix(greatest)),
    maxExact,
  };
}

/** In memory of its own, because a bound goes to other threads and outlives the entries. */
function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end));
}

function extremesBy(
  less: (a: number, b: number) => boolean,
  ids: Int32Array,
  count: number,
): Extremes {
  let min = ids[0]!;
  let max = min;
  for (let at = 1; at < count; at++) {
    const id = ids[at]!;
    if (less(id, min)) min = id;
    else if (less(max, id)) max = id;
  }
  return { min, max };
}

/** The first bytes of a long string, cut between characters, because readers refuse a bound that is not UTF-8. */
function characterPrefix(string: Uint8Array): Uint8Array {
  let end = BOUND_BYTES_MAX;
  while (end > 0 && (string[end]! & 0xc0) === 0x80) end--;
  return string.slice(0, end);
}

/** The least string of at most as many characters that is greater than all strings with this prefix; null if none is. */
function raised(prefix: Uint8Array): Uint8Array | null {
  const characters = Array.from(Buffer.from(prefix).toString(), (text) => text.codePointAt(0)!);
  for (let last = characters.pop(); last !== undefined; last = characters.pop()) {
    if (last === 0x10ffff) continue;
    // UTF-8 sorts as its code points do; the surrogates are none that it can hold.
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    return new TextEncoder().encode(String.fromCodePoint(...characters, next));
  }
  return null;
}
