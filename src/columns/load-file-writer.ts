import { closeSync, openSync, writeSync } from 'node:fs';
import { NULL_ID } from './column-batch.ts';
import type { ColumnBuilder } from './column-builder.ts';
import { copyBytes, grownBytes } from './entry-store.ts';

const TAB = 9;
const LF = 10;
const BACKSLASH = 92;
const LETTER_N = 78;

const FLUSH_BYTES = 1 << 20;
/** Enough for a small file: a buffer of a megabyte for each of a burst took 25 MB more at the peak. */
const FIRST_BYTES = 1 << 16;
const CLOSED = -1;

/**
 * Writes the load file: the accepted rows as LOAD DATA reads them. Not fsynced, because it is made again from the source
 * after a crash.
 */
export class LoadFileWriter {
  #fd: number;
  #buffer = new Uint8Array(FIRST_BYTES);
  #length = 0;
  #flushed = 0;

  constructor(path: string) {
    this.#fd = openSync(path, 'w');
  }

  /** Renders the row whose ids stand at `at` in the columns. */
  renderRow(columns: readonly ColumnBuilder[], at: number): void {
    if (this.#length > FLUSH_BYTES) this.#flush();
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
  }

  #room(bytes: number): void {
    if (this.#length + bytes > this.#buffer.length) {
      this.#buffer = grownBytes(this.#buffer, this.#length + bytes);
    }
  }
}
