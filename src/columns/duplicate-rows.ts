import { FingerprintTable, REPEATED_ROW } from './fingerprint-table.ts';
import type { EarlierRows } from './row-places.ts';
import type { SourceRows } from './source-rows.ts';

/**
 * Tells whether a row equals an earlier one of the file. Rows are looked for by their fingerprints; those that may be equal are
 * compared in the source, so that equal fingerprints alone never drop a row.
 */
export class DuplicateRows implements EarlierRows {
  readonly #table: FingerprintTable;
  readonly #source: SourceRows;

  constructor(table: FingerprintTable, source: SourceRows) {
    this.#table = table;
    this.#source = source;
  }

  isRepeated(first: number, second: number, position: number, bytes: number): boolean {
    return this.#table.add(first, second, position, bytes, this.#source) === REPEATED_ROW;
  }
}
