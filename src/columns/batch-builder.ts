import { GATHERED_FIELDS, type RowBlock } from '../csv/row-block.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { noRows, type RowCounts } from '../core/load.ts';
import type { ProblemList } from '../core/problem-list.ts';
import type { Column } from '../schema/column-type.ts';
import type { CleanOptions } from '../schema/dataset.ts';
import type { RowCheck } from '../schema/row-check.ts';
import type { BatchSource } from './batch-source.ts';
import { NULL_ID, type ColumnBatch } from './column-batch.ts';
import { ColumnBuilder } from './column-builder.ts';
import { GatheredCells } from './gathered-cells.ts';
import { type EarlierKeys, keepUnique } from './keep-unique.ts';
import type { RepeatedKey } from './key-rows.ts';
import type { LoadFileWriter } from './load-file-writer.ts';
import { BlockPlacer } from './placed-block.ts';
import { RowChecks } from './row-checks.ts';
import { RowVerdicts } from './row-verdicts.ts';
import { RowPlaces, type EarlierRows, type RefusedRows } from './row-places.ts';

/** A batch of very long values is full before it has all its rows, so that memory stays bounded. */
const BATCH_BYTES_MAX = 64 << 20;

export interface BatchBuilderOptions {
  columns: readonly Column[];
  /** Rules across columns; none by default. */
  checks?: readonly RowCheck[];
  clean: CleanOptions;
  /** Whether batches are written to a load file. */
  renders: boolean;
  kernel: Kernel;
}

const noKeys: EarlierKeys = { rows: [], isDuplicate: () => false };

/**
 * From rows to column batches. In: blocks of positions. Out: batches of accepted rows, problems and counts. Order of the
 * verdicts on a row: cleaning drops it for a null first, then its cells are held against their types and rules, then the row
 * against the checks, then, when the batch is full, it is compared with the rows before it. Keeps its memory for the next
 * batch and the next source.
 */
