import type { RowBlock } from '../csv/row-block.ts';
import type { Column } from '../schema/column-type.ts';
import { columnTypes } from '../schema/column-types.ts';
import type { CleanOptions } from '../schema/dataset.ts';
import { ACCEPTED, ACCEPTED_RENDERED, type ValueParser } from '../schema/value-parser.ts';
import { CellCleaner } from './clean-cell.ts';
import { NULL_ID, type ColumnVector } from './column-batch.ts';
import { EntryStore } from './entry-store.ts';
import { hashBytes, viewOf } from './hash-bytes.ts';
import { KeyTable } from './key-table.ts';
import { LoadText } from './load-text.ts';
import type { RowFingerprints } from './row-fingerprints.ts';
import { highWord, lowWord, NOT_FOUND, SHORT_BYTES_MAX, ShortKeys } from './short-keys.ts';

/**
 * From this many distinct values on a column is asked whether looking them up pays; where more than every second cell
 * brings a new one, it does not, and the rest of the batch gets an entry a cell.
 */
const LOOKUP_VALUES_MIN = 1 << 11;

export interface ColumnBuilderOptions {
  clean: CleanOptions;
  /** Whether the load file's text is wanted. */
  renders: boolean;
  /** Whether rows are to be compared, for which each entry needs a hash. */
  hashes: boolean;
}

/**
 * Turns the cells of one column into ids and typed entries. A cell is cleaned, typed and checked once per distinct value:
 * its raw bytes are looked up first, and what they mean is remembered with them.
 *
 * Besides the id of an entry and NULL_ID, an id may be a negated verdict (-2 and below): the cell broke its type.
 */
export class ColumnBuilder {
  readonly column: Column;
  /** Grows with the rows of a batch. */
  ids = new Int32Array(1024);
  /** For hashes: the same for all rows that are to be compared; changed between batches only. */
  seed = 0;
  /** Of the last append: how many cells had no value, and how many broke their type. */
  nulls = 0;
  broken = 0;
  /** The entries as the load file has them; null where none is written. */
  readonly loadText: LoadText | null;

  readonly #cleaner: CellCleaner;
  readonly #parse: ValueParser;
  readonly #store: EntryStore;
  readonly #hashes: boolean;
  readonly #short = new ShortKeys();
  readonly #long = new KeyTable();
  /** The hash of each entry's canonical text: equal values have equal hashes. */
  #entryHashes = new Int32Array(1024);
  #lookup = true;
  /** Whether equal values may have entries of their own. */
  #repeats = false;
  #hasNulls = false;
  /** Cells of the batch so far that have a value. */
  #values = 0;

  constructor(column: Column, options: ColumnBuilderOptions) {
    const definition = columnTypes[column.type.name];
    this.column = column;
    this.loadText = options.renders ? new LoadText() : null;
    this.#cleaner = new CellCleaner(options.clean, column.type);
    this.#parse = definition.parser(column.type);
    this.#store = new EntryStore(definition.storage(column.type), column.type.precision);
    this.#hashes = options.hashes;
  }

  /**
   * Takes the cells of rows [from, to) of a block into ids from `base` on; `view` is over the block's bytes. Adds the column to
   * the fingerprints of these rows, where they are wanted.
   */
  append(
    block: RowBlock,
    view: DataView,
    field: number,
    from: number,
    to: number,
    base: number,
    fingerprints: RowFingerprints | null,
  ): void {
    const end = base + to - from;
    if (end > this.ids.length) this.#makeRoom(end);
    const valueless = this.#lookup
      ? this.#appendLookedUp(block, view, field, from, to, base)
      : this.#appendTyped(block, view, field, from, to, base);
    this.nulls = valueless === 0 ? 0 : this.#countNulls(base, end);
    this.broken = valueless - this.nulls;
    this.#hasNulls ||= this.nulls > 0;
    fingerprints?.addColumn(this.ids, this.#entryHashes, base, end);
    this.#values += to - from - this.nulls;
    if (this.#lookup) this.#reconsiderLookup();
  }

  /** The column of a batch of `rowCount` rows. */
  vector(rowCount: number): ColumnVector {
    const nullCount = this.#hasNulls ? this.#countNulls(0, rowCount) : 0;
    const entries = this.#store.entries();
    return { column: this.column, ids: this.ids, nullCount, entries, distinct: !this.#repeats };
  }

  clear(): void {
    this.#store.clear();
    this.#short.clear();
    this.#long.clear();
    this.loadText?.clear();
    this.#lookup = true;
    this.#repeats = false;
    this.#hasNulls = false;
    this.#values = 0;
  }

  get bytesUsed(): number {
    const keys = this.#short.bytesUsed + this.#long.bytesUsed;
    return this.#store.bytesUsed + keys + (this.loadText?.bytesUsed ?? 0);
  }

  /** Gives the number of cells without a typed value. */
  #appendLookedUp(
    { bytes, starts, ends, fieldCount }: RowBlock,
    view: DataView,
    field: number,
    from: number,
    to: number,
    base: number,
  ): number {
    const { ids } = this;
    const short = this.#short;
    let valueless = 0;
    let cell = from * fieldCount + field;
    for (let row = from, at = base; row < to; row++, at++, cell += fieldCount) {
      const start = starts[cell]!;
      const length = ends[cell]! - start;
      let id = NULL_ID;
      if (length > SHORT_BYTES_MAX) id = this.#longId(bytes, view, start, start + length);
      else if (length > 0) {
        const low = lowWord(view, start, length);
        const high = highWord(view, start, length);
        id = short.find(low, high);
        if (id === NOT_FOUND) {
          id = this.#typed(bytes, view, start, start + length);
          short.add(low, high, id);
        }
      }
      ids[at] = id;
      valueless += id >>> 31;
    }
    return valueless;
  }

  #appendTyped(
    { bytes, starts, ends, fieldCount }: RowBlock,
    view: DataView,
    field: number,
    from: number,
    to: number,
    base: number,
  ): number {
    const { ids } = this;
    let valueless = 0;
    let cell = from * fieldCount + field;
    for (let row = from, at = base; row < to; row++, at++, cell += fieldCount) {
      const start = starts[cell]!;
      const end = ends[cell]!;
      const id = start === end ? NULL_ID : this.#typed(bytes, view, start, end);
      ids[at] = id;
      valueless += id >>> 31;
    }
    return valueless;
  }

  #countNulls(from: number, to: number): number {
    let nulls = 0;
    for (let at = from; at < to; at++) if (this.ids[at] === NULL_ID) nulls++;
    return nulls;
  }

