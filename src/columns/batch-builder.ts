import type { RowBlock } from '../csv/row-block.ts';
import type { RowCounts } from '../core/load.ts';
import type { ProblemList } from '../core/problem-list.ts';
import type { Column } from '../schema/column-type.ts';
import type { CleanOptions } from '../schema/dataset.ts';
import { describeCell, describeForeign, type CellFault } from './describe-cell.ts';
import { NULL_ID, type ColumnBatch } from './column-batch.ts';
import { ColumnBuilder } from './column-builder.ts';
import { DuplicateRows } from './duplicate-rows.ts';
import type { LoadFileWriter } from './load-file-writer.ts';

const ACCEPTED_ROW = 0;
const REJECTED_ROW = 1;
const NULL_ROW = 2;
const DUPLICATE_ROW = 3;

/** A batch of very long values is handed over before it has all its rows, so that memory stays bounded. */
const BATCH_BYTES_MAX = 64 << 20;

export interface BatchBuilderOptions {
  columns: readonly Column[];
  /** For each column the field of a row that holds it. */
  fieldOf: readonly number[];
  clean: CleanOptions;
  rowGroupRows: number;
  /** Takes the accepted rows; needed where they are to be loaded or duplicates dropped, else null. */
  loadFile: LoadFileWriter | null;
  problems: ProblemList;
  /** Takes each full batch, and the last. */
  onBatch: (batch: ColumnBatch) => void;
}

/**
 * From rows to column batches. In: blocks of positions. Out: batches of accepted rows, the load file, problems and
 * counts. Order of the verdicts on a row: cleaning drops it for a null first, then its cells are held against their
 * types, then it is compared with the rows before it.
 */
export class BatchBuilder {
  readonly counts: RowCounts = {
    rowsRead: 0,
    rowsAccepted: 0,
    rowsRejected: 0,
    rowsDroppedNull: 0,
    rowsDroppedDuplicate: 0,
  };
  readonly #options: BatchBuilderOptions;
  readonly #columns: ColumnBuilder[];
  readonly #duplicates: DuplicateRows | null;
  /** Accepted rows of the batch so far; their ids stand first in the columns. */
  #rows = 0;
  /** The verdict on each row of the piece at hand. */
  #states = new Uint8Array(0);

  constructor(options: BatchBuilderOptions) {
    const { clean, columns, loadFile, rowGroupRows } = options;
    this.#options = options;
    const renders = loadFile !== null;
    this.#columns = columns.map(
      (column) => new ColumnBuilder(column, clean, rowGroupRows, renders),
    );
    const drops = clean.duplicateRows === 'drop';
    this.#duplicates = drops && loadFile !== null ? new DuplicateRows(loadFile) : null;
  }

  /** `foreign`: the block may hold bytes that are not UTF-8, so each cell is looked at. */
  add(block: RowBlock, foreign: boolean): void {
    let from = 0;
    while (from < block.rowCount) {
      const to = Math.min(block.rowCount, from + this.#options.rowGroupRows - this.#rows);
      this.#addPiece(block, from, to, foreign);
      from = to;
      const bytes = this.#columns.reduce((sum, column) => sum + column.bytesUsed, 0);
      if (this.#rows === this.#options.rowGroupRows || bytes > BATCH_BYTES_MAX) this.#handOver();
    }
  }

  /** Hands over the last batch, where it has rows. */
  finish(): void {
    this.#handOver();
  }

  #handOver(): void {
    const rowCount = this.#rows;
    const columns = this.#columns.map((column) => column.vector(rowCount));
    if (rowCount > 0) this.#options.onBatch({ rowCount, columns });
    for (const column of this.#columns) column.clear();
    this.#rows = 0;
  }

  /** Rows [from, to) of a block, as many as the batch has room for. */
  #addPiece(block: RowBlock, from: number, to: number, foreign: boolean): void {
    const { fieldOf } = this.#options;
    const length = to - from;
    if (this.#states.length < length) this.#states = new Uint8Array(length);
    this.#states.fill(ACCEPTED_ROW, 0, length);
    for (const [i, column] of this.#columns.entries()) {
      column.append(block, fieldOf[i]!, from, to, this.#rows);
    }
    if (foreign) this.#rejectForeign(block, from, length);
    this.#dropNulls(length);
    this.#rejectBroken(block, from, length);
    this.#render(length);
    this.#keepAccepted(length);
    this.counts.rowsRead += length;
  }

  #rejectForeign(block: RowBlock, from: number, length: number): void {
    const { columns, fieldOf, problems } = this.#options;
    for (let row = 0; row < length; row++) {
      const found = describeForeign(block, from + row, columns, fieldOf);
      for (const problem of found) problems.add(problem);
      if (found.length > 0) this.#states[row] = REJECTED_ROW;
    }
  }

  #dropNulls(length: number): void {
    if (this.#options.clean.nullRows !== 'drop_any') return;
    for (const { ids, nulls } of this.#columns) {
      if (nulls === 0) continue;
      for (let row = 0; row < length; row++) {
        if (ids[this.#rows + row] === NULL_ID && this.#states[row] === ACCEPTED_ROW) {
          this.#states[row] = NULL_ROW;
        }
      }
    }
  }

  #rejectBroken(block: RowBlock, from: number, length: number): void {
    const faults: CellFault[] = [];
    for (const [column, { column: of, ids, nulls, broken }] of this.#columns.entries()) {
      if (broken === 0 && (nulls === 0 || of.nullable)) continue;
      for (let row = 0; row < length; row++) {
        const id = ids[this.#rows + row]!;
        if (id >= 0 || (id === NULL_ID && of.nullable)) continue;
        const state = this.#states[row];
        if (state === NULL_ROW) continue;
        this.#states[row] = REJECTED_ROW;
        faults.push({ row, column, verdict: -id });
      }
    }
    if (faults.length > 0) this.#report(faults, block, from);
  }

  #report(faults: CellFault[], block: RowBlock, from: number): void {
    const { columns, fieldOf, problems } = this.#options;
    // Found column by column, read line by line.
    faults.sort((a, b) => a.row - b.row || a.column - b.column);
    let described = 0;
    for (const fault of faults) {
      if (!problems.open) break;
      problems.add(describeCell(fault, block, from, columns, fieldOf));
      described++;
    }
    problems.count(faults.length - described);
  }

  #render(length: number): void {
    const { loadFile } = this.#options;
    if (loadFile === null) return;
    for (let row = 0; row < length; row++) {
      if (this.#states[row] !== ACCEPTED_ROW) continue;
      loadFile.renderRow(this.#columns, this.#rows + row);
      if (this.#duplicates?.isRepeated() === true) {
        loadFile.takeBack();
        this.#states[row] = DUPLICATE_ROW;
      }
    }
  }

  /** Counts the verdicts and closes the gaps that rows not accepted leave in the columns. */
  #keepAccepted(length: number): void {
    const kept = [0, 0, 0, 0];
    for (let row = 0; row < length; row++) kept[this.#states[row]!]!++;
    const [accepted, rejected, nulls, duplicates] = kept as [number, number, number, number];
    this.counts.rowsAccepted += accepted;
    this.counts.rowsRejected += rejected;
    this.counts.rowsDroppedNull += nulls;
    this.counts.rowsDroppedDuplicate += duplicates;
    if (accepted < length) {
      for (const { ids } of this.#columns) {
        let to = this.#rows;
        for (let row = 0; row < length; row++) {
          if (this.#states[row] === ACCEPTED_ROW) ids[to++] = ids[this.#rows + row]!;
        }
      }
    }
    this.#rows += accepted;
  }
}
