import type { RowBlock } from '../csv/row-block.ts';
import { RowFingerprints } from './row-fingerprints.ts';

/** Knows the rows that came before. */
export interface EarlierRows {
  /** Whether a row equals an earlier one; it is remembered where it does not. Position and length are those in the source. */
  isRepeated(first: number, second: number, position: number, bytes: number): boolean;
}

/** By what a batch's rows are compared with earlier ones: their fingerprints, and where they stand in the source. */
export class RowPlaces {
  readonly fingerprints: RowFingerprints;
  readonly #positions: Float64Array;
  readonly #lengths: Int32Array;

  constructor(rowsMax: number, seed: number) {
    this.fingerprints = new RowFingerprints(rowsMax, seed);
    this.#positions = new Float64Array(rowsMax);
    this.#lengths = new Int32Array(rowsMax);
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
    for (let row = from; row < to; row++, at++) {
      const start = rowStarts[row]!;
      this.#positions[at] = base + start;
      this.#lengths[at] = rowEnds[row]! - start;
    }
  }

  isRepeated(row: number, earlier: EarlierRows): boolean {
    const { first, second } = this.fingerprints;
    return earlier.isRepeated(
      first[row]!,
      second[row]!,
      this.#positions[row]!,
      this.#lengths[row]!,
    );
  }

  /** Moves a row to another place in the batch. */
  move(from: number, to: number): void {
    this.fingerprints.move(from, to);
    this.#positions[to] = this.#positions[from]!;
    this.#lengths[to] = this.#lengths[from]!;
  }
}
