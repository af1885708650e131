import type { Entries } from '../columns/column-batch.ts';
import { bitWidthOf } from './rle-bit-packed-hybrid.ts';
import { plainSize } from './plain-encoding.ts';

/** Readers hold a dictionary in memory, decoded, while they read its pages; parquet-mr and Arrow stop at 1 MiB as well. */
const DICTIONARY_BYTES_MAX = 1024 * 1024;

/**
 * The entries that a column chunk uses, in the order of their first use: what its dictionary page holds. The arrays
 * are used again for the next chunk.
 */
export class Dictionary {
  /** Entry ids; code c of a data page stands for entry order[c]. */
  order = new Int32Array(0);
  size = 0;
  #codeOf = new Int32Array(0);

  /** Replaces the entry ids ids[0] up to ids[count] by codes, and fills the dictionary with the entries that they name. */
  encode(ids: Int32Array, count: number, entryCount: number): void {
    if (this.order.length < entryCount) {
      this.order = new Int32Array(2 * entryCount);
      this.#codeOf = new Int32Array(2 * entryCount);
    }
    const codeOf = this.#codeOf.fill(-1, 0, entryCount);
    const { order } = this;
    let size = 0;
    for (let at = 0; at < count; at++) {
      const id = ids[at]!;
      let code = codeOf[id]!;
      if (code < 0) {
        code = size++;
        codeOf[id] = code;
        order[code] = id;
      }
      ids[at] = code;
    }
    this.size = size;
  }

  /** Takes `encode` back: replaces codes by entry ids. */
  decode(codes: Int32Array, count: number): void {
    for (let at = 0; at < count; at++) codes[at] = this.order[codes[at]!]!;
  }

  /** Whether the dictionary and `count` codes are smaller than `count` PLAIN values. */
  pays(entries: Entries, count: number): boolean {
    const bytes = plainSize(entries, this.order, 0, this.size);
    if (this.size === 0 || bytes > DICTIONARY_BYTES_MAX) return false;
    // Estimates by the mean length of the entries, which is exact for all types but byte arrays.
    const plainBytes = (bytes / this.size) * count;
    return bytes + (bitWidthOf(this.size) * count) / 8 < plainBytes;
  }
}
