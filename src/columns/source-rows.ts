import { readSync } from 'node:fs';
import type { Delimiter } from '../csv/delimiter.ts';
import { openRows } from '../csv/open-rows.ts';
import { SourceReader } from '../csv/source-reader.ts';
import type { Column } from '../schema/column-type.ts';
import type { CleanOptions, Dialect } from '../schema/dataset.ts';
import { ColumnBuilder } from './column-builder.ts';
import type { ComparedRows } from './fingerprint-table.ts';
import { viewOf } from './hash-bytes.ts';
import { NULL_ID } from './column-batch.ts';

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
  lineBytesMax: number;
  delimiter: Delimiter;
  fieldCount: number;
  fieldOf: readonly number[];
  columns: readonly Column[];
  clean: CleanOptions;
  dialect: Dialect | null;
}

/** Compares rows in the source, by the positions at which they start. */
export class SourceRows implements ComparedRows {
  readonly #options: SourceRowsOptions;
  #window: Buffer = Buffer.alloc(0);
  #windowAt = 0;
  /** Where the last row that was compared ends. */
  #lastEnd = 0;
  readonly #earlier = new Map<number, Buffer>();

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
    return this.#valuesAt(earlier).equals(this.#valuesAt(position));
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

  /** The canonical values of a row: the rare way, for rows that are written differently. */
  #valuesAt(position: number): Buffer {
    const { fd, fileBytes, lineBytesMax, delimiter, fieldCount, fieldOf } = this.#options;
    const { columns, clean, dialect } = this.#options;
    const reader = new SourceReader(fd, fileBytes, lineBytesMax, {
      from: position,
      to: position + 1,
    });
    const onFault = (): void => {
      throw new Error('A row was sound when it was read first.');
    };
    const scanner = openRows(dialect, delimiter, { fieldCount, rowsMax: 1, line: 1, onFault });
    const { block } = scanner;
    while (block.rowCount === 0 && reader.refill()) {
      scanner.scan(reader.bytes, reader.start, reader.end, reader.last);
    }
    const values = columns.map((column, i) => {
      const options = { clean, renders: true, hashes: false };
      const builder = new ColumnBuilder(column, options);
      builder.append(block, viewOf(block.bytes), fieldOf[i]!, 0, 1, 0, null);
      const { bytes, offsets } = builder.loadText!;
      return builder.ids[0] === NULL_ID ? '\\N\t' : [bytes.subarray(0, offsets[1]), '\t'];
    });
    return Buffer.concat(values.flat().map((part) => Buffer.from(part)));
  }
}
