import { counted } from '../core/counted.ts';
import type { ColumnType, LogicalType, Storage, TypeName } from './column-type.ts';
import { booleanParser } from './parsers/boolean.ts';
import { decimalParser } from './parsers/decimal.ts';
import { doubleParser, floatParser } from './parsers/floating.ts';
import { integerParser } from './parsers/integer.ts';
import { dateParser, datetimeParser, timeParser, timestampParser } from './parsers/temporal.ts';
import { characterParser, jsonParser, longTextParser } from './parsers/text.ts';
import type { ValueParser } from './value-parser.ts';

/** What stands in parentheses behind a type's name, with the default of each where it may be left out. */
export type TypeParameters =
  | { kind: 'none' }
  | { kind: 'length'; max: number; default: number }
  | { kind: 'precision_scale'; defaultPrecision: number; defaultScale: number }
  | { kind: 'fraction' };

export interface ColumnTypeDefinition {
  /** Other names that mean the same type, those of SQLAlchemy among them: the replaced system's files use them. */
  aliases: readonly string[];
  parameters: TypeParameters;
  storage: (type: ColumnType) => Storage;
  logicalType: (type: ColumnType) => LogicalType;
  /** The type of the MySQL column that is derived from it. */
  mysqlType: (type: ColumnType) => string;
  parser: (type: ColumnType) => ValueParser;
  /** What a cell of the type must look like, for the hint of a problem. */
  expects: (type: ColumnType, decimalChar?: string) => string;
}

/** The largest precision that Parquet readers take as an exact decimal (DuckDB, Arrow, Spark). */
export const DECIMAL_PRECISION_MAX = 38;

const none: TypeParameters = { kind: 'none' };
const fraction: TypeParameters = { kind: 'fraction' };
const string: LogicalType = { kind: 'string' };

function withFraction(name: string, type: ColumnType): string {
  return type.fraction === 0 ? name : `${name}(${type.fraction})`;
}

function fractionHint(fraction: number): string {
  return fraction === 0
    ? ' (no fraction of a second)'
    : ` with at most ${counted(fraction, 'digit')} of fraction`;
}

