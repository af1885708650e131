import { copyBytes, grownBytes } from './entry-store.ts';

const BACKSLASH = 92;

/**
 * The letter that stands behind a backslash for a byte that LOAD DATA would take for something else; 0 for every other.
 * Spec: MySQL manual, LOAD DATA, FIELDS ESCAPED BY '\\'.
 */
const escapes = new Uint8Array(256);
for (const [byte, letter] of [
  [0, '0'],
  [9, 't'],
  [10, 'n'],
  [13, 'r'],
  [BACKSLASH, '\\'],
] as const) {
  escapes[byte] = letter.charCodeAt(0);
}

/** The canonical texts of a column's entries, escaped as the load file has them: entry i is bytes[offsets[i], offsets[i + 1]). */
export class LoadText {
  bytes = new Uint8Array(1024);
  offsets = new Int32Array(1025);
  #count = 0;

  add(text: Uint8Array, start: number, end: number): void {
    if (this.#count + 1 === this.offsets.length) {
      const longer = new Int32Array(this.offsets.length * 2);
      longer.set(this.offsets);
      this.offsets = longer;
    }
    let special = 0;
    for (let i = start; i < end; i++) if (escapes[text[i]!] !== 0) special++;
    const at = this.offsets[this.#count]!;
    const length = end - start + special;
    if (at + length > this.bytes.length) this.bytes = grownBytes(this.bytes, at + length);
    if (special === 0) copyBytes(text, start, end, this.bytes, at);
    else this.#addEscaped(text, start, end, at);
    this.offsets[++this.#count] = at + length;
  }

  clear(): void {
    this.#count = 0;
  }

  get bytesUsed(): number {
    return this.offsets[this.#count]!;
  }

  #addEscaped(text: Uint8Array, start: number, end: number, at: number): void {
    for (let i = start; i < end; i++) {
      const byte = text[i]!;
      const letter = escapes[byte]!;
      if (letter === 0) this.bytes[at++] = byte;
      else {
        this.bytes[at++] = BACKSLASH;
        this.bytes[at++] = letter;
      }
    }
  }
}
