import type { EncodingName } from '../core/encoding-name.ts';
import type { Column } from './column-type.ts';
import type { Expectations } from './expectations.ts';
import type { RowCheck } from './row-check.ts';

/** How values and rows are cleaned before they are typed. Defaults (in the config schema) keep everything. */
export interface CleanOptions {
  /** Take white space off both ends of every value. */
  trim: boolean;
  /** Lower-case the values of CHAR, VARCHAR and TEXT columns. */
  lowercaseValues: boolean;
  /** Cells that mean "no value", compared after trimming, besides the empty cell, which always does. */
  nullWords: readonly string[];
  /** Rows with a null: keep them, or drop those that have any. */
  nullRows: 'keep' | 'drop_any';
  /** Rows that equal an earlier row of the file after cleaning and typing: keep or drop them. */
  duplicateRows: 'keep' | 'drop';
}

/** How a dataset's files are written, where it is not as RFC 4180 has it. */
export interface Dialect {
  /** What stands between two values, one or several characters; null: found by the schema. */
  delimiter: string | null;
  /** The character around a value that holds delimiters, line ends or quotes. */
  quote: string;
  /** The character inside quotes behind which any other stands for itself; the quote, where quotes are doubled. */
  escape: string;
  /** The character at the start of lines that are skipped, or null. */
  comment: string | null;
  /** How many lines before the header are skipped. */
  skipLines: number;
}

/**
 * What a new file does with the rows that its table has: `append` adds to them, and with a key refuses rows whose key one of them
 * has; `upsert` gives the rows that have one of its keys
 * its values; `replace` takes out those of a former file of the same name.
 */
export type WriteMode =
  | { mode: 'append'; key?: readonly string[] }
  | { mode: 'upsert'; key: readonly string[] }
  | { mode: 'replace' };

/** The columns that no two rows of the table have together; none where there is no key. */
export function keyOf(write: WriteMode): readonly string[] {
  return write.mode === 'replace' ? [] : (write.key ?? []);
}

/** Rows that break a rule go into a reject file and the others are loaded, within limits; null: there is none. */
export interface Diversion {
  /** More of them fail the file. */
  rowsMax: number | null;
  /** More of them, as a part of all rows, fail the file: 0 to 1. */
  ratioMax: number | null;
}

/** One column of a MySQL table: a name and a type in MySQL's own words, such as `varchar(20)`. */
export interface TableColumn {
  name: string;
  mysqlType: string;
  nullable: boolean;
}

/** The table of a dataset, as it is created where it is missing. Holds the dataset's columns in their order. */
export interface TableDefinition {
  name: string;
  columns: TableColumn[];
}

/** Each takes memory of its own for telling whether rows repeat. */
export const UNIQUE_KEYS_MAX = 8;

/** A route: which files, what they must hold, where their rows go. Everything here can be sent to a worker thread. */
/** What a header that is not quite the schema's does to a file. */
export interface HeaderPolicy {
  /** `as_null`: columns that need no value may be left out; each row has none there, or the column's default. */
  missing: 'fail' | 'as_null';
  /** `ignore`: columns that the schema does not know are left out; `json`: one column of the dataset gathers them. */
  extra: 'fail' | 'ignore' | 'json';
  /** Whether names in the header of a reject file may have an apostrophe that their sender did not write. Left out: none has. */
  neutralised?: true;
}

export interface Dataset {
  name: string;
  /** Glob over file names, letter case ignored. */
  match: string;
  columns: Column[];
  /** Rules across columns; left out where there are none. */
  checks?: readonly RowCheck[];
  /** Names of columns whose values, together, no two rows of a file may have; left out where there are none. */
  uniqueKeys?: readonly (readonly string[])[];
  table: TableDefinition;
  clean: CleanOptions;
  /** Null: RFC 4180. */
  dialect: Dialect | null;
  /** Left out: header and schema name the same columns. */
  headerPolicy?: HeaderPolicy;
  write: WriteMode;
  /** What becomes of a file that was loaded before with the same name and content. */
  redrop: 'skip' | 'load';
  /** Of files without a byte order mark. */
  encoding: EncodingName;
  /** Whether a profile of each load is kept. Left out: none is. */
  profiled?: boolean;
  /** What is expected of a file as a whole. Left out: nothing. */
  expect?: Expectations;
  /** Null: a row that breaks a rule fails the file. */
  diversion: Diversion | null;
  /** Whether what a spreadsheet would take for a formula gets an apostrophe in reject files. Left out: rows stay byte for byte. */
  rejectFormulas?: 'neutralised';
  /** SHA-256 (hex) over all that decides on a file's rows: tells by which schema a Parquet file was made. See schema-fingerprint.ts. */
  schemaFingerprint: string;
}
