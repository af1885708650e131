import { type ComparedRows, FingerprintTable, NO_ROOM, REPEATED_ROW } from './fingerprint-table.ts';
import type { RowsBeyond } from './duplicate-rows.ts';
import type { SourceRows } from './source-rows.ts';

/** A row whose values of a unique key an earlier row has. Positions are those in the source. Plain data. */
export interface RepeatedKey {
  /** The key's place in the dataset. */
  key: number;
  position: number;
  /** With its line end. */
  bytes: number;
  /** Null where no more is known than that there is one. */
  earlier: number | null;
}

/**
 * Tells whether an earlier row of the file has the same values of a unique key: as DuplicateRows does for whole rows, with
 * fingerprints of the key alone and comparing no more than the key in the source.
 */
export class KeyRows {
  readonly key: number;
  readonly beyond: RowsBeyond;
  readonly #table: FingerprintTable;
  readonly #source: SourceRows;
  readonly #compared: ComparedRows;
  #earlier = 0;

  constructor(key: number, table: FingerprintTable, source: SourceRows, beyond: RowsBeyond) {
    this.key = key;
    this.beyond = beyond;
    this.#table = table;
    this.#source = source;
    this.#compared = {
      areEqual: (earlier, position, bytes) => {
        this.#earlier = earlier;
        return source.areEqual(earlier, position, bytes);
      },
    };
  }

  prefetch(fingerprints: Int32Array, from: number, to: number): void {
    this.#table.prefetch(fingerprints, from, to);
  }

  /** The row that has the key already, or null: none has, as far as is known, and this one is remembered. */
  findEarlier(
    first: number,
    second: number,
    position: number,
    bytes: number,
  ): Pick<RepeatedKey, 'earlier'> | null {
    const found = this.#table.add(first, second, position, bytes, this.#compared);
    if (found === REPEATED_ROW) return { earlier: this.#earlier };
    const isRepeated = found === NO_ROOM && this.beyond.isRepeated(first, second, position, bytes);
    return isRepeated ? { earlier: null } : null;
  }

  close(): void {
    this.beyond.close();
    this.#source.close();
  }
}
