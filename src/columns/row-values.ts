import { readSync } from 'node:fs';
import { PADDING_BYTES, type RowBlock } from '../csv/row-block.ts';
import { openRows } from '../csv/open-rows.ts';
import type { RowSource } from '../csv/row-source.ts';
import { NULL_ID } from './column-batch.ts';
import { ColumnBuilder } from './column-builder.ts';
import { BlockPlacer } from './placed-block.ts';
import type { SourceRowsOptions } from './source-rows.ts';

/** How much is read for a row at first; most are shorter. */
const ROOM_BYTES = 1 << 12;
/** Values are kept until so many bytes of rows have been read, because most come again. */
const KEPT_BYTES_MAX = 1 << 20;

const EARLIER = 0;
const LATER = 1;

/**
 * Compares the values of rows that are written differently. Keeps what it needs from row to row: made anew for each, a pair
 * of rows with 33 columns took 1.3 ms.
 */
export class RowValues {
  readonly #options: SourceRowsOptions;
  readonly #scanner: RowSource;
  readonly #columns: ColumnBuilder[];
  readonly #placer: BlockPlacer;
  #room = new Uint8Array(ROOM_BYTES + PADDING_BYTES);
  #keptBytes = 0;

  constructor(options: SourceRowsOptions) {
    const { delimiter, fieldCount, columns, clean, dialect, kernel } = options;
    this.#options = options;
    const onFault = (): void => {
      throw new Error('A row was sound when it was read first.');
    };
    this.#scanner = openRows(dialect, delimiter, { fieldCount, rowsMax: 1, line: 1, onFault });
    const settings = { clean, renders: true };
    this.#columns = columns.map((column) => new ColumnBuilder(column, settings, kernel));
    this.#placer = new BlockPlacer(kernel);
  }

  close(): void {
    for (const column of this.#columns) column.close();
    this.#placer.close();
  }

  /** Whether the rows at these positions have equal values after cleaning and typing. */
  areEqual(earlier: number, later: number): boolean {
    if (this.#keptBytes > KEPT_BYTES_MAX) {
      for (const column of this.#columns) column.clear();
      this.#keptBytes = 0;
    }
    return (
      this.#take(earlier, EARLIER) && this.#take(later, LATER) && this.#columns.every(isRepeated)
    );
  }

  /** Takes the values of a row; false where there is none, because the source was cut short meanwhile: its size tells. */
  #take(position: number, at: number): boolean {
    const block = this.#scan(position);
    if (block.rowCount === 0) return false;
    const placed = this.#placer.place(block);
    for (const [i, column] of this.#columns.entries()) {
      column.append(placed, this.#options.fieldOf[i]!, 0, 1, at);
    }
    this.#keptBytes += block.rowEnds[0]!;
    return true;
  }

  #scan(position: number): RowBlock {
    const { fd, fileBytes } = this.#options;
    const scanner = this.#scanner;
    for (;;) {
      const wanted = Math.min(this.#room.length - PADDING_BYTES, fileBytes - position);
      const got = readSync(fd, this.#room, 0, wanted, position);
      const last = got < wanted || position + got === fileBytes;
      scanner.scan(this.#room, 0, got, last);
      if (scanner.block.rowCount > 0 || last) return scanner.block;
      this.#room = new Uint8Array((this.#room.length - PADDING_BYTES) * 2 + PADDING_BYTES);
    }
  }
}

/** Whether the later row's value is that of the earlier one. */
function isRepeated(column: ColumnBuilder): boolean {
  const [earlier, later] = column.ids(2) as unknown as [number, number];
  if (earlier === later) return true;
  return earlier !== NULL_ID && later !== NULL_ID && column.areEqual(earlier, later);
}
