import type { Kernel } from '../kernel/kernel.ts';
import { isRewritten, usualFormat } from '../schema/cell-format.ts';
import { cellParser } from '../schema/cell-parser.ts';
import type { Column } from '../schema/column-type.ts';
import { columnTypes } from '../schema/column-types.ts';
import { ACCEPTED, ACCEPTED_RENDERED, type ValueParser } from '../schema/value-parser.ts';
import type { CellCleaner } from './clean-cell.ts';
import { NULL_ID } from './column-batch.ts';
import type { PlacedBlock } from './placed-block.ts';
import { TypedValue } from './typed-value.ts';

/** What a look-up gives for a text that is not there. */
const NOT_FOUND = -0x80000000;

/** Where entries go: a column of the kernel, and how many bytes each takes in one of fixed bytes. */
interface EntryPlace {
  kernel: Kernel;
  address: number;
  width: number;
}

/** Reads the cells of one column that the kernel leaves to the host: cleans and types them in every form, and enters their values. */
export class CellReader {
  readonly #column: Column;
  readonly #cleaner: CellCleaner;
  readonly #place: EntryPlace;
  readonly #parse: ValueParser;
  /** Whether a canonical text, as a cell, would not mean the same: the column has a format. */
  readonly #rewrites: boolean;
  readonly #value = new TypedValue();

  constructor(column: Column, cleaner: CellCleaner, place: EntryPlace) {
    this.#column = column;
    this.#cleaner = cleaner;
    this.#place = place;
    this.#parse = cellParser(column);
    this.#rewrites = isRewritten(column.format ?? usualFormat);
  }

  /** What the cell bytes[start, end) of a block means: a new entry, or where cells are looked up an earlier one that it equals, or none. */
  idOf({ block, bytes: address }: PlacedBlock, start: number, end: number): number {
    const cleaner = this.#cleaner;
    if (!cleaner.clean(block.bytes, start, end)) return NULL_ID;
    const verdict = this.#parse(cleaner.bytes, cleaner.start, cleaner.end, this.#value);
    if (verdict > ACCEPTED_RENDERED) return -verdict;
    const isRendered = verdict !== ACCEPTED;
    const text = isRendered
      ? Buffer.from(this.#value.rendered, 'latin1')
      : cleaner.bytes.subarray(cleaner.start, cleaner.end);
    if (this.#rewrites) return this.#entryApart(text);
    const { length } = text;
    const isCell = !isRendered && cleaner.bytes === block.bytes;
    const at = isCell ? address + cleaner.start : this.#place.kernel.addressOf(text);
    if (isCell && length === end - start) return this.#enter(at, length);
    return this.#entryOf(text, at);
  }

  /** The entry of a canonical text. */
  idOfText(text: Uint8Array): number {
    const { type } = this.#column;
    columnTypes[type.name].parser(type)(text, 0, text.length, this.#value);
    if (this.#rewrites) return this.#entryApart(text);
    return this.#entryOf(text, this.#place.kernel.addressOf(text));
  }

  /** The entry of a canonical text that is not a cell itself: a new one, or an earlier one. */
  #entryOf(text: Uint8Array, at: number): number {
    const { kernel, address } = this.#place;
    const { length } = text;
    if (this.#cleaner.isNullWord(text, 0, length)) {
      // As a cell these bytes mean no value (a null word "0" beside "+0"), so they cannot be the key of this one.
      kernel.functions.allowRepeats(address);
      return this.#enter(at, length);
    }
    return this.#entryWithKey(at, length, () => this.#enter(at, length));
  }

  /** As #entryOf where a cell of these bytes would mean something else: no cell holds a NUL byte, so none is found by this key. */
  #entryApart(text: Uint8Array): number {
    const key = Buffer.concat([Buffer.of(0), text]);
    const at = this.#place.kernel.addressOf(key);
    return this.#entryWithKey(at, key.length, () => this.#enter(at + 1, text.length));
  }

  #entryWithKey(key: number, length: number, enter: () => number): number {
    const { kernel, address } = this.#place;
    const known = kernel.functions.findText(address, key, length);
    if (known !== NOT_FOUND) return known;
    const id = enter();
    kernel.functions.addText(address, key, length, id);
    return id;
  }

  #enter(text: number, length: number): number {
    const { kernel, address, width } = this.#place;
    return this.#value.enter(kernel, address, width, text, length);
  }
}
