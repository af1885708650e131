import type { Entries } from '../columns/column-batch.ts';
import type { ByteWriter } from './byte-writer.ts';
import { DELTA_RANGE_MAX, DeltaBinaryPacker } from './delta-binary-packed.ts';
import { copyBytes, wordsOf } from './plain-encoding.ts';
import type { Bounds } from './statistics.ts';

/** Entries that a delta encoding is for. */
export type DeltaEntries = Extract<Entries, { storage: 'int32' | 'int64' | 'bytes' }>;

/** Writes values in the delta encoding of their physical type, page by page with the same scratch memory. */
export class DeltaEncoder {
  readonly #packer = new DeltaBinaryPacker();
  readonly #numbers: Float64Array;

  /** `valuesMax`: the most values of a page. */
  constructor(valuesMax: number) {
    this.#numbers = new Float64Array(valuesMax);
  }

  /** Writes the entries with the ids ids[start] up to ids[end]. */
  write(out: ByteWriter, entries: DeltaEntries, ids: Int32Array, start: number, end: number): void {
    const count = end - start;
    const numbers = this.#numbers;
    switch (entries.storage) {
      case 'int32': {
        const { values } = entries;
        for (let at = 0; at < count; at++) numbers[at] = values[ids[start + at]!]!;
        this.#packer.write(out, numbers, count, count === 0 ? 0n : BigInt(numbers[0]!));
        return;
      }
      case 'int64': {
        const first = count === 0 ? 0n : entries.values[ids[start]!]!;
        subtract(numbers, wordsOf(entries.values), ids, start, end);
        this.#packer.write(out, numbers, count, first);
        return;
      }
      case 'bytes': {
        const { bytes, offsets } = entries;
        for (let at = 0; at < count; at++) {
          const id = ids[start + at]!;
          numbers[at] = offsets[id + 1]! - offsets[id]!;
        }
        this.#packer.write(out, numbers, count, count === 0 ? 0n : BigInt(numbers[0]!));
        writeStrings(out, bytes, offsets, ids, start, end);
        return;
      }
    }
  }
}

/** Whether the values of a chunk with these bounds have a delta encoding here. */
export function hasDeltas(entries: Entries, bounds: Bounds | null): entries is DeltaEntries {
  switch (entries.storage) {
    case 'int32':
      // Wider differences would have to wrap around, which not every reader does.
      return rangeOf(bounds, (view) => view.getInt32(0, true)) < 2 ** 31;
    case 'int64':
      return rangeOf(bounds, (view) => view.getBigInt64(0, true)) < DELTA_RANGE_MAX;
    case 'bytes':
      return bounds !== null;
    case 'boolean':
    case 'float':
    case 'double':
    case 'fixed':
      return false;
  }
}

function rangeOf(bounds: Bounds | null, read: (view: DataView) => number | bigint): number {
  if (bounds?.max == null) return Infinity;
  const [min, max] = [bounds.min, bounds.max].map(({ buffer, byteOffset }) =>
    BigInt(read(new DataView(buffer, byteOffset))),
  );
  return Number(max! - min!);
}

/** How much each 64-bit integer differs from the first, exact where the difference is. */
function subtract(
  numbers: Float64Array,
  words: Int32Array,
  ids: Int32Array,
  start: number,
  end: number,
): void {
  const first = 2 * (ids[start] ?? 0);
  const low = words[first]! >>> 0;
  const high = words[first + 1]!;
  for (let at = start; at < end; at++) {
    const word = 2 * ids[at]!;
    numbers[at - start] = (words[word + 1]! - high) * 2 ** 32 + ((words[word]! >>> 0) - low);
  }
}

/** Spec: parquet-format Encodings.md, DELTA_LENGTH_BYTE_ARRAY = 6: behind the lengths all bytes, without a gap. */
function writeStrings(
  out: ByteWriter,
  bytes: Uint8Array,
  offsets: Int32Array,
  ids: Int32Array,
  start: number,
  end: number,
): void {
  // Where each row has an entry of its own they lie one behind the other, and a page is copied at once.
  let from = 0;
  let to = 0;
  for (let at = start; at < end; at++) {
    const id = ids[at]!;
    if (offsets[id] !== to) {
      copyBytes(out, bytes, from, to);
      from = offsets[id]!;
    }
    to = offsets[id + 1]!;
  }
  copyBytes(out, bytes, from, to);
}
