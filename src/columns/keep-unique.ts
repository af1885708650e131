import type { KeyRows, RepeatedKey } from './key-rows.ts';
import type { RowPlaces } from './row-places.ts';

/** By what rows are compared with those before them that have the same unique key. */
export interface EarlierKeys {
  /** In the order of the source's keys. */
  rows: readonly KeyRows[];
  /** Whether the rows at these positions are equal as a whole, and the dataset drops the later one of such. */
  isDuplicate: (earlier: number, position: number, bytes: number) => boolean;
}

/** What became of rows that were compared by their unique keys. */
interface KeptRows {
  /** How many are left. */
  unique: number;
  duplicates: number;
  repeated: RepeatedKey[];
}

/** Keeps of the first rows in `kept` those whose keys no earlier row has. `hasKey`: whether a row has a value in each column of a key. */
export function keepUnique(
  places: RowPlaces,
  kept: Int32Array,
  rows: number,
  { rows: earlier, isDuplicate }: EarlierKeys,
  hasKey: (key: number, row: number) => boolean,
): KeptRows {
  const repeated: RepeatedKey[] = [];
  const left = new Set<number>();
  let duplicates = 0;
  places.findRepeatedKeys(kept, rows, earlier, hasKey, (index, found) => {
    // Where it is not known of all rows yet whether they repeat others, this one does.
    const isSame =
      found.earlier !== null && isDuplicate(found.earlier, found.position, found.bytes);
    if (isSame && !left.has(index)) duplicates++;
    if (!isSame) repeated.push(found);
    left.add(index);
  });
  let unique = 0;
  for (let index = 0; index < rows; index++) if (!left.has(index)) kept[unique++] = kept[index]!;
  return { unique, duplicates, repeated };
}
