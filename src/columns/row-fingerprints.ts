import type { Kernel } from '../kernel/kernel.ts';
import type { ColumnBuilder } from './column-builder.ts';

const BYTES = 8;
const ROOM_MIN = 1024;

/**
 * A 64-bit fingerprint for each row of a batch, made of the hashes of its values: rows with equal values have equal
 * fingerprints. Made column by column, in the kernel.
 */
export class RowFingerprints {
  /** Two words a row: see firstWord and secondWord. */
  words: Int32Array = new Int32Array(0);
  readonly #kernel: Kernel;
  #memory: Uint8Array = new Uint8Array(0);

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Begins the rows [from, to). */
  begin(from: number, to: number): void {
    if (to * BYTES > this.#memory.length) this.#makeRoom(to);
    this.words.fill(0, 2 * from, 2 * to);
  }

  /** Adds a column to the rows [from, to). */
  addColumn(column: ColumnBuilder, from: number, to: number): void {
    column.addFingerprints(this.#memory.byteOffset + from * BYTES, from, to);
  }

  /** Moves the fingerprint of a row to another place. */
  move(from: number, to: number): void {
    this.words[2 * to] = this.words[2 * from]!;
    this.words[2 * to + 1] = this.words[2 * from + 1]!;
  }

  close(): void {
    if (this.#memory.length > 0) this.#kernel.giveBack(this.#memory);
    this.#memory = new Uint8Array(0);
  }

  #makeRoom(rows: number): void {
    const room = Math.max(rows, (2 * this.#memory.length) / BYTES, ROOM_MIN);
    const former = this.#memory;
    const larger = this.#kernel.take(room * BYTES);
    larger.set(former);
    this.close();
    this.#memory = larger;
    this.words = new Int32Array(larger.buffer, larger.byteOffset, 2 * room);
  }
}

/** The high half of a row's fingerprint, which the place in a table follows from. */
export function firstWord(words: Int32Array, row: number): number {
  return words[2 * row + 1]!;
}

/** The low half. */
export function secondWord(words: Int32Array, row: number): number {
  return words[2 * row]!;
}
