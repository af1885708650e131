import type { RepeatedKey } from '../columns/key-rows.ts';
import type { LoadFile, RowCounts } from '../core/load.ts';
import type { FoundProblems } from '../core/problem.ts';
import type { WrittenRowGroup } from '../parquet/row-group.ts';
import type { ColumnTally } from '../profile/column-tally.ts';

/** What a source cannot be read beyond. */
export type SourceEnd =
  /** A NUL byte at this position of the source; the piece's rows begin at `from`. */
  | { kind: 'nul'; from: number; position: number }
  /** A line that is too long; the lines count as those of problems, `openQuoteLine` is null outside of quotes. */
  | { kind: 'line_length'; line: number; openQuoteLine: number | null };

/** What came of a piece of a source. Plain data, which passes between threads. */
export interface PieceResult {
  counts: RowCounts;
  /** Their lines count from the piece's first, which is 0. */
  found: FoundProblems;
  /** Whether the file is refused as a whole, by this piece or by one before it. */
  refused: boolean;
  /** Path of the file of its rejected rows; null where there are none, or nobody wants to see them. */
  rejectedFile: string | null;
  /** The same for those that are rejected for a unique key. */
  rejectedKeysFile: string | null;
  /** The same for those that a table has refused. */
  refusedFile: string | null;
  /** How many lines the piece has. */
  lines: number;
  /** Whether bytes that are not UTF-8 have come by, in it or shortly behind it. */
  foreign: boolean;
  /** Why the source cannot be read on. */
  end: SourceEnd | null;
  /** Whether the keys do not ascend any more, so that all rows have to be compared. */
  disordered: boolean;
  /** For how many rows the table of fingerprints had no room. */
  rowsBeyond: number;
  /** Rows with a unique key that an earlier row has: the first ones, and how many. */
  repeatedKeys: RepeatedKey[];
  repeatedKeysTotal: number;
  /** As many as that, by the key's place in the dataset. */
  repeatedPerKey: number[];
  /** Of each unique key by which rows are compared: for how many rows its table had no room. */
  keyRowsBeyond: number[];
  /** Where the piece lies in the Parquet file. */
  rowGroups: WrittenRowGroup[];
  /** Its accepted rows, where they are wanted. */
  loadFile: LoadFile | null;
  /** Of each of its batches, where a profile is wanted. They are taken out and merged when they arrive. */
  tallies: ColumnTally[][];
}