export class BatchBuilder {
  counts: RowCounts = { ...noRows };
  /** Rows of the batch so far; their ids stand first in the columns. */
  rows = 0;
  readonly #options: BatchBuilderOptions;
  #source: BatchSource = {
    ...{ fieldOf: [], rowsMax: 0, seed: 0, compares: false },
    ...{ rejected: null, marks: null },
  };
  readonly #columns: ColumnBuilder[];
  /** Null where there are none. */
  readonly #checks: RowChecks | null;
  readonly #verdicts: RowVerdicts;
  readonly #placesOfRows: RowPlaces;
  readonly #placer: BlockPlacer;
  /** Null where nothing is gathered. */
  #gathered: GatheredCells | null = null;

  constructor(options: BatchBuilderOptions) {
    const { clean, columns, checks = [], renders, kernel } = options;
    this.#options = options;
    this.#checks = checks.length === 0 ? null : new RowChecks(checks, columns, clean, kernel);
    this.#placesOfRows = new RowPlaces(kernel);
    this.#placer = new BlockPlacer(kernel);
    const settings = { clean, renders };
    this.#columns = columns.map((column) => new ColumnBuilder(column, settings, kernel));
    const dropsNulls = clean.nullRows === 'drop_any';
    this.#verdicts = new RowVerdicts(this.#columns, this.#checks, dropsNulls);
  }

  /** Begins with the rows of a source, as if none had been added. */
  begin(source: BatchSource): void {
    this.#source = source;
    const { seed, compares, keys = [], extra = [], bounds = {} } = source;
    this.#gathered?.close();
    const { clean, kernel } = this.#options;
    this.#gathered = extra.length === 0 ? null : new GatheredCells(extra, clean, kernel);
    this.#placesOfRows.useKeys(keys);
    for (const [i, column] of this.#columns.entries()) {
      const isCompared = compares || keys.some((key) => key.includes(i));
      column.begin(seed, isCompared, bounds[column.column.name]);
    }
    this.clear();
    this.counts = { ...noRows };
  }

  /** Where the rows stand and their fingerprints; null where that is not needed. */
  get #places(): RowPlaces | null {
    const { compares, keys = [], placed = false } = this.#source;
    return compares || placed || keys.length > 0 ? this.#placesOfRows : null;
  }

  /** Whether the batch must be taken, and `clear` called, before the next row. */
  get full(): boolean {
    if (this.rows === this.#source.rowsMax) return true;
    let bytes = 0;
    for (const column of this.#columns) bytes += column.bytesUsed;
    return bytes > BATCH_BYTES_MAX;
  }

  /**
   * Takes rows of a block from `from` on, as many as the batch has room for, and returns the first that it has not taken.
   * `base`: position in the source of the block's bytes. `foreign`: they may not be UTF-8, so each cell is looked at.
   */
  add(
    block: RowBlock,
    from: number,
    base: number,
    foreign: boolean,
    problems: ProblemList,
  ): number {
    const { fieldOf, rowsMax } = this.#source;
    const gathered = this.#gathered;
    const room = Math.min(rowsMax - this.rows, gathered?.rowsMax ?? Infinity);
    const to = Math.min(block.rowCount, from + room);
    const length = to - from;
    const places = this.#places;
    places?.begin(block, from, to, base, this.rows);
    const placed = this.#placer.place(block);
    for (const [i, column] of this.#columns.entries()) {
      if (gathered !== null && fieldOf[i] === GATHERED_FIELDS) {
        gathered.append(column, placed, from, to, this.rows);
      } else column.append(placed, fieldOf[i]!, from, to, this.rows);
      places?.addColumn(i, column, this.#source.compares, this.rows, this.rows + length);
    }
    const part = { block, from, length, base, at: this.rows };
    this.#verdicts.judge(part, this.#source, foreign, problems);
    this.#keepAccepted(length);
    this.counts.rowsRead += length;
    return to;
  }

  /**
   * Takes the rows out of the batch that equal an earlier one, or `null`: none, and those with a unique key that one has. Then
   * those that are refused for something that is not in the source, where there are any.
   */
  dropRepeated(
    earlier: EarlierRows | null,
    keys: EarlierKeys = noKeys,
    refused: RefusedRows | null = null,
  ): RepeatedKey[] {
    const places = this.#places;
    if (places === null || (earlier === null && keys.rows.length === 0 && refused === null))
      return [];
    const former = this.rows;
    const kept = new Int32Array(former);
    let different = former;
    if (earlier !== null) different = places.keepNew(former, earlier, kept);
    else for (let row = 0; row < former; row++) kept[row] = row;
    const { unique, duplicates, repeated } =
      keys.rows.length === 0
        ? { unique: different, duplicates: 0, repeated: [] }
        : keepUnique(places, kept, different, keys, this.#hasKey(places));
    const count = refused === null ? unique : places.keepOthers(kept, unique, refused);
    this.counts.rowsDroppedDuplicate += former - different + duplicates;
    this.counts.rowsRejected += different - count - duplicates;
    this.counts.rowsAccepted -= former - count;
    if (count === former) return repeated;
    const placed = this.#options.kernel.addressOf(new Uint8Array(kept.buffer));
    for (const column of this.#columns) column.keepRows(placed, count);
    this.rows = count;
    return repeated;
  }

  /** The file is refused as a whole, so nobody wants to see single rows any more. */
  stopDiverting(): void {
    this.#source = { ...this.#source, rejected: null };
  }

  /** Of the rows of the batch so far: as {@link ColumnBuilder.ascend}. */
  ascend(column: number, last: bigint): bigint | null {
    return this.#columns[column]!.ascend(this.rows, last);
  }

  /** The batch so far; valid until `clear`. */
  batch(): ColumnBatch {
    return {
      rowCount: this.rows,
      columns: this.#columns.map((column) => column.vector(this.rows)),
    };
  }

  /** Appends the batch so far to a load file. */
  render(loadFile: LoadFileWriter): void {
    loadFile.renderRows(this.#columns, this.rows);
  }

  /** Begins the next batch. */
  clear(): void {
    for (const column of this.#columns) column.clear();
    this.#checks?.clear();
    this.rows = 0;
  }

  /** Gives back what it has taken of the kernel's memory. */
  close(): void {
    for (const column of this.#columns) column.close();
    this.#placesOfRows.close();
    this.#placer.close();
    this.#gathered?.close();
    this.#gathered = null;
  }

  /** Whether a row of the batch has a value in each column of a key. */
  #hasKey({ keys }: RowPlaces): (key: number, row: number) => boolean {
    const ids = keys.map(({ columns }) =>
      columns.map((column) => this.#columns[column]!.ids(this.rows)),
    );
    return (key, row) => ids[key]!.every((of) => of[row] !== NULL_ID);
  }

  /** Counts the verdicts and closes the gaps that rows not accepted leave in the columns. */
  #keepAccepted(length: number): void {
    const verdicts = this.#verdicts;
    const { accepted, rejected, nulls } = verdicts.count(length);
    this.counts.rowsAccepted += accepted;
    this.counts.rowsRejected += rejected;
    this.counts.rowsDroppedNull += nulls;
    if (accepted < length) {
      for (const column of this.#columns) {
        const ids = column.ids(this.rows + length);
        let to = this.rows;
        for (let row = 0; row < length; row++) {
          if (verdicts.accepts(row)) ids[to++] = ids[this.rows + row]!;
        }
      }
      let to = this.rows;
      for (let row = 0; row < length; row++) {
        if (verdicts.accepts(row)) this.#places?.move(this.rows + row, to++);
      }
    }
    this.rows += accepted;
  }
}
