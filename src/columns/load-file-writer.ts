import { closeSync, writeSync } from 'node:fs';
import { createWorkFile } from '../core/work-file.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { ColumnBuilder } from './column-builder.ts';

/** Rendered rows are written when there are so many bytes of them. */
const BUFFER_BYTES = 1 << 18;
const NO_FILE = -1;

/**
 * Writes the load file: the accepted rows as LOAD DATA reads them. Not fsynced, because it is made again from the source
 * after a crash. Up to `heldBytesMax` bytes are kept in memory, and only with more of them is there a file.
 */
export class LoadFileWriter {
  readonly #path: string;
  readonly #kernel: Kernel;
  readonly #heldBytesMax: number;
  #fd = NO_FILE;
  readonly #held: Uint8Array[] = [];
  #buffer: Uint8Array;
  #closed = false;
  #bytes = 0;

  constructor(path: string, kernel: Kernel, heldBytesMax = 0) {
    this.#path = path;
    this.#kernel = kernel;
    this.#heldBytesMax = heldBytesMax;
    if (heldBytesMax === 0) this.#fd = createWorkFile(path);
    this.#buffer = kernel.take(BUFFER_BYTES);
  }

  /** All rows, where they are held; null where they are in the file. */
  get content(): Uint8Array | null {
    return this.#fd === NO_FILE ? Buffer.concat(this.#held) : null;
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
    if (this.#closed) return;
    this.#kernel.giveBack(this.#buffer);
    if (this.#fd !== NO_FILE) closeSync(this.#fd);
    this.#closed = true;
  }

  /** Makes room for a row that the buffer is too small for. */
  #enlarge(rowBytes: number): void {
    this.#kernel.giveBack(this.#buffer);
    this.#buffer = this.#kernel.take(rowBytes + BUFFER_BYTES);
  }

  #write(bytes: number): void {
    this.#bytes += bytes;
    const rows = this.#buffer.subarray(0, bytes);
    if (this.#bytes <= this.#heldBytesMax) {
      this.#held.push(rows.slice());
      return;
    }
    if (this.#fd === NO_FILE) this.#fd = createWorkFile(this.#path);
    for (const held of this.#held.splice(0)) writeAll(this.#fd, held);
    writeAll(this.#fd, rows);
  }
}

function writeAll(fd: number, rows: Uint8Array): void {
  for (let done = 0; done < rows.length;) done += writeSync(fd, rows, done, rows.length - done);
}
