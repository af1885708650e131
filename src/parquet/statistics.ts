import type { Entries, Extremes } from '../columns/column-batch.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { findExtremes } from '../columns/extremes.ts';
import type { ThriftCompactWriter } from './thrift-compact-writer.ts';

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

/** The bounds of the entries with the ids ids[0] up to ids[count], whose extremes may be known. Byte arrays are UTF-8. */
export function boundsOf(
  kernel: Kernel,
  of: Entries,
  ids: Int32Array,
  count: number,
  known?: Extremes | null,
): Bounds | null {
  if (count === 0) return null;
  const extremes = known === undefined ? findExtremes(kernel, of, ids.byteOffset, count) : known;
  // Spec: NaN must not be a bound. Bounds of the others would hide it from readers that sort NaN last, such as DuckDB.
  if (extremes === null) return null;
  const { least: min, greatest: max } = extremes;
  switch (of.storage) {
    case 'boolean':
    case 'int32':
    case 'int64':
      return exact(bytesOf(of.values, min), bytesOf(of.values, max));
    case 'float':
    case 'double':
      return withSignedZeros(of.values, min, max);
    case 'bytes':
      return stringBounds(of.bytes, of.offsets, min, max);
    case 'fixed': {
      const valueOf = (id: number) => copyOf(of.bytes, id * of.width, (id + 1) * of.width);
      return exact(valueOf(min), valueOf(max));
    }
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

function exact(min: Uint8Array, max: Uint8Array): Bounds {
  return { min, minExact: true, max, maxExact: true };
}

/** Spec: parquet.thrift, ColumnOrder; a zero is written as -0 in the minimum and as +0 in the maximum. */
function withSignedZeros(values: Float32Array | Float64Array, min: number, max: number): Bounds {
  const bounds = exact(bytesOf(values, min), bytesOf(values, max));
  const zero = new Uint8Array(values.BYTES_PER_ELEMENT);
  if (values[max] === 0) bounds.max = zero;
  if (values[min] === 0) {
    bounds.min = zero.slice();
    bounds.min[zero.length - 1] = 0x80;
  }
  return bounds;
}

type Numbers = Uint8Array | Int32Array | BigInt64Array | Float32Array | Float64Array;

function bytesOf(values: Numbers, id: number): Uint8Array {
  const width = values.BYTES_PER_ELEMENT;
  const from = values.byteOffset + id * width;
  return copyOf(new Uint8Array(values.buffer), from, from + width);
}

function stringBounds(bytes: Uint8Array, offsets: Int32Array, min: number, max: number): Bounds {
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
