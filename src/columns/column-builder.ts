import { NO_FIELD } from '../csv/row-block.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { KernelFunctions } from '../kernel/kernel-functions.ts';
import { isRewritten, nullWordsOf, usualFormat } from '../schema/cell-format.ts';
import { noRules } from '../schema/column-rules.ts';
import type { Column, ColumnType } from '../schema/column-type.ts';
import { columnTypes } from '../schema/column-types.ts';
import type { CleanOptions } from '../schema/dataset.ts';
import { anyForm, cellForm, entryWidth, kernelStorage } from './cell-form.ts';
import { CellReader } from './cell-reader.ts';
import { CellCleaner, wordList } from './clean-cell.ts';
import { NULL_ID, type ColumnVector, type Entries } from './column-batch.ts';
import { EntryRules } from './entry-rules.ts';
import { EntryViews } from './entry-views.ts';
import { gatheredType } from './gathered-cells.ts';
import type { PlacedBlock } from './placed-block.ts';

export interface ColumnBuilderOptions {
  clean: CleanOptions;
  /** Whether the load file's text is wanted. */
  renders: boolean;
}

const asItIs: { clean: CleanOptions; type: ColumnType } = {
  clean: {
    ...{ trim: false, lowercaseValues: false, nullWords: [] },
    ...{ nullRows: 'keep', duplicateRows: 'keep' },
  },
  type: gatheredType,
};

/**
 * Turns the cells of one column into ids and typed entries. A cell is cleaned, typed and checked once per distinct value:
 * its raw bytes are looked up first, and what they mean is remembered with them. Where most cells bring a new value they
 * are not looked up any more.
 *
 * The kernel does that for cells that are written as most are; one that it does not read it leaves to the parsers here, which
 * know every form and what is wrong with a cell.
 *
 * Besides the id of an entry and NULL_ID, an id may be a negated verdict (-2 and below): the cell broke its type
 * or a rule of the column.
 */
export class ColumnBuilder {
  readonly column: Column;
  /** The column in the kernel. */
  readonly address: number;
  /** Of the last append: how many cells had no value, and how many broke their type or a rule. */
  nulls = 0;
  broken = 0;

  readonly #kernel: Kernel;
  readonly #functions: KernelFunctions;
  readonly #views: EntryViews;
  readonly #renders: boolean;
  /** Reads the cells that the kernel does not. */
  readonly #reader: CellReader;
  /** Those of the schema, and with them those of the source. */
  readonly #ownRules: EntryRules | null;
  #rules: EntryRules | null;
  /** The canonical text of the value that missing cells take. */
  readonly #default: Buffer | null;
  /** Its entry in the batch, made when a cell needs it. */
  #defaultId: number | null = null;
  #hasNulls = false;

