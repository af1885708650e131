import type { ColumnType } from '../schema/column-type.ts';
import type { CleanOptions } from '../schema/dataset.ts';
import { copyBytes, grownBytes } from './entry-store.ts';

const SPACE = 32;
const FIRST_NON_ASCII = 0x80;

/**
 * Cleans one cell at a time: trims, knows null words, lower-cases text. The result is bytes[start, end) of this object,
 * until the next call: the cell's own bytes where nothing had to be changed, else a buffer of this object.
 */
export class CellCleaner {
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;

  readonly #trim: boolean;
  readonly #lowercase: boolean;
  /** By their length in bytes: that alone tells most cells from any of them. */
  readonly #nullWords: Uint8Array[][] = [];
  #scratch = new Uint8Array(256);

  constructor(clean: CleanOptions, type: ColumnType) {
    this.#trim = clean.trim;
    this.#lowercase =
      clean.lowercaseValues &&
      ['CHAR', 'VARCHAR', 'TEXT', 'MEDIUMTEXT', 'LONGTEXT'].includes(type.name);
    for (const word of clean.nullWords) {
      const bytes = Buffer.from(word);
      (this.#nullWords[bytes.length] ??= []).push(bytes);
    }
  }

  /** False where the cell means "no value": it is empty, or a null word before or after lower-casing. */
  clean(bytes: Uint8Array, start: number, end: number): boolean {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    if (this.#trim) this.#trimEnds();
    if (this.start === this.end || this.#meansNull()) return false;
    if (this.#lowercase && this.#lowercaseCell() && this.#meansNull()) return false;
    return true;
  }

  isNullWord(bytes: Uint8Array, start: number, end: number): boolean {
    const words = this.#nullWords[end - start];
    return words?.some((word) => word.every((byte, i) => bytes[start + i] === byte)) ?? false;
  }

  #meansNull(): boolean {
    return this.isNullWord(this.bytes, this.start, this.end);
  }

  #trimEnds(): void {
    const { bytes } = this;
    while (this.start < this.end && isSpace(bytes[this.start]!)) this.start++;
    while (this.end > this.start && isSpace(bytes[this.end - 1]!)) this.end--;
    if (this.start === this.end) return;
    if (bytes[this.start]! < FIRST_NON_ASCII && bytes[this.end - 1]! < FIRST_NON_ASCII) return;
    // A no-break space or another of Unicode's white space may stand at an end: rare enough for a string.
    const text = this.#text();
    const trimmed = text.trim();
    if (trimmed !== text) this.#set(trimmed);
  }

  /** True where that changed the cell. */
  #lowercaseCell(): boolean {
    const { bytes, start, end } = this;
    let upper = false;
    for (let i = start; i < end; i++) {
      const byte = bytes[i]!;
      if (byte >= FIRST_NON_ASCII) {
        const text = this.#text();
        const lower = text.toLowerCase();
        if (lower === text) return false;
        this.#set(lower);
        return true;
      }
      if (byte >= 65 && byte <= 90) upper = true;
    }
    if (!upper) return false;
    const length = end - start;
    if (length > this.#scratch.length) this.#scratch = grownBytes(this.#scratch, length);
    copyBytes(bytes, start, end, this.#scratch, 0);
    for (let i = 0; i < length; i++) {
      const byte = this.#scratch[i]!;
      if (byte >= 65 && byte <= 90) this.#scratch[i] = byte + 32;
    }
    this.bytes = this.#scratch;
    this.start = 0;
    this.end = length;
    return true;
  }

  #text(): string {
    const { buffer, byteOffset } = this.bytes;
    return Buffer.from(buffer, byteOffset + this.start, this.end - this.start).toString('utf8');
  }

  #set(text: string): void {
    this.bytes = Buffer.from(text, 'utf8');
    this.start = 0;
    this.end = this.bytes.length;
  }
}

/** ASCII white space: space, tab, line feed, vertical tab, form feed, carriage return. */
function isSpace(byte: number): boolean {
  return byte === SPACE || (byte >= 9 && byte <= 13);
}
