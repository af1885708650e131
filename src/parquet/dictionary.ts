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

  /**
   * Writes the codes of the first `rows` ids to `codes`, which has room for as many, leaving out those without a value,
   * and fills the dictionary with the entries that they name. Returns how many codes there are.
   */
  encode(ids: Int32Array, rows: number, entryCount: number, codes: Int32Array): number {
    if (this.order.length < entryCount) {
      this.order = new Int32Array(2 * entryCount);
      this.#codeOf = new Int32Array(2 * entryCount + 1);
    }
    // At 1 more than the id, so that NULL_ID has a place too; what its rows write, the next overwrites.
    const codeOf = this.#codeOf.fill(-1, 0, entryCount + 1);
    codeOf[0] = 0;
    const { order } = this;
    let size = 0;
    let count = 0;
    for (let row = 0; row < rows; row++) {
      const id = ids[row]!;
      let code = codeOf[id + 1]!;
      if (code < 0) {
        code = size++;
        codeOf[id + 1] = code;
        order[code] = id;
      }
      codes[count] = code;
      count += 1 + (id >> 31);
    }
    this.size = size;
    return count;
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