/** One row a type: a new type is a new row, and its name in {@link TypeName}. */
export const columnTypes: Record<TypeName, ColumnTypeDefinition> = {
  TINYINT: {
    aliases: ['INT1'],
    parameters: none,
    storage: () => 'int32',
    logicalType: () => ({ kind: 'integer', bits: 8 }),
    mysqlType: () => 'tinyint',
    parser: () => integerParser(8),
    expects: () => 'a whole number from -128 to 127',
  },
  SMALLINT: {
    aliases: ['SMALLINTEGER', 'INT2'],
    parameters: none,
    storage: () => 'int32',
    logicalType: () => ({ kind: 'integer', bits: 16 }),
    mysqlType: () => 'smallint',
    parser: () => integerParser(16),
    expects: () => 'a whole number from -32768 to 32767',
  },
  INTEGER: {
    aliases: ['INT', 'INT4'],
    parameters: none,
    storage: () => 'int32',
    logicalType: () => ({ kind: 'integer', bits: 32 }),
    mysqlType: () => 'int',
    parser: () => integerParser(32),
    expects: () => 'a whole number from -2147483648 to 2147483647',
  },
  BIGINT: {
    aliases: ['BIGINTEGER', 'INT8'],
    parameters: none,
    storage: () => 'int64',
    logicalType: () => ({ kind: 'integer', bits: 64 }),
    mysqlType: () => 'bigint',
    parser: () => integerParser(64),
    expects: () => 'a whole number from -9223372036854775808 to 9223372036854775807',
  },
  DECIMAL: {
    aliases: ['NUMERIC', 'DEC'],
    parameters: { kind: 'precision_scale', defaultPrecision: 10, defaultScale: 0 },
    storage: ({ precision }) => (precision <= 9 ? 'int32' : precision <= 18 ? 'int64' : 'fixed'),
    logicalType: ({ precision, scale }) => ({ kind: 'decimal', precision, scale }),
    mysqlType: ({ precision, scale }) => `decimal(${precision},${scale})`,
    parser: ({ precision, scale }) => decimalParser(precision, scale),
    expects: ({ precision, scale }, decimalChar = '.') => {
      const point = decimalChar === '.' ? 'a decimal point' : JSON.stringify(decimalChar);
      return `a number with ${point}, at most ${counted(precision - scale, 'digit')} before and ${scale} after it`;
    },
  },
  FLOAT: {
    aliases: [],
    parameters: none,
    storage: () => 'float',
    logicalType: () => ({ kind: 'none' }),
    mysqlType: () => 'float',
    parser: () => floatParser,
    expects: (_, decimalChar = '.') => `a number such as -1${decimalChar}5 or 2e-3, at most 3.4e38`,
  },
  DOUBLE: {
    aliases: ['DOUBLE PRECISION', 'DOUBLE_PRECISION', 'REAL'],
    parameters: none,
    storage: () => 'double',
    logicalType: () => ({ kind: 'none' }),
    mysqlType: () => 'double',
    parser: () => doubleParser,
    expects: (_, decimalChar = '.') => `a number such as -1${decimalChar}5 or 2e-3`,
  },
  BOOLEAN: {
    aliases: ['BOOL'],
    parameters: none,
    storage: () => 'boolean',
    logicalType: () => ({ kind: 'none' }),
    mysqlType: () => 'tinyint(1)',
    parser: () => booleanParser,
    expects: () => 'true, false, 1 or 0',
  },
  CHAR: {
    aliases: [],
    parameters: { kind: 'length', max: 255, default: 1 },
    storage: () => 'bytes',
    logicalType: () => string,
    mysqlType: ({ length }) => `char(${length})`,
    parser: ({ length }) => characterParser(length, true),
    expects: ({ length }) => `at most ${counted(length, 'character')}, no space at the end`,
  },
  VARCHAR: {
    aliases: ['STRING', 'UNICODE', 'NVARCHAR'],
    // 16383 characters of four bytes are the 65535 bytes that a MySQL row may have.
    parameters: { kind: 'length', max: 16383, default: 255 },
    storage: () => 'bytes',
    logicalType: () => string,
    mysqlType: ({ length }) => `varchar(${length})`,
    parser: ({ length }) => characterParser(length, false),
    expects: ({ length }) => `at most ${counted(length, 'character')}`,
  },
  TEXT: {
    aliases: ['UNICODETEXT', 'CLOB'],
    parameters: none,
    storage: () => 'bytes',
    logicalType: () => string,
    mysqlType: () => 'text',
    parser: () => longTextParser(65_535),
    expects: () => 'at most 65535 bytes; MEDIUMTEXT holds 16 MB',
  },
  MEDIUMTEXT: {
    aliases: [],
    parameters: none,
    storage: () => 'bytes',
    logicalType: () => string,
    mysqlType: () => 'mediumtext',
    parser: () => longTextParser(16_777_215),
    expects: () => 'at most 16777215 bytes',
  },
  LONGTEXT: {
    aliases: [],
    parameters: none,
    storage: () => 'bytes',
    logicalType: () => string,
    mysqlType: () => 'longtext',
    parser: () => longTextParser(2 ** 32 - 1),
    expects: () => 'at most 4 GB',
  },
  DATE: {
    aliases: [],
    parameters: none,
    storage: () => 'int32',
    logicalType: () => ({ kind: 'date' }),
    mysqlType: () => 'date',
    parser: () => dateParser,
    expects: () => 'a date as YYYY-MM-DD, such as 2024-12-31',
  },
  TIME: {
    aliases: [],
    parameters: fraction,
    storage: () => 'int64',
    logicalType: () => ({ kind: 'time', utc: false }),
    mysqlType: (type) => withFraction('time', type),
    parser: ({ fraction }) => timeParser(fraction),
    expects: ({ fraction }) => `a time of day as HH:MM:SS${fractionHint(fraction)}`,
  },
  DATETIME: {
    aliases: [],
    parameters: fraction,
    storage: () => 'int64',
    logicalType: () => ({ kind: 'timestamp', utc: false }),
    mysqlType: (type) => withFraction('datetime', type),
    parser: ({ fraction }) => datetimeParser(fraction),
    expects: ({ fraction }) => `YYYY-MM-DD HH:MM:SS${fractionHint(fraction)}, without a time zone`,
  },
  TIMESTAMP: {
    aliases: [],
    parameters: fraction,
    storage: () => 'int64',
    logicalType: () => ({ kind: 'timestamp', utc: true }),
    mysqlType: (type) => withFraction('timestamp', type),
    parser: ({ fraction }) => timestampParser(fraction),
    expects: ({ fraction }) =>
      `YYYY-MM-DD HH:MM:SS${fractionHint(fraction)} in UTC, or with an offset such as +02:00, between 1970 and 2038`,
  },
  JSON: {
    aliases: [],
    parameters: none,
    storage: () => 'bytes',
    logicalType: () => ({ kind: 'json' }),
    mysqlType: () => 'json',
    parser: () => jsonParser,
    expects: () => 'a valid JSON document',
  },
};

/** The bytes of a fixed-width decimal: the fewest that hold its digits with a sign. Spec: parquet-format LogicalTypes.md, DECIMAL. */
export function decimalWidth(precision: number): number {
  let width = 1;
  while (2n ** BigInt(8 * width - 1) <= 10n ** BigInt(precision)) width++;
  return width;
}
