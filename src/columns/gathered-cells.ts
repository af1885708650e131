import { emptyBlock, PADDING_BYTES, type RowBlock } from '../csv/row-block.ts';
import type { ExtraField } from '../csv/header-reading.ts';
import type { ColumnType } from '../schema/column-type.ts';
import type { CleanOptions } from '../schema/dataset.ts';
import { CellCleaner } from './clean-cell.ts';

/** The type as which the cells that are made here are read: they are sound JSON, so nobody has to parse them again. */
export const gatheredType: ColumnType = {
  ...{ name: 'LONGTEXT', length: 0, precision: 0, scale: 0, fraction: 0 },
};

/** The names of a header stand in each row, so a few bytes of the source may become many: at most so many are made at a time. */
const KEY_BYTES_MAX = 4 << 20;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 32;
/** A byte takes no more in a JSON string. */
const ESCAPED_BYTES_MAX = 6;
const HEX = Buffer.from('0123456789abcdef');
/** Spec: RFC 8259, section 7. */
const shortEscapes = new Map([
  [QUOTE, QUOTE],
  [BACKSLASH, BACKSLASH],
  [8, 0x62],
  [9, 0x74],
  [10, 0x6e],
  [12, 0x66],
  [13, 0x72],
]);

/**
 * Makes of the cells of a row that no column of the schema takes one JSON object, in the order of the header: the cell of the column
 * that gathers them. Cells are trimmed where cleaning trims, and left out where they are empty; where all are the object is, too.
 */
export class GatheredCells {
  /** Of how many rows they are made in one call. */
  readonly rowsMax: number;
  readonly #fields: readonly number[];
  /** What stands before the value of each: `"name":"`. */
  readonly #keys: readonly Uint8Array[];
  readonly #keyBytes: number;
  readonly #cleaner: CellCleaner;
  #block: RowBlock = emptyBlock(1, 1);

  constructor(extra: readonly ExtraField[], { trim }: Pick<CleanOptions, 'trim'>) {
    this.#fields = extra.map(({ field }) => field);
    this.#keys = extra.map(({ name }) => Buffer.from(`${JSON.stringify(name)}:"`));
    // With what stands around each value.
    this.#keyBytes = this.#keys.reduce((sum, key) => sum + key.length + 2, 2);
    this.rowsMax = Math.max(1, Math.floor(KEY_BYTES_MAX / this.#keyBytes));
    const clean = { trim, lowercaseValues: false, nullWords: [] };
    this.#cleaner = new CellCleaner({ ...clean, ...keepRows }, gatheredType);
  }

  /** A block of one cell for each row [from, to) of a block. Valid until the next call. */
  gather(block: RowBlock, from: number, to: number): RowBlock {
    const rows = to - from;
    this.#makeRoom(block, from, to);
    const { bytes, starts, ends } = this.#block;
    let at = 0;
    for (let row = 0; row < rows; row++) {
      starts[row] = at;
      at = this.#writeRow(block, from + row, bytes, at);
      ends[row] = at;
    }
    this.#block.rowCount = rows;
    return this.#block;
  }

  #writeRow(block: RowBlock, row: number, to: Uint8Array, start: number): number {
    const { bytes, starts, ends, fieldCount } = block;
    const first = row * fieldCount;
    const cleaner = this.#cleaner;
    const fields = this.#fields;
    let at = start;
    for (let i = 0; i < fields.length; i++) {
      const cell = first + fields[i]!;
      if (!cleaner.clean(bytes, starts[cell]!, ends[cell]!)) continue;
      to[at] = at === start ? 0x7b : 0x2c;
      at = writeBytes(this.#keys[i]!, to, at + 1);
      at = writeString(cleaner, to, at);
      to[at++] = QUOTE;
    }
    if (at > start) to[at++] = 0x7d;
    return at;
  }

  #makeRoom(block: RowBlock, from: number, to: number): void {
    const rows = to - from;
    let cellBytes = 0;
    for (let row = from; row < to; row++) {
      cellBytes += block.rowEnds[row]! - block.rowStarts[row]!;
    }
    const needed = rows * this.#keyBytes + cellBytes * ESCAPED_BYTES_MAX + PADDING_BYTES;
    if (this.#block.bytes.length < needed) this.#block.bytes = new Uint8Array(needed);
    if (this.#block.starts.length >= rows) return;
    const { bytes } = this.#block;
    this.#block = { ...emptyBlock(1, rows), bytes };
  }
}

const keepRows = { nullRows: 'keep', duplicateRows: 'keep' } as const;

/** Names are short, and TypedArray.set takes longer for so few bytes. */
function writeBytes(bytes: Uint8Array, to: Uint8Array, position: number): number {
  for (let i = 0; i < bytes.length; i++) to[position + i] = bytes[i]!;
  return position + bytes.length;
}

/** Writes what the cleaner has as the inside of a JSON string; returns where it ends. */
function writeString({ bytes, start, end }: CellCleaner, to: Uint8Array, position: number): number {
  let at = position;
  for (let from = start; from < end; from++) {
    const byte = bytes[from]!;
    if (byte >= FIRST_PRINTABLE && byte !== QUOTE && byte !== BACKSLASH) {
      to[at++] = byte;
      continue;
    }
    to[at++] = BACKSLASH;
    const short = shortEscapes.get(byte);
    if (short !== undefined) {
      to[at++] = short;
      continue;
    }
    to.set([0x75, 0x30, 0x30, HEX[byte >> 4]!, HEX[byte & 15]!], at);
    at += ESCAPED_BYTES_MAX - 1;
  }
  return at;
}
