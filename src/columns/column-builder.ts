import type { RowBlock } from '../csv/row-block.ts';
import type { Column } from '../schema/column-type.ts';
import { columnTypes } from '../schema/column-types.ts';
import type { CleanOptions } from '../schema/dataset.ts';
import { ACCEPTED, ACCEPTED_RENDERED, type ValueParser } from '../schema/value-parser.ts';
import { CellCleaner } from './clean-cell.ts';
import { NULL_ID, type ColumnVector } from './column-batch.ts';
import { EntryStore } from './entry-store.ts';
import { hashBytes, KeyTable, NOT_FOUND } from './key-table.ts';
import { LoadText } from './load-text.ts';

/**
 * From this many distinct values on a column is asked whether looking them up pays; where more than every second row
 * brings a new one, it does not, and the rest of the batch gets an entry a row.
 */
const LOOKUP_VALUES_MIN = 1 << 14;

/**
 * Turns the cells of one column into ids and typed entries. A cell is cleaned, typed and checked once per distinct value:
 * its raw bytes are looked up first, and what they mean is remembered with them.
 *
 * Besides the id of an entry and NULL_ID, an id may be a negated verdict (-2 and below): the cell broke its type.
 */
export class ColumnBuilder {
  readonly column: Column;
  readonly ids: Int32Array;
  /** Of the last append: how many cells had no value, and how many broke their type. */
  nulls = 0;
  broken = 0;
  /** The entries as the load file has them; null where none is written. */
  readonly loadText: LoadText | null;

  readonly #cleaner: CellCleaner;
  readonly #parse: ValueParser;
  readonly #store: EntryStore;
  readonly #keys = new KeyTable();
  #lookup = true;
  /** Whether equal values may have entries of their own. */
  #repeats = false;
  #rows = 0;

  /** `rowsMax`: the most rows of a batch. `renders`: whether the load file's text is wanted. */
  constructor(column: Column, clean: CleanOptions, rowsMax: number, renders: boolean) {
    const definition = columnTypes[column.type.name];
    this.column = column;
    this.ids = new Int32Array(rowsMax);
    this.loadText = renders ? new LoadText() : null;
    this.#cleaner = new CellCleaner(clean, column.type);
    this.#parse = definition.parser(column.type);
    this.#store = new EntryStore(definition.storage(column.type), column.type.precision);
  }

  /** Takes the cells of rows [from, to) of a block into ids from `base` on. */
  append(block: RowBlock, field: number, from: number, to: number, base: number): void {
    const { bytes, starts, ends, fieldCount } = block;
    const { ids } = this;
    let nulls = 0;
    let broken = 0;
    for (let row = from, at = base; row < to; row++, at++) {
      const cell = row * fieldCount + field;
      const start = starts[cell]!;
      const end = ends[cell]!;
      const id = start === end ? NULL_ID : this.#idOf(bytes, start, end);
      ids[at] = id;
      if (id < 0) {
        if (id === NULL_ID) nulls++;
        else broken++;
      }
    }
    this.nulls = nulls;
    this.broken = broken;
    this.#rows += to - from;
    if (this.#lookup && this.#keys.count > LOOKUP_VALUES_MIN) {
      this.#lookup = this.#keys.count * 2 < this.#rows;
      if (!this.#lookup) this.#repeats = true;
    }
  }

  /** The column of a batch of `rowCount` rows. */
  vector(rowCount: number): ColumnVector {
    let nullCount = 0;
    for (let row = 0; row < rowCount; row++) if (this.ids[row] === NULL_ID) nullCount++;
    const entries = this.#store.entries();
    return { column: this.column, ids: this.ids, nullCount, entries, distinct: !this.#repeats };
  }

  clear(): void {
    this.#store.clear();
    this.#keys.clear();
    this.loadText?.clear();
    this.#lookup = true;
    this.#repeats = false;
    this.#rows = 0;
  }

  get bytesUsed(): number {
    return this.#store.bytesUsed + this.#keys.bytesUsed + (this.loadText?.bytesUsed ?? 0);
  }

  #idOf(bytes: Uint8Array, start: number, end: number): number {
    if (!this.#lookup) return this.#typed(bytes, start, end);
    const hash = hashBytes(bytes, start, end);
    const key = this.#keys.find(bytes, start, end, hash);
    if (key !== NOT_FOUND) return this.#keys.valueAt(key);
    const id = this.#typed(bytes, start, end);
    this.#keys.add(bytes, start, end, hash, id);
    return id;
  }

  /** Cleans and types a cell that was not seen before: a new entry, or an earlier one that it equals, or none. */
  #typed(bytes: Uint8Array, start: number, end: number): number {
    const cleaner = this.#cleaner;
    if (!cleaner.clean(bytes, start, end)) return NULL_ID;
    const verdict = this.#parse(cleaner.bytes, cleaner.start, cleaner.end, this.#store);
    if (verdict > ACCEPTED_RENDERED) return -verdict;
    let text = cleaner.bytes;
    let textStart = cleaner.start;
    let textEnd = cleaner.end;
    if (verdict !== ACCEPTED) {
      text = Buffer.from(this.#store.rendered, 'latin1');
      textStart = 0;
      textEnd = text.length;
    }
    const id = this.#store.count - 1;
    const raw = text === bytes && textStart === start && textEnd === end;
    if (verdict !== ACCEPTED && cleaner.isNullWord(this.#store.rendered)) {
      // As a cell these bytes mean no value (a null word "0" beside "+0"), so they cannot be the key of this one.
      this.#repeats = true;
    } else if (this.#lookup && !raw) {
      const known = this.#aliasOf(text, textStart, textEnd, id);
      if (known !== id) return known;
    }
    this.loadText?.add(text, textStart, textEnd);
    return id;
  }

  /** The entry that has this canonical text already; its new entry, which is taken back, is then not needed. */
  #aliasOf(text: Uint8Array, start: number, end: number, id: number): number {
    const hash = hashBytes(text, start, end);
    const key = this.#keys.find(text, start, end, hash);
    if (key === NOT_FOUND) {
      this.#keys.add(text, start, end, hash, id);
      return id;
    }
    this.#store.removeLast();
    return this.#keys.valueAt(key);
  }
}
