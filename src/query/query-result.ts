import {
  DuckDBDateValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBMaterializedResult,
  type DuckDBResult,
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
  const columns = columnsOf(result);
  return { columns, rows: plainRows(await result.getRows(), columns) };
}

/** A result that is computed as it is read, a few thousand rows at a time. */
export class ResultRows {
  readonly columns: QueryResult['columns'];
  readonly #result: DuckDBResult;

  constructor(result: DuckDBResult) {
    this.#result = result;
    this.columns = columnsOf(result);
  }

  /** The next rows; null when there are no more. */
  async next(): Promise<QueryResult['rows'] | null> {
    const chunk = await this.#result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return null;
    return plainRows(chunk.getRows(), this.columns);
  }
}

function columnsOf(result: DuckDBResult): QueryResult['columns'] {
  const types = result.columnTypes().map((type) => type.alias ?? type.toString());
  return result.deduplicatedColumnNames().map((name, i) => ({ name, type: types[i] ?? '' }));
}

function plainRows(
  rows: DuckDBValue[][],
  columns: QueryResult['columns'],
): (readonly QueryValue[])[] {
  return rows.map((row) => row.map((value, i) => plainValue(value, columns[i]?.type)));
}

function plainValue(value: DuckDBValue, type: string | undefined): QueryValue {
  if (value === null) return null;
  if (typeof value === 'number' && type === 'FLOAT') return shortestFloat(value);
  if (typeof value !== 'object') return value;
  // Its own text depends on the time zone of the process.
  if (value instanceof DuckDBTimestampTZValue) {
    const text = new DuckDBTimestampValue(value.micros).toString();
    return value.isFinite ? `${text}+00` : text;
  }
  // Its own text is a day, five million years away.
  if (value instanceof DuckDBDateValue && !value.isFinite) {
    return value.days > 0 ? 'infinity' : '-infinity';
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