  constructor(column: Column, options: ColumnBuilderOptions, kernel: Kernel) {
    const definition = columnTypes[column.type.name];
    // What is gathered is cleaned and sound already.
    const { clean, type } = column.gathers ? asItIs : { clean: options.clean, type: column.type };
    this.column = column;
    this.#kernel = kernel;
    this.#functions = kernel.functions;
    const storage = definition.storage(column.type);
    const width = entryWidth(storage, column.type.precision);
    this.#views = new EntryViews(kernel, storage, width);
    const { rules } = column;
    this.#ownRules = rules === undefined ? null : new EntryRules(rules, column.type, null, kernel);
    this.#rules = this.#ownRules;
    this.#default = column.default === undefined ? null : Buffer.from(column.default);
    const format = column.format ?? usualFormat;
    // The kernel knows no formats.
    const { form, lengthMax, scale, min, max } = isRewritten(format) ? anyForm : cellForm(type);
    const functions = this.#functions;
    this.address = functions.createColumn(
      ...([form, lengthMax, scale, min, max] as const),
      ...([kernelStorage(storage), width] as const),
    );
    const nullWords = nullWordsOf(clean.nullWords, format);
    const cleaner = new CellCleaner({ ...clean, nullWords }, type);
    functions.setCleaning(
      ...([this.address, cleaner.trims, cleaner.lowercases] as const),
      this.#placeNullWords(cleaner),
    );
    const place = { kernel, address: this.address, width };
    this.#reader = new CellReader({ ...column, type }, cleaner, place);
    this.#renders = options.renders;
    functions.setPurpose(this.address, this.#renders, false);
  }

  /**
   * Begins a source. `hashes`: each entry gets one, by which rows are compared; `seed` is the same for all rows that are. `bounds`:
   * a number outside of them is an outlier. Not to be called within a batch.
   */
  begin(seed: number, hashes: boolean, bounds: readonly [number, number] | null = null): void {
    const { rules = noRules, type } = this.column;
    if (this.#rules !== this.#ownRules) this.#rules?.close();
    this.#rules =
      bounds === null ? this.#ownRules : new EntryRules(rules, type, bounds, this.#kernel);
    this.#functions.setSeed(this.address, BigInt(seed));
    this.#functions.setPurpose(this.address, this.#renders, hashes);
  }

  /** The id of each row of the batch; there are more than that. Valid until the next append. */
  ids(rows: number): Int32Array {
    return this.#kernel.int32At(this.#functions.columnIds(this.address), rows);
  }

  /** Takes the cells of rows [from, to) of a block into ids from `base` on. */
  append(block: PlacedBlock, field: number, from: number, to: number, base: number): void {
    const functions = this.#functions;
    const { address } = this;
    functions.reserveIds(address, base + to - from);
    if (field === NO_FIELD) {
      this.#appendNulls(base, base + to - from);
      return;
    }
    functions.beginCells(address);
    for (let row = from; row < to; row++) {
      const { bytes, starts, ends, fieldCount } = block;
      const at = base + row - from;
      row = functions.appendCells(address, bytes, starts, ends, fieldCount, field, row, to, at);
      if (row < to) this.#enterCell(block, row * fieldCount + field, base + row - from);
    }
    functions.endCells(address, to - from);
    this.nulls = functions.columnNulls(address);
    this.broken = functions.columnBroken(address);
    this.#takeNulls(base, base + to - from);
    if (this.#rules !== null) this.#applyRules(this.#rules, base, base + to - from);
  }

  #appendNulls(from: number, to: number): void {
    this.ids(to).fill(NULL_ID, from, to);
    this.nulls = to - from;
    this.broken = 0;
    this.#takeNulls(from, to);
  }

  #takeNulls(from: number, to: number): void {
    if (this.nulls > 0 && this.#default !== null) this.#fillMissing(from, to);
    this.#hasNulls ||= this.nulls > 0;
  }

  /** Adds rows [from, to) of the batch to fingerprints that begin with the first of them. */
  addFingerprints(fingerprints: number, from: number, to: number): void {
    const functions = this.#functions;
    const ids = functions.columnIds(this.address) + from * Int32Array.BYTES_PER_ELEMENT;
    const hashes = functions.columnHashes(this.address);
    functions.addFingerprints(fingerprints, ids, hashes, to - from);
  }

  /**
   * The value of the last of the first `rows` rows of the batch, or `last` where there are none, if each has a value and a greater
   * one than the row before it, the first a greater one than `last`; else null. For columns held as integers.
   */
  ascend(rows: number, last: bigint): bigint | null {
    const ascends = this.#functions.ascends(this.address, rows, last) !== 0;
    return ascends ? this.#functions.lastValue.value : null;
  }

  /** Keeps of the first rows of the batch the `count` whose numbers stand at `kept`. */
  keepRows(kept: number, count: number): void {
    this.#functions.keepRows(this.address, kept, count);
  }

  /** The column of a batch of `rowCount` rows. */
  vector(rowCount: number): ColumnVector {
    const ids = this.ids(rowCount);
    const nullCount = this.#hasNulls ? this.#functions.countNulls(this.address, rowCount) : 0;
    const distinct = this.#functions.columnRepeats(this.address) === 0;
    return { column: this.column, ids, nullCount, entries: this.entries(), distinct };
  }

  /** Whether two entries have the same canonical text; for a builder that renders. */
  areEqual(a: number, b: number): boolean {
    return this.#functions.sameText(this.address, a, b) !== 0;
  }

  clear(): void {
    this.#functions.clearColumn(this.address);
    this.#rules?.clear();
    this.#defaultId = null;
    this.#hasNulls = false;
  }

  /** Gives back what it has taken of the kernel's memory. */
  close(): void {
    this.#functions.destroyColumn(this.address);
    this.#ownRules?.close();
    if (this.#rules !== this.#ownRules) this.#rules?.close();
  }

  get bytesUsed(): number {
    return this.#functions.columnBytes(this.address);
  }

  #placeNullWords({ nullWords }: CellCleaner): number {
    const list = wordList(nullWords);
    if (list === null) return 0;
    const memory = this.#kernel.take(list.length);
    memory.set(list);
    return memory.byteOffset;
  }

  /** Gives cells without a value in rows [from, to) of the batch the default. */
  #fillMissing(from: number, to: number): void {
    this.#defaultId ??= this.#reader.idOfText(this.#default!);
    const ids = this.ids(to);
    for (let row = from; row < to; row++) if (ids[row] === NULL_ID) ids[row] = this.#defaultId;
    this.nulls = 0;
  }

  /** What breaks a rule in rows [from, to) of the batch loses its entry. */
  #applyRules(rules: EntryRules, from: number, to: number): void {
    // Most blocks of most columns bring no new entry, and views of the kernel's memory are not free.
    if (this.#functions.columnCount(this.address) > rules.checked) rules.check(this.entries());
    if (rules.anyBroken) this.broken += rules.reject(this.ids(to), from, to);
  }

  /** Finds out what a cell means that the kernel has not read, and enters it. */
  #enterCell(block: PlacedBlock, cell: number, row: number): void {
    const start = block.block.starts[cell]!;
    const end = block.block.ends[cell]!;
    const id = this.#reader.idOf(block, start, end);
    this.#functions.enterCell(this.address, block.bytes + start, end - start, row, id);
  }

  /** The entries of the batch so far. Valid until the next append. */
  entries(): Entries {
    const { address } = this;
    const functions = this.#functions;
    const places = {
      entries: functions.columnEntries(address),
      offsets: functions.columnOffsets(address),
    };
    return this.#views.of(places, functions.columnCount(address));
  }
}
