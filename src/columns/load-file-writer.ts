import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { NULL_ID } from './column-batch.ts';
import type { ColumnBuilder } from './column-builder.ts';
import { copyBytes, grownBytes } from './entry-store.ts';

const TAB = 9;
const LF = 10;
const BACKSLASH = 92;
const LETTER_N = 78;

const FLUSH_BYTES = 1 << 20;
const CLOSED = -1;

/**
 * Writes the load file: the accepted rows as LOAD DATA reads them. Not fsynced, because it is made again from the source
 * after a crash. A row is rendered first and kept or taken back, so the file also tells rows that are equal: their bytes
 * are the same, since values are canonical.
 */
export class LoadFileWriter {
  #fd: number;
  #buffer = new Uint8Array(FLUSH_BYTES + (1 << 16));
  #length = 0;
  #flushed = 0;
  #rowStart = 0;
  #compared = new Uint8Array(1 << 12);

  constructor(path: string) {
    this.#fd = openSync(path, 'w+');
  }

  /** Where the row being rendered starts in the file. */
  get rowPosition(): number {
    return this.#flushed + this.#rowStart;
  }

  get bytes(): number {
    return this.#flushed + this.#length;
  }

  /** Renders the row whose ids stand at `at` in the columns. */
  renderRow(columns: readonly ColumnBuilder[], at: number): void {
    if (this.#length > FLUSH_BYTES) this.#flush();
    this.#rowStart = this.#length;
    for (const { ids, loadText } of columns) {
      const id = ids[at]!;
      if (id === NULL_ID) {
        this.#room(3);
        this.#buffer[this.#length++] = BACKSLASH;
        this.#buffer[this.#length++] = LETTER_N;
      } else if (loadText !== null) {
        const start = loadText.offsets[id]!;
        const end = loadText.offsets[id + 1]!;
        this.#room(end - start + 1);
        copyBytes(loadText.bytes, start, end, this.#buffer, this.#length);
        this.#length += end - start;
      }
      this.#buffer[this.#length++] = TAB;
    }
    // The last tab becomes the line end.
    this.#buffer[this.#length - 1] = LF;
  }

  /** The row just rendered. */
  get row(): Uint8Array {
    return this.#buffer.subarray(this.#rowStart, this.#length);
  }

  /** Takes the row just rendered out again. */
  takeBack(): void {
    this.#length = this.#rowStart;
  }

  /** Whether the row just rendered equals the one at `position`. The line end, which no value holds, ends both. */
  equalsRowAt(position: number): boolean {
    const length = this.#length - this.#rowStart;
    const row = this.row;
    let other: Uint8Array;
    if (position >= this.#flushed) {
      const start = position - this.#flushed;
      other = this.#buffer.subarray(start, start + length);
    } else {
      if (this.#compared.length < length) this.#compared = new Uint8Array(length * 2);
      const inFile = Math.min(length, this.#flushed - position);
      readSync(this.#fd, this.#compared, 0, inFile, position);
      if (inFile < length) return false;
      other = this.#compared.subarray(0, length);
    }
    return Buffer.compare(row, other) === 0;
  }

  /** Writes what is left and closes; the size of the file. */
  finish(): number {
    this.#flush();
    this.close();
    return this.#flushed;
  }

  /** Closes without writing what is left; does nothing when the file is closed already. */
  close(): void {
    if (this.#fd === CLOSED) return;
    closeSync(this.#fd);
    this.#fd = CLOSED;
  }

  #flush(): void {
    let written = 0;
    while (written < this.#length) {
      written += writeSync(this.#fd, this.#buffer, written, this.#length - written);
    }
    this.#flushed += this.#length;
    this.#length = 0;
    this.#rowStart = 0;
  }

  #room(bytes: number): void {
    if (this.#length + bytes > this.#buffer.length) {
      this.#buffer = grownBytes(this.#buffer, this.#length + bytes);
    }
  }
}
