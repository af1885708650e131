import { readSync } from 'node:fs';
import type { Kernel } from '../kernel/kernel.ts';
import type { Delimiter } from '../csv/delimiter.ts';
import type { ExtraField } from '../csv/header-reading.ts';
import type { RejectMarks } from '../csv/reject-columns.ts';
import type { Column } from '../schema/column-type.ts';
import type { CleanOptions, Dialect } from '../schema/dataset.ts';
import type { ComparedRows } from './fingerprint-table.ts';
import { RowValues } from './row-values.ts';

const LF = 10;
const CR = 13;

/** A part of the source that is kept for the rows that are compared next: they come in the order of the file. */
const WINDOW_BYTES = 1 << 18;
/** A row so far behind the last one is read alone: a whole window takes as long as some sixteen rows. */
const GAP_BYTES_MAX = WINDOW_BYTES / 16;
/** How many earlier rows are kept: a file of few different rows compares all others with the same ones. */
const EARLIER_ROWS_MAX = 1 << 10;

export interface SourceRowsOptions {
  fd: number;
  fileBytes: number;
  delimiter: Delimiter;
  fieldCount: number;
  fieldOf: readonly number[];
  /** The fields that a column gathers; left out where there are none. */
  extra?: readonly ExtraField[];
  columns: readonly Column[];
  clean: CleanOptions;
  dialect: Dialect | null;
  /** Of a reject file; left out for any other. */
  marks?: RejectMarks;
  kernel: Kernel;
}

/** Compares rows in the source, by the positions at which they start. */
export class SourceRows implements ComparedRows {
  readonly #options: SourceRowsOptions;
  #window: Buffer = Buffer.alloc(0);
  #windowAt = 0;
  /** Where the last row that was compared ends. */
  #lastEnd = 0;
  readonly #earlier = new Map<number, Buffer>();
  /** Made for the first rows that are written differently. */
  #values: RowValues | null = null;

  constructor(options: SourceRowsOptions) {
    this.#options = options;
  }

  /**
   * Whether the rows at `earlier` and `position` have equal values after cleaning and typing. `bytes`: the length of the
   * later one, with its line end.
   */
  areEqual(earlier: number, position: number, bytes: number): boolean {
    const row = this.#rowAt(position, bytes);
    const before = this.#earlierRow(earlier, bytes);
    // Equal to the last byte of a line end, so nothing can follow in one of them that the other does not have.
    const end = row[row.length - 1];
    if ((end === LF || end === CR) && row.equals(before)) return true;
    this.#values ??= new RowValues(this.#options);
    return this.#values.areEqual(earlier, position);
  }

  /** Gives back what it has taken of the kernel's memory. */
  close(): void {
    this.#values?.close();
    this.#values = null;
  }

  #rowAt(position: number, bytes: number): Buffer {
    const at = position - this.#windowAt;
    const isFar = position - this.#lastEnd > GAP_BYTES_MAX;
    this.#lastEnd = position + bytes;
    if (at >= 0 && at + bytes <= this.#window.length) return this.#window.subarray(at, at + bytes);
    this.#window = this.#read(position, isFar ? bytes : Math.max(bytes, WINDOW_BYTES));
    this.#windowAt = position;
    return this.#window.subarray(0, bytes);
  }

  #earlierRow(position: number, bytes: number): Buffer {
    let row = this.#earlier.get(position);
    if (row === undefined || row.length < bytes) {
      row = this.#read(position, bytes);
      if (this.#earlier.size === EARLIER_ROWS_MAX) this.#earlier.clear();
      this.#earlier.set(position, row);
    }
    return row.subarray(0, bytes);
  }

  #read(position: number, bytes: number): Buffer {
    const buffer = Buffer.allocUnsafe(Math.min(bytes, this.#options.fileBytes - position));
    for (let done = 0; done < buffer.length;) {
      const got = readSync(this.#options.fd, buffer, done, buffer.length - done, position + done);
      // A source cut short meanwhile: the conversion notices by its size.
      if (got === 0) return buffer.subarray(0, done);
      done += got;
    }
    return buffer;
  }
}
