import { hashBytes } from './key-table.ts';
import type { LoadFileWriter } from './load-file-writer.ts';

const FIRST_SLOTS = 1 << 10;

/**
 * Tells whether a row equals an earlier one of the file. Keeps a hash and a position in the load file for each row, 24 to
 * 48 bytes a row, and compares with the bytes there, so that equal hashes alone never drop a row.
 */
export class DuplicateRows {
  readonly #file: LoadFileWriter;
  #count = 0;
  #hashes = new Int32Array(FIRST_SLOTS);
  /** Position of the row in the load file plus one; 0 for an empty slot. */
  #positions = new Float64Array(FIRST_SLOTS);

  constructor(file: LoadFileWriter) {
    this.#file = file;
  }

  /** Whether the row just rendered is a repetition; it is remembered where it is not. */
  isRepeated(): boolean {
    const row = this.#file.row;
    const hash = hashBytes(row, 0, row.length);
    const mask = this.#hashes.length - 1;
    let slot = hash & mask;
    for (; this.#positions[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.#hashes[slot] !== hash) continue;
      if (this.#file.equalsRowAt(this.#positions[slot]! - 1)) return true;
    }
    this.#hashes[slot] = hash;
    this.#positions[slot] = this.#file.rowPosition + 1;
    if (++this.#count * 2 > this.#hashes.length) this.#grow();
    return false;
  }

  #grow(): void {
    const hashes = this.#hashes;
    const positions = this.#positions;
    this.#hashes = new Int32Array(hashes.length * 2);
    this.#positions = new Float64Array(hashes.length * 2);
    const mask = this.#hashes.length - 1;
    for (let from = 0; from < hashes.length; from++) {
      if (positions[from] === 0) continue;
      let slot = hashes[from]! & mask;
      while (this.#positions[slot] !== 0) slot = (slot + 1) & mask;
      this.#hashes[slot] = hashes[from]!;
      this.#positions[slot] = positions[from]!;
    }
  }
}
