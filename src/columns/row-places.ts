import type { RowBlock } from '../csv/row-block.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { ColumnBuilder } from './column-builder.ts';
import type { KeyRows, RepeatedKey } from './key-rows.ts';
import { firstWord, RowFingerprints, secondWord } from './row-fingerprints.ts';

/** Few enough that what is read for them is still in the cache when it is needed. */
const PREFETCHED_ROWS = 64;

/** Knows the rows that came before. */
export interface EarlierRows {
  /** Prepares for rows [from, to) with these fingerprints, which are asked about next. */
  prefetch(fingerprints: Int32Array, from: number, to: number): void;
  /** Whether a row equals an earlier one; it is remembered where it does not. Position and length are those in the source. */
  isRepeated(first: number, second: number, position: number, bytes: number): boolean;
}

/** Knows of accepted rows, by their places among one another or in the source, that they are refused all the same. */
export interface RefusedRows {
  /** Asked of each accepted row, in the order of the source. */
  isRefused(position: number, bytes: number): boolean;
}

/** By what a batch's rows are compared with earlier ones: their fingerprints, and where they stand in the source. */
export class RowPlaces {
  readonly fingerprints: RowFingerprints;
  /** Of unique keys, each with the places of its columns. */
  keys: { columns: readonly number[]; fingerprints: RowFingerprints }[] = [];
  readonly #kernel: Kernel;
  #positions = new Float64Array(1024);
  #lengths = new Int32Array(1024);

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.fingerprints = new RowFingerprints(kernel);
  }

  /** Begins a source with these unique keys. */
  useKeys(keys: readonly (readonly number[])[]): void {
    while (this.keys.length > keys.length) this.keys.pop()!.fingerprints.close();
    this.keys = keys.map((columns, i) => ({
      columns,
      fingerprints: this.keys[i]?.fingerprints ?? new RowFingerprints(this.#kernel),
    }));
  }

  /** Takes the rows [from, to) of a block, whose bytes begin at `base` in the source, as rows of the batch from `at` on. */
  begin(
    { rowStarts, rowEnds }: RowBlock,
    from: number,
    to: number,
    base: number,
    at: number,
  ): void {
    this.fingerprints.begin(at, at + to - from);
    for (const key of this.keys) key.fingerprints.begin(at, at + to - from);
    if (at + to - from > this.#lengths.length) this.#makeRoom(at + to - from);
    for (let row = from; row < to; row++, at++) {
      const start = rowStarts[row]!;
      this.#positions[at] = base + start;
      this.#lengths[at] = rowEnds[row]! - start;
    }
  }

  /** Adds the values of rows [from, to) in a column to the fingerprints that it is in. `whole`: to those of whole rows, too. */
  addColumn(index: number, column: ColumnBuilder, whole: boolean, from: number, to: number): void {
    if (whole) this.fingerprints.addColumn(column, from, to);
    for (const { columns, fingerprints } of this.keys) {
      if (columns.includes(index)) fingerprints.addColumn(column, from, to);
    }
  }

  /** Writes the rows [0, rows) that are not repeated into `kept`, and returns how many there are. */
  keepNew(rows: number, earlier: EarlierRows, kept: Int32Array): number {
    let count = 0;
    for (let from = 0; from < rows; from += PREFETCHED_ROWS) {
      const to = Math.min(rows, from + PREFETCHED_ROWS);
      earlier.prefetch(this.fingerprints.words, from, to);
      for (let row = from; row < to; row++) {
        if (!this.#isRepeated(row, earlier)) kept[count++] = row;
      }
    }
    return count;
  }

  /**
   * Of the `count` rows in `kept`, those that have a value in each column of a key that an earlier row has too, are told of by their
   * place in `kept`.
   */
  findRepeatedKeys(
    kept: Int32Array,
    count: number,
    earlier: readonly KeyRows[],
    hasKey: (key: number, row: number) => boolean,
    onRepeated: (index: number, repeated: RepeatedKey) => void,
  ): void {
    for (const [at, rows] of earlier.entries()) {
      const { words } = this.keys[at]!.fingerprints;
      for (let index = 0; index < count; index++) {
        const row = kept[index]!;
        if (index % PREFETCHED_ROWS === 0) {
          const last = kept[Math.min(count, index + PREFETCHED_ROWS) - 1]!;
          rows.prefetch(words, row, last + 1);
        }
        if (!hasKey(at, row)) continue;
        const position = this.#positions[row]!;
        const bytes = this.#lengths[row]!;
        const place = [firstWord(words, row), secondWord(words, row), position, bytes] as const;
        const found = rows.findEarlier(...place);
        if (found !== null) onRepeated(index, { key: rows.key, position, bytes, ...found });
      }
    }
  }

  /** Keeps of the first `rows` in `kept` those that are not refused, and returns how many there are. */
  keepOthers(kept: Int32Array, rows: number, refused: RefusedRows): number {
    let count = 0;
    for (let index = 0; index < rows; index++) {
      const row = kept[index]!;
      if (!refused.isRefused(this.#positions[row]!, this.#lengths[row]!)) kept[count++] = row;
    }
    return count;
  }

  /** Moves a row to another place in the batch. */
  move(from: number, to: number): void {
    this.fingerprints.move(from, to);
    for (const key of this.keys) key.fingerprints.move(from, to);
    this.#positions[to] = this.#positions[from]!;
    this.#lengths[to] = this.#lengths[from]!;
  }

  close(): void {
    this.fingerprints.close();
    this.useKeys([]);
  }

  #isRepeated(row: number, earlier: EarlierRows): boolean {
    const { words } = this.fingerprints;
    return earlier.isRepeated(
      firstWord(words, row),
      secondWord(words, row),
      this.#positions[row]!,
      this.#lengths[row]!,
    );
  }

  #makeRoom(rows: number): void {
    const room = Math.max(rows, this.#lengths.length * 2);
    const positions = new Float64Array(room);
    positions.set(this.#positions);
    this.#positions = positions;
    const lengths = new Int32Array(room);
    lengths.set(this.#lengths);
    this.#lengths = lengths;
  }
}
