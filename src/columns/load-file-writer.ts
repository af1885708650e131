import { closeSync, openSync, writeSync } from 'node:fs';
import type { Kernel } from '../kernel/kernel.ts';
import type { ColumnBuilder } from './column-builder.ts';

/** Rendered rows are written when there are so many bytes of them. */
const BUFFER_BYTES = 1 << 18;
const CLOSED = -1;

/**
 * Writes the load file: the accepted rows as LOAD DATA reads them. Not fsynced, because it is made again from the source
 * after a crash.
 */
export class LoadFileWriter {
  readonly #kernel: Kernel;
  #fd: number;
  #buffer: Uint8Array;
  #bytes = 0;

  constructor(path: string, kernel: Kernel) {
    this.#kernel = kernel;
    this.#fd = openSync(path, 'w');
    this.#buffer = kernel.take(BUFFER_BYTES);
  }

  /** Renders the first `rows` rows of a batch. */
  renderRows(columns: readonly ColumnBuilder[], rows: number): void {
    const { functions } = this.#kernel;
    const list = this.#kernel.take(columns.length * Int32Array.BYTES_PER_ELEMENT);
    const addresses = new Int32Array(list.buffer, list.byteOffset, columns.length);
    columns.forEach(({ address }, i) => {
      addresses[i] = address;
    });
    try {
      for (let row = 0; row < rows;) {
        const { byteOffset, length } = this.#buffer;
        const count = columns.length;
        const bytes = functions.renderRows(list.byteOffset, count, row, rows, byteOffset, length);
        const rendered = functions.renderedRows.value;
        if (rendered === 0) this.#enlarge(functions.renderedBytes(list.byteOffset, count, row));
        this.#write(bytes);
        row += rendered;
      }
    } finally {
      this.#kernel.giveBack(list);
    }
  }

  /** Closes; the size of the file. */
  finish(): number {
    this.close();
    return this.#bytes;
  }

  /** Does nothing when the file is closed already. */
  close(): void {
    if (this.#fd === CLOSED) return;
    this.#kernel.giveBack(this.#buffer);
    closeSync(this.#fd);
    this.#fd = CLOSED;
  }

  /** Makes room for a row that the buffer is too small for. */
  #enlarge(rowBytes: number): void {
    this.#kernel.giveBack(this.#buffer);
    this.#buffer = this.#kernel.take(rowBytes + BUFFER_BYTES);
  }

  #write(bytes: number): void {
    for (let done = 0; done < bytes;) {
      done += writeSync(this.#fd, this.#buffer, done, bytes - done);
    }
    this.#bytes += bytes;
  }
}
