import type { ExtraField } from '../csv/header-reading.ts';
import { emptyBlock, giveBackBlock, PADDING_BYTES, type RowBlock } from '../csv/row-block.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { ColumnType } from '../schema/column-type.ts';
import type { CleanOptions } from '../schema/dataset.ts';
import type { ColumnBuilder } from './column-builder.ts';
import { placedIn, type PlacedBlock } from './placed-block.ts';

/** The type as which the cells that are made here are read: they are sound JSON, so nobody has to parse them again. */
export const gatheredType: ColumnType = {
  ...{ name: 'LONGTEXT', length: 0, precision: 0, scale: 0, fraction: 0 },
};

/** The names of a header stand in each row, so a few bytes of the source may become many: at most so many are made at a time. */
const KEY_BYTES_MAX = 4 << 20;

/** A bracket or comma before a key and a quote behind a value; and a bracket at the end of a row. */
const MARKS_OF_CELL = 2;
const MARKS_OF_ROW = 1;

/**
 * Makes of the cells of a row that no column of the schema takes one JSON object, in the order of the header: the cell of the column
 * that gathers them. Cells are trimmed where cleaning trims, and left out where they are empty; where all are the object is, too.
 * Holds some memory of the kernel.
 */
export class GatheredCells {
  /** Of how many rows they are made in one call. */
  readonly rowsMax: number;
  readonly #kernel: Kernel;
  readonly #trims: boolean;
  readonly #count: number;
  readonly #fields: Uint8Array;
  /** What stands before the value of each: `"name":"`; and where each begins and the last one ends. */
  readonly #keys: Uint8Array;
  readonly #keyOffsets: Uint8Array;
  /** Of a row, with the marks between them. */
  readonly #keyBytes: number;
  #block: RowBlock;

  constructor(extra: readonly ExtraField[], { trim }: Pick<CleanOptions, 'trim'>, kernel: Kernel) {
    const keys = extra.map(({ name }) => Buffer.from(`${JSON.stringify(name)}:"`));
    const offsets = [0];
    for (const { length } of keys) offsets.push(offsets.at(-1)! + length);
    const keyBytes = offsets.at(-1)!;
    this.#kernel = kernel;
    this.#trims = trim;
    this.#count = extra.length;
    this.#fields = placeInt32s(
      extra.map(({ field }) => field),
      kernel,
    );
    this.#keys = kernel.take(keyBytes + PADDING_BYTES);
    this.#keys.set(Buffer.concat(keys));
    this.#keyOffsets = placeInt32s(offsets, kernel);
    this.#keyBytes = keyBytes + extra.length * MARKS_OF_CELL + MARKS_OF_ROW;
    this.rowsMax = Math.max(1, Math.floor(KEY_BYTES_MAX / this.#keyBytes));
    this.#block = { ...emptyBlock(1, 1, kernel), bytes: kernel.take(PADDING_BYTES) };
  }

  /** Gives the column that gathers its cells of rows [from, to) of a block, into ids from `base` on. */
  append(column: ColumnBuilder, of: PlacedBlock, from: number, to: number, base: number): void {
    column.append(this.#gather(of, from, to), 0, 0, to - from, base);
  }

  /** A block of one cell for each row. Valid until the next call. */
  #gather(of: PlacedBlock, from: number, to: number): PlacedBlock {
    const { bytes, starts, ends, fieldCount } = of;
    const { functions } = this.#kernel;
    const rows = to - from;
    const cells = [bytes, starts, ends, fieldCount, from, to] as const;
    const fields = [this.#fields.byteOffset, this.#count] as const;
    this.#makeRoom(rows, functions.gatheredBytes(...cells, ...fields) + rows * this.#keyBytes);
    const block = this.#block;
    const placed = placedIn(block);
    functions.gatherCells(
      ...cells,
      ...fields,
      ...([this.#keys.byteOffset, this.#keyOffsets.byteOffset, this.#trims] as const),
      ...([placed.bytes, placed.starts, placed.ends] as const),
    );
    block.rowCount = rows;
    return placed;
  }

  /** Gives back what it has taken of the kernel's memory. */
  close(): void {
    for (const bytes of [this.#fields, this.#keys, this.#keyOffsets]) this.#kernel.giveBack(bytes);
    this.#giveBackBlock();
  }

  #makeRoom(rows: number, bytes: number): void {
    const needed = bytes + PADDING_BYTES;
    if (this.#block.starts.length >= rows && this.#block.bytes.length >= needed) return;
    this.#giveBackBlock();
    this.#block = { ...emptyBlock(1, rows, this.#kernel), bytes: this.#kernel.take(needed) };
  }

  #giveBackBlock(): void {
    this.#kernel.giveBack(this.#block.bytes);
    giveBackBlock(this.#block, this.#kernel);
  }
}

function placeInt32s(numbers: readonly number[], kernel: Kernel): Uint8Array {
  const bytes = kernel.take(numbers.length * Int32Array.BYTES_PER_ELEMENT);
  new Int32Array(bytes.buffer, bytes.byteOffset, numbers.length).set(numbers);
  return bytes;
}
