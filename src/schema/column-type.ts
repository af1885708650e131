import type { CellFormat } from './cell-format.ts';
import type { ColumnRules } from './column-rules.ts';

/** How the typed values of a column are held in memory; each has one plain Parquet encoding. */
export type Storage = 'boolean' | 'int32' | 'int64' | 'float' | 'double' | 'bytes' | 'fixed';

export type TypeName =
  | 'TINYINT'
  | 'SMALLINT'
  | 'INTEGER'
  | 'BIGINT'
  | 'DECIMAL'
  | 'FLOAT'
  | 'DOUBLE'
  | 'BOOLEAN'
  | 'CHAR'
  | 'VARCHAR'
  | 'TEXT'
  | 'MEDIUMTEXT'
  | 'LONGTEXT'
  | 'DATE'
  | 'TIME'
  | 'DATETIME'
  | 'TIMESTAMP'
  | 'JSON';

/** A type as schema.yaml declares it, its parameters resolved: `DECIMAL(10,2)` is {name: DECIMAL, precision: 10, scale: 2}. */
export interface ColumnType {
  name: TypeName;
  /** CHAR and VARCHAR: the most characters (Unicode code points); else 0. */
  length: number;
  /** DECIMAL: all digits, 1 to 38; else 0. */
  precision: number;
  /** DECIMAL: digits after the point; else 0. */
  scale: number;
  /** TIME, DATETIME, TIMESTAMP: digits of a second's fraction, 0 to 6; else 0. */
  fraction: number;
}

/** One column of a dataset. */
export interface Column {
  /** Trimmed and lower-cased, as in schema.yaml. */
  name: string;
  type: ColumnType;
  nullable: boolean;
  /** Left out where there are none. */
  rules?: ColumnRules;
  /** How its cells are written. Left out: as its type has it. */
  format?: CellFormat;
  /** The value of cells that have none, in the canonical text of the type. Left out: they stay without. */
  default?: string;
  /** Other names that it may have in a header, normalised. Left out where there are none. */
  aliases?: readonly string[];
  /** Whether it holds, as JSON, the cells of the columns of a header that the schema does not know. Left out: it is of the schema. */
  gathers?: true;
  /** What the column is about, for people. */
  description?: string;
}

/** The Parquet type of a column. Spec: parquet-format LogicalTypes.md. */
export type LogicalType =
  | { kind: 'none' }
  | { kind: 'string' }
  | { kind: 'json' }
  | { kind: 'integer'; bits: 8 | 16 | 32 | 64 }
  | { kind: 'decimal'; precision: number; scale: number }
  | { kind: 'date' }
  | { kind: 'time'; utc: boolean }
  | { kind: 'timestamp'; utc: boolean };
