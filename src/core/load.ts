import type { Refusals } from './refusals.ts';

/** What makes a load the same load again, after a crash and on another machine. */
export interface LoadIdentity {
  /** 32 lower-case hexadecimal digits, see load-id.ts. */
  loadId: string;
  dataset: string;
  /** Base name of the source, without a folder. */
  file: string;
  /** Of the source's bytes: 64 lower-case hexadecimal digits. */
  sha256: string;
  /** Size of the source. */
  bytes: number;
}

/** What became of the rows of a file. Conservation: rowsRead is the sum of the others. */
export interface RowCounts {
  rowsRead: number;
  rowsAccepted: number;
  rowsRejected: number;
  rowsDroppedNull: number;
  rowsDroppedDuplicate: number;
}

/** The counts alone, of what has them among other things. */
export function countsOf(load: RowCounts): RowCounts {
  const { rowsRead, rowsAccepted, rowsRejected, rowsDroppedNull, rowsDroppedDuplicate } = load;
  return { rowsRead, rowsAccepted, rowsRejected, rowsDroppedNull, rowsDroppedDuplicate };
}

/** The counts of a file whose rows were not looked at. */
export const noRows: Readonly<RowCounts> = {
  rowsRead: 0,
  rowsAccepted: 0,
  rowsRejected: 0,
  rowsDroppedNull: 0,
  rowsDroppedDuplicate: 0,
};

/** Accepted rows as LOAD DATA reads them, a line each. */
export interface LoadFile {
  path: string;
  /** The lines, where they are few and there is no file; else null. */
  content?: Uint8Array | null;
  /** Size, and number of lines: reading it checks both. */
  bytes: number;
  rows: number;
}

/** A load whose Parquet file is published and whose rows wait for the database. */
export interface ConvertedLoad extends LoadIdentity, RowCounts {
  /** Path of the published Parquet file. */
  parquet: string;
  /** Its rows, in order: one file, or one for each piece of a source that was converted in pieces; there only where a database is configured or duplicates are dropped. */
  loadFiles: readonly LoadFile[];
  /** Where the table refuses rows, these are looked for. Left out: nobody wants to know which. */
  refusals?: Refusals;
  /** Whether it is handed over once more, without them, where the table refuses rows: later files wait for it then. */
  comesAgain?: boolean;
}

/** A load whose source is still being converted; its rows can be sent to the database, but not committed. */
export interface EarlyLoad extends LoadIdentity {
  /** Its rows, in order, each file as soon as it is complete. Ends, or throws, when the conversion does. */
  loadFiles: AsyncIterable<LoadFile>;
  /** Resolves when the conversion has succeeded and its Parquet file is published; rejects where it comes to nothing. */
  converted: Promise<ConvertedLoad>;
}

/** The eight digits that stand in file names for a load. */
export function shortLoadId(loadId: string): string {
  return loadId.slice(0, 8);
}
