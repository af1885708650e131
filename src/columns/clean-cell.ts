import type { ColumnType } from '../schema/column-type.ts';
import type { CleanOptions } from '../schema/dataset.ts';

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

  readonly trims: boolean;
  readonly lowercases: boolean;
  readonly nullWords: readonly Buffer[];

  constructor(clean: CleanOptions, type: ColumnType) {
    this.trims = clean.trim;
    this.lowercases =
      clean.lowercaseValues &&
      ['CHAR', 'VARCHAR', 'TEXT', 'MEDIUMTEXT', 'LONGTEXT'].includes(type.name);
    this.nullWords = clean.nullWords.map((word) => Buffer.from(word));
  }

  /** False where the cell means "no value": it is empty, or a null word before or after lower-casing. */
  clean(bytes: Uint8Array, start: number, end: number): boolean {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    if (this.trims) this.#trimEnds();
    if (this.start === this.end || this.#meansNull()) return false;
    if (this.lowercases && this.#lowercaseCell() && this.#meansNull()) return false;
    return true;
  }

  isNullWord(bytes: Uint8Array, start: number, end: number): boolean {
    return this.nullWords.some(
      (word) => word.length === end - start && word.every((byte, i) => bytes[start + i] === byte),
    );
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
    const text = this.#text();
    const lower = text.toLowerCase();
    if (lower === text) return false;
    this.#set(lower);
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

/** Null words as the kernel reads them, each behind its length, up to a length of 0; null where there are none. */
export function wordList(nullWords: readonly Buffer[]): Buffer | null {
  // An empty cell has no value anyway.
  const words = nullWords.filter((word) => word.length > 0);
  if (words.length === 0) return null;
  const parts = words.flatMap((word) => [bytesOf(word.length), word]);
  return Buffer.concat([...parts, bytesOf(0)]);
}

/** Little-endian. */
function bytesOf(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(length);
  return bytes;
}
