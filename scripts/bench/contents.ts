// What is in a table, in so few bytes that it can be compared after each run: a wrong result is never a fast one.
import { DuckDBInstance } from '@duckdb/node-api';
import { cleanedSql } from './duckdb-sql.ts';
import type { DataFile } from './data.ts';
import type { Shape } from './shape.ts';

export interface Contents {
  rows: number;
  /** Sum of the hashes of all rows: the same whatever their order. */
  hash: string;
}

/** What csv-hopper must make of a file, by DuckDB. */
export function expectedContents({ shape, path }: DataFile): Promise<Contents> {
  return readContents(shape, cleanedSql(shape, path));
}

export function parquetContents(shape: Shape, files: readonly string[]): Promise<Contents> {
  const list = files.map((file) => `'${file}'`).join(', ');
  return readContents(shape, `SELECT * FROM read_parquet([${list}])`);
}

async function readContents(shape: Shape, select: string): Promise<Contents> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const columns = Object.keys(shape.columns).join(', ');
    const result = await connection.runAndReadAll(
      `SELECT count(*)::INTEGER, sum(hash(${columns}))::VARCHAR FROM (${select})`,
    );
    const [rows, hash] = result.getRows()[0] ?? [];
    return { rows: Number(rows), hash: String(hash) };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

export function checkContents(what: string, found: Contents, expected: Contents): void {
  checkRows(what, found.rows, expected.rows);
  if (found.hash !== expected.hash) throw new Error(`${what}: right in number, wrong in value.`);
}

export function checkRows(what: string, found: number, expected: number): void {
  if (found === expected) return;
  throw new Error(`${what}: ${found} rows where there must be ${expected}.`);
}