  #makeRoom(rows: number): void {
    const longer = new Int32Array(Math.max(rows, this.ids.length * 2));
    longer.set(this.ids);
    this.ids = longer;
  }

  #reconsiderLookup(): void {
    const distinct = this.#short.count + this.#long.count;
    if (distinct <= LOOKUP_VALUES_MIN || distinct * 2 < this.#values) return;
    this.#lookup = false;
    this.#repeats = true;
  }

  #longId(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const hash = hashBytes(bytes, view, start, end, this.seed);
    const known = this.#long.find(bytes, start, end, hash);
    if (known !== NOT_FOUND) return known;
    const id = this.#typed(bytes, view, start, end);
    this.#long.add(bytes, start, end, hash, id);
    return id;
  }

  /** Cleans and types a cell: a new entry, or where lookup is on an earlier one that it equals, or none. */
  #typed(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const cleaner = this.#cleaner;
    if (!cleaner.clean(bytes, start, end)) return NULL_ID;
    const verdict = this.#parse(cleaner.bytes, cleaner.start, cleaner.end, this.#store);
    if (verdict > ACCEPTED_RENDERED) return -verdict;
    const id = this.#store.count - 1;
    const raw = verdict === ACCEPTED && cleaner.start === start && cleaner.end === end;
    if (raw && cleaner.bytes === bytes) {
      this.#describe(id, bytes, view, start, end);
      return id;
    }
    let text = cleaner.bytes;
    let textStart = cleaner.start;
    let textEnd = cleaner.end;
    if (verdict !== ACCEPTED) {
      text = Buffer.from(this.#store.rendered, 'latin1');
      textStart = 0;
      textEnd = text.length;
    }
    const textView = viewOf(text);
    if (verdict !== ACCEPTED && cleaner.isNullWord(text, textStart, textEnd)) {
      // As a cell these bytes mean no value (a null word "0" beside "+0"), so they cannot be the key of this one.
      this.#repeats = true;
    } else if (this.#lookup) {
      const known = this.#aliasOf(text, textView, textStart, textEnd, id);
      if (known !== id) return known;
    }
    this.#describe(id, text, textView, textStart, textEnd);
    return id;
  }

  /** Keeps of a new entry what its canonical text tells. */
  #describe(id: number, text: Uint8Array, view: DataView, start: number, end: number): void {
    this.loadText?.add(text, start, end);
    if (!this.#hashes) return;
    if (id >= this.#entryHashes.length) {
      const longer = new Int32Array(id * 2);
      longer.set(this.#entryHashes);
      this.#entryHashes = longer;
    }
    this.#entryHashes[id] = hashBytes(text, view, start, end, this.seed);
  }

  /** The entry that has this canonical text already; its new entry, which is taken back, is then not needed. */
  #aliasOf(text: Uint8Array, view: DataView, start: number, end: number, id: number): number {
    const length = end - start;
    const isShort = length <= SHORT_BYTES_MAX;
    const padded = isShort ? paddedCopy(text, start, end) : view;
    const low = isShort ? lowWord(padded, 0, length) : 0;
    const high = isShort ? highWord(padded, 0, length) : 0;
    const hash = isShort ? 0 : hashBytes(text, view, start, end, this.seed);
    const known = isShort ? this.#short.find(low, high) : this.#long.find(text, start, end, hash);
    if (known === NOT_FOUND) {
      if (isShort) this.#short.add(low, high, id);
      else this.#long.add(text, start, end, hash, id);
      return id;
    }
    this.#store.removeLast();
    return known;
  }
}

const scratch = new Uint8Array(SHORT_BYTES_MAX);
const scratchView = viewOf(scratch);

/** A short text where eight bytes may be read, whatever follows it in its own memory. */
function paddedCopy(text: Uint8Array, start: number, end: number): DataView {
  for (let at = start; at < end; at++) scratch[at - start] = text[at]!;
  return scratchView;
}
