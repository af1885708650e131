import {
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBMaterializedResult,
  type DuckDBValue,
} from '@duckdb/node-api';

/**
 * A value as JavaScript has it: number for floating point and integers up to 32 bits, bigint for wider integers.
 * Everything else, decimals and dates among it, is its SQL text; instants are in UTC.
 */
export type QueryValue = string | number | bigint | boolean | null;

/** The answer of a query. */
export interface QueryResult {
  /** Names in the order of the SELECT, a repeated one as `name:1`; types in SQL's words, such as `DECIMAL(10,2)`. */
  columns: { name: string; type: string }[];
  rows: (readonly QueryValue[])[];
}

/** Reads a whole DuckDB result. */
export async function readQueryResult(result: DuckDBMaterializedResult): Promise<QueryResult> {
  const types = result.columnTypes().map((type) => type.alias ?? type.toString());
  const columns = result
    .deduplicatedColumnNames()
    .map((name, i) => ({ name, type: types[i] ?? '' }));
  const rows = await result.getRows();
  return { columns, rows: rows.map((row) => row.map((value, i) => plainValue(value, types[i]))) };
}

function plainValue(value: DuckDBValue, type: string | undefined): QueryValue {
  if (value === null) return null;
  if (typeof value === 'number' && type === 'FLOAT') return shortestFloat(value);
  if (typeof value !== 'object') return value;
  // Its own text depends on the time zone of the process.
  if (value instanceof DuckDBTimestampTZValue) {
    return `${new DuckDBTimestampValue(value.micros).toString()}+00`;
  }
  return value.toString();
}

/** The number with the fewest digits that is the same 32-bit float: 0.1 where the double says 0.10000000149011612. */
function shortestFloat(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return shorter;
  }
  return Number(value.toPrecision(9));
}
