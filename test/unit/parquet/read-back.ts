import { createRequire } from 'node:module';
import {
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBConnection,
  type Json,
} from '@duckdb/node-api';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

/** The values of each column, as far as a reader has them raw: dates in days, times in microseconds, decimals unscaled. */
export type Table = Record<string, unknown[]>;

export interface DuckDB {
  /** The result of a query, column by column; `file` in it stands for the path of a file, quoted. */
  query(sql: string, path: string): Promise<Table>;
  close(): void;
}

export async function openDuckDB(): Promise<DuckDB> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection: DuckDBConnection = await instance.connect();
  return {
    async query(sql, path) {
      const reader = await connection.runAndReadAll(sql.replaceAll('$file', `'${path}'`));
      const rows = reader.getRows();
      return Object.fromEntries(
        reader.columnNames().map((name, at) => [name, rows.map((row) => rawOf(row[at]))]),
      );
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

function rawOf(value: unknown): unknown {
  if (value instanceof DuckDBDecimalValue) return value.value;
  if (value instanceof DuckDBDateValue) return value.days;
  if (value instanceof DuckDBTimeValue) return value.micros;
  if (value instanceof DuckDBTimestampValue) return value.micros;
  if (value instanceof DuckDBTimestampTZValue) return value.micros;
  return value;
}

/** Decimals come as numbers. */
export async function readWithHyparquet(path: string): Promise<Table> {
  const text = new TextDecoder();
  const rows = await parquetReadObjects({
    file: await asyncBufferFromFile(path),
    compressors,
    parsers: {
      timestampFromMicroseconds: (micros: bigint) => micros,
      dateFromDays: (days: number) => days,
      jsonFromBytes: (bytes: Uint8Array | undefined) => bytes && text.decode(bytes),
    },
  });
  return columnsOf(rows);
}

interface ParquetJs {
  ParquetReader: {
    openFile(path: string): Promise<{
      getCursor(): { next(): Promise<Record<string, Json> | null> };
      metadata: { column_orders: { TYPE_ORDER: unknown }[] };
      close(): Promise<void>;
    }>;
  };
}

export async function readWithParquetJs(path: string): Promise<Table> {
  const { ParquetReader } = createRequire(import.meta.url)('parquetjs-lite') as ParquetJs;
  const reader = await ParquetReader.openFile(path);
  const rows: Record<string, unknown>[] = [];
  try {
    const cursor = reader.getCursor();
    for (let row = await cursor.next(); row !== null; row = await cursor.next()) rows.push(row);
  } finally {
    await reader.close();
  }
  return columnsOf(rows);
}

/** Of each column, whether its statistics have the order of its type. */
export async function columnOrders(path: string): Promise<boolean[]> {
  const { ParquetReader } = createRequire(import.meta.url)('parquetjs-lite') as ParquetJs;
  const reader = await ParquetReader.openFile(path);
  const orders = reader.metadata.column_orders.map((order) => order.TYPE_ORDER !== null);
  await reader.close();
  return orders;
}

function columnsOf(rows: readonly Record<string, unknown>[]): Table {
  const table: Table = {};
  rows.forEach((row, index) => {
    for (const [name, value] of Object.entries(row)) {
      (table[name] ??= Array<unknown>(rows.length).fill(null))[index] = value ?? null;
    }
  });
  return table;
}
