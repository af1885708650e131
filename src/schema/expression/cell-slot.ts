import type { Column } from '../column-type.ts';

const NO_NUMBERS = new Float64Array(0);

/** The decoded texts of so many entries are kept: those of a column whose values come again and again. */
const TEXTS_KEPT_MAX = 1 << 12;

/**
 * The cells of one column that an expression looks at, as they lie in memory: whoever has it evaluated puts them here, block by
 * block. Row r has the entry ids[r], or no value where that is below zero. Which of the arrays are filled follows from the column's
 * storage.
 */
export class CellSlot {
  readonly column: Column;
  /** The column's place in the schema. */
  readonly index: number;
  ids: Int32Array = new Int32Array(0);
  /** boolean, int32, float, double. */
  numbers: ArrayLike<number> = NO_NUMBERS;
  /** int64, and its words, the low one first. */
  longs: BigInt64Array = new BigInt64Array(0);
  words: Int32Array = new Int32Array(0);
  /** bytes and fixed. */
  bytes: Uint8Array = new Uint8Array(0);
  offsets: Int32Array = new Int32Array(0);
  width = 0;
  /** How many entries there are. */
  count = 0;
  /** Another one for each batch: entries of different batches have nothing to do with one another. */
  batch = 0;
  #texts: (string | undefined)[] = [];

  constructor(column: Column, index: number) {
    this.column = column;
    this.index = index;
  }

  /** Begins the next batch. */
  clear(): void {
    this.batch++;
    if (this.#texts.length > 0) this.#texts = [];
  }

  textOf(id: number): string {
    if (id >= TEXTS_KEPT_MAX) return this.#decode(id);
    return (this.#texts[id] ??= this.#decode(id));
  }

  /** A big-endian two's complement decimal. */
  fixedOf(id: number): bigint {
    let value = 0n;
    for (let at = id * this.width; at < (id + 1) * this.width; at++) {
      value = (value << 8n) | BigInt(this.bytes[at]!);
    }
    return BigInt.asIntN(8 * this.width, value);
  }

  #decode(id: number): string {
    const { buffer, byteOffset } = this.bytes;
    const start = this.offsets[id]!;
    const length = this.offsets[id + 1]! - start;
    return Buffer.from(buffer, byteOffset + start, length).toString('utf8');
  }
}
