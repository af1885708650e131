import { GATHERED_FIELDS } from '../csv/row-block.ts';
import { NULL_ID } from './column-batch.ts';
import { ColumnBuilder } from './column-builder.ts';
import { GatheredCells } from './gathered-cells.ts';
import { BlockPlacer } from './placed-block.ts';
import { RowReader } from './row-reader.ts';
import type { SourceRowsOptions } from './source-rows.ts';

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
  readonly #reader: RowReader;
  readonly #columns: ColumnBuilder[];
  readonly #placer: BlockPlacer;
  /** Null where nothing is gathered. */
  readonly #gathered: GatheredCells | null;
  #keptBytes = 0;

  constructor(options: SourceRowsOptions) {
    const { columns, clean, kernel, extra = [] } = options;
    this.#options = options;
    this.#reader = new RowReader(options);
    const settings = { clean, renders: true };
    this.#columns = columns.map((column) => new ColumnBuilder(column, settings, kernel));
    this.#placer = new BlockPlacer(kernel);
    this.#gathered = extra.length === 0 ? null : new GatheredCells(extra, clean, kernel);
  }

  close(): void {
    for (const column of this.#columns) column.close();
    this.#placer.close();
    this.#gathered?.close();
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
    const block = this.#reader.rowAt(position);
    if (block.rowCount === 0) return false;
    const placed = this.#placer.place(block);
    for (const [i, column] of this.#columns.entries()) {
      const field = this.#options.fieldOf[i]!;
      if (field === GATHERED_FIELDS) this.#gathered!.append(column, placed, 0, 1, at);
      else column.append(placed, field, 0, 1, at);
    }
    this.#keptBytes += block.rowEnds[0]!;
    return true;
  }
}

/** Whether the later row's value is that of the earlier one. */
function isRepeated(column: ColumnBuilder): boolean {
  const [earlier, later] = column.ids(2) as unknown as [number, number];
  if (earlier === later) return true;
  return earlier !== NULL_ID && later !== NULL_ID && column.areEqual(earlier, later);
}
