import type { Entries } from '../columns/column-batch.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { addressOfId, kernelEntries } from '../columns/kernel-entries.ts';
import type { PageWriter } from './page-writer.ts';
import { entryBytes } from './plain-encoding.ts';
import type { Bounds } from './statistics.ts';

/** Entries that a delta encoding is for. */
export type DeltaEntries = Extract<Entries, { storage: 'int32' | 'int64' | 'bytes' }>;

const NUMBER_BYTES = 8;
/** The kernel fills the last block of numbers up. */
const BLOCK_VALUES = 128;
/** At most 64 bits a value, and for each block its least difference and its widths. */
const BLOCK_BYTES_MAX = BLOCK_VALUES * NUMBER_BYTES + 16;
const HEADER_BYTES_MAX = 24;

/** The distance between the least and greatest value of a chunk with deltas: wider steps would take nearly as many bits as values. */
const RANGE_MAX = 2 ** 52;

/** Writes values in the delta encoding of their physical type, page by page with the same scratch memory. */
export class DeltaEncoder {
  readonly #kernel: Kernel;
  readonly #numbers: Uint8Array;

  /** `valuesMax`: the most values of a page. */
  constructor(kernel: Kernel, valuesMax: number) {
    this.#kernel = kernel;
    this.#numbers = kernel.take((valuesMax + BLOCK_VALUES) * NUMBER_BYTES);
  }

  /** Writes the entries with the ids ids[start] up to ids[end]. */
  write(out: PageWriter, of: DeltaEntries, ids: Int32Array, start: number, end: number): void {
    const count = end - start;
    const numbersMax = HEADER_BYTES_MAX + Math.ceil(count / BLOCK_VALUES) * BLOCK_BYTES_MAX;
    const bytes = of.storage === 'bytes' ? entryBytes(this.#kernel, of, ids, start, count) : 0;
    const { storage, entries, offsets } = kernelEntries(of);
    out.append(numbersMax + bytes, (to) =>
      this.#kernel.functions.writeDelta(
        to,
        storage,
        entries,
        offsets,
        addressOfId(ids, start),
        count,
        this.#numbers.byteOffset,
      ),
    );
  }

  close(): void {
    this.#kernel.giveBack(this.#numbers);
  }
}

/** Whether the values of a chunk with these bounds have a delta encoding here. */
export function hasDeltas(entries: Entries, bounds: Bounds | null): entries is DeltaEntries {
  switch (entries.storage) {
    case 'int32':
      // Wider differences would have to wrap around, which not every reader does.
      return rangeOf(bounds, (view) => view.getInt32(0, true)) < 2 ** 31;
    case 'int64':
      return rangeOf(bounds, (view) => view.getBigInt64(0, true)) < RANGE_MAX;
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
