import { FingerprintTable, NO_ROOM, REPEATED_ROW } from './fingerprint-table.ts';
import type { EarlierRows } from './row-places.ts';
import type { SourceRows } from './source-rows.ts';

/** Knows the rows for which the table of fingerprints has no room: they equal none that is in it. */
export interface RowsBeyond extends Pick<EarlierRows, 'isRepeated'> {
  /** How many rows it was asked about. */
  readonly rows: number;
  /** Completes what it has begun, and returns where in its file the rows behind those it was asked about go or stand. */
  finish(): number;
  close(): void;
}

/**
 * Tells whether a row equals an earlier one of the file. Rows are looked for by their fingerprints; those that may be equal are
 * compared in the source, so that equal fingerprints alone never drop a row.
 */
export class DuplicateRows implements EarlierRows {
  readonly beyond: RowsBeyond;
  readonly #table: FingerprintTable;
  readonly #source: SourceRows;

  constructor(table: FingerprintTable, source: SourceRows, beyond: RowsBeyond) {
    this.#table = table;
    this.#source = source;
    this.beyond = beyond;
  }

  prefetch(fingerprints: Int32Array, from: number, to: number): void {
    this.#table.prefetch(fingerprints, from, to);
  }

  close(): void {
    this.beyond.close();
    this.#source.close();
  }

  /** Whether the rows at these positions are equal. */
  areEqual(earlier: number, position: number, bytes: number): boolean {
    return this.#source.areEqual(earlier, position, bytes);
  }

  isRepeated(first: number, second: number, position: number, bytes: number): boolean {
    const found = this.#table.add(first, second, position, bytes, this.#source);
    if (found === NO_ROOM) return this.beyond.isRepeated(first, second, position, bytes);
    return found === REPEATED_ROW;
  }
}
