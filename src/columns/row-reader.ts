import { readSync } from 'node:fs';
import { openRows } from '../csv/open-rows.ts';
import { RestoredRows } from '../csv/restored-rows.ts';
import { PADDING_BYTES, type RowBlock } from '../csv/row-block.ts';
import type { RowSource } from '../csv/row-source.ts';
import type { SourceRowsOptions } from './source-rows.ts';

/** How much is read for a row at first; most are shorter. */
const ROOM_BYTES = 1 << 12;

type ReaderOptions = Pick<
  SourceRowsOptions,
  'fd' | 'fileBytes' | 'delimiter' | 'fieldCount' | 'dialect' | 'marks'
>;

/** Reads single rows of a source, by the positions at which they start. */
export class RowReader {
  readonly #fd: number;
  readonly #fileBytes: number;
  readonly #scanner: RowSource;
  #room = new Uint8Array(ROOM_BYTES + PADDING_BYTES);

  constructor({ fd, fileBytes, delimiter, fieldCount, dialect, marks }: ReaderOptions) {
    this.#fd = fd;
    this.#fileBytes = fileBytes;
    const onFault = (): void => {
      throw new Error('A row was sound when it was read first.');
    };
    const rows = openRows(dialect, delimiter, { fieldCount, rowsMax: 1, line: 1, onFault });
    this.#scanner = marks === undefined ? rows : new RestoredRows(rows, marks);
  }

  /** A block of the row; of none, where the source was cut short meanwhile. Valid until the next call. */
  rowAt(position: number): RowBlock {
    const scanner = this.#scanner;
    for (;;) {
      const wanted = Math.min(this.#room.length - PADDING_BYTES, this.#fileBytes - position);
      const got = readSync(this.#fd, this.#room, 0, wanted, position);
      const last = got < wanted || position + got === this.#fileBytes;
      scanner.scan(this.#room, 0, got, last);
      if (scanner.block.rowCount > 0 || last) return scanner.block;
      this.#room = new Uint8Array((this.#room.length - PADDING_BYTES) * 2 + PADDING_BYTES);
    }
  }
}
