import type { Entries } from '../columns/column-batch.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { KernelNumbers } from '../kernel/kernel-numbers.ts';
import { plainSize } from './plain-encoding.ts';
import { bitWidthOf } from './rle-bit-packed-hybrid.ts';

/** Readers hold a dictionary in memory, decoded, while they read its pages; parquet-mr and Arrow stop at 1 MiB as well. */
const DICTIONARY_BYTES_MAX = 1024 * 1024;

/**
 * The entries that a column chunk uses, in the order of their first use: what its dictionary page holds. Its memory is
 * used again for the next chunk.
 */
export class Dictionary {
  size = 0;
  #bytes = 0;
  readonly #kernel: Kernel;
  readonly #order: KernelNumbers;
  readonly #codeOf: KernelNumbers;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#order = new KernelNumbers(kernel);
    this.#codeOf = new KernelNumbers(kernel);
  }

  /** Entry ids; code c of a data page stands for entry order[c]. */
  get order(): Int32Array {
    return this.#order.numbers;
  }

  /**
   * Writes the codes of the first `rows` ids to `codes`, which has room for as many, leaving out those without a value,
   * and fills the dictionary with the entries that they name. Returns how many codes there are.
   */
  encode(ids: Int32Array, rows: number, entryCount: number, codes: Int32Array): number {
    const { functions } = this.#kernel;
    const order = this.#order.reserve(entryCount);
    const codeOf = this.#codeOf.reserve(entryCount + 1);
    const count = functions.encodeDictionary(
      ids.byteOffset,
      rows,
      entryCount,
      codeOf.byteOffset,
      order.byteOffset,
      codes.byteOffset,
    );
    this.size = functions.dictionarySize.value;
    return count;
  }

  /** Whether the dictionary and `count` codes are smaller than `count` PLAIN values. */
  pays(entries: Entries, count: number): boolean {
    this.#bytes = plainSize(this.#kernel, entries, this.order, 0, this.size);
    if (this.size === 0 || this.#bytes > DICTIONARY_BYTES_MAX) return false;
    // Estimates by the mean length of the entries, which is exact for all types but byte arrays.
    const plainBytes = (this.#bytes / this.size) * count;
    return this.bytesWith(count) < plainBytes;
  }

  /** How many bytes the dictionary and `count` codes take, where it was asked whether it pays. */
  bytesWith(count: number): number {
    return this.#bytes + (bitWidthOf(this.size) * count) / 8;
  }

  close(): void {
    this.#order.close();
    this.#codeOf.close();
  }
}
