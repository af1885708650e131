import { type ComparedRows, FingerprintTable, NO_ROOM, REPEATED_ROW } from './fingerprint-table.ts';
import type { SourceRows } from './source-rows.ts';
import type { SpilledRows } from './spilled-rows.ts';

/** A row whose values of a unique key an earlier row has. Positions are those in the source. */
export interface RepeatedKey {
  /** The key's place in the dataset. */
  key: number;
  position: number;
  earlier: number;
}

/**
 * Tells whether an earlier row of the file has the same values of a unique key: as DuplicateRows does for whole rows, with
 * fingerprints of the key alone and comparing no more than the key in the source.
 */
export class KeyRows {
  readonly key: number;
  readonly beyond: SpilledRows;
  readonly #table: FingerprintTable;
  readonly #source: SourceRows;
  readonly #compared: ComparedRows;
  #earlier = 0;

  constructor(key: number, table: FingerprintTable, source: SourceRows, beyond: SpilledRows) {
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

  /** The position of the row that has the key already, or null; it is remembered where none does. */
  findEarlier(first: number, second: number, position: number, bytes: number): number | null {
    const found = this.#table.add(first, second, position, bytes, this.#compared);
    if (found === NO_ROOM) this.beyond.isRepeated(first, second, position, bytes);
    return found === REPEATED_ROW ? this.#earlier : null;
  }

  close(): void {
    this.beyond.close();
    this.#source.close();
  }
}
