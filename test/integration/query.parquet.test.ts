import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { HopperError } from '../../src/errors/hopper-error.ts';
import { ParquetDatabase } from '../../src/query/parquet-database.ts';
import type { TypeName } from '../../src/schema/column-type.ts';
import type { Dataset } from '../../src/schema/dataset.ts';

let instance: DuckDBInstance;
/** A DuckDB without limits, which makes the Parquet files. */
let maker: DuckDBConnection;
let output: string;
let database: ParquetDatabase | undefined;

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  maker = await instance.connect();
});

afterAll(() => {
  maker.closeSync();
  instance.closeSync();
});

beforeEach(async () => {
  // Quotes, glob characters and a name like a Hive partition: none of it may mean anything.
  output = join(await mkdtemp(join(tmpdir(), 'hopper-query-')), "it's [odd] *? a=b");
});

afterEach(async () => {
  database?.close();
  database = undefined;
  await rm(join(output, '..'), { recursive: true });
});

function dataset(name: string, columns: Record<string, TypeName>): Dataset {
  return {
    name,
    match: '*.csv',
    columns: Object.entries(columns).map(([column, type]) => ({
      name: column,
      type: { name: type, length: 20, precision: 10, scale: 2, fraction: 6 },
      nullable: true,
    })),
    table: { name, columns: [] },
    clean: {
      trim: false,
      lowercaseValues: false,
      nullWords: [],
      nullRows: 'keep',
      duplicateRows: 'keep',
    },
    dialect: null,
    write: { mode: 'append' },
    redrop: 'skip',
    encoding: 'utf-8',
    diversion: null,
    schemaFingerprint: '',
  };
}

const orders = dataset('orders', { id: 'INTEGER', item: 'VARCHAR' });

async function open(...datasets: Dataset[]): Promise<ParquetDatabase> {
  database = await ParquetDatabase.open({ outputFolder: output, datasets });
  return database;
}

async function writeParquet(name: string, file: string, select: string): Promise<string> {
  await mkdir(join(output, name), { recursive: true });
  const path = join(output, name, file);
  await maker.run(`COPY (${select}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet)`);
  return path;
}

function order(id: number): string {
  return `SELECT ${id}::INTEGER AS id, 'item' AS item`;
}

async function codeOf(query: Promise<unknown>): Promise<string> {
  try {
    await query;
    return 'none';
  } catch (error) {
    return error instanceof HopperError ? error.code : String(error);
  }
}

describe('what a table holds', () => {
  test('the rows of all files, odd names among them, and of no hidden or temporary one', async () => {
    const names = ['a.parquet', 'a*.parquet', 'a[1].parquet', "it's ?.parquet", 'b\\c.parquet'];
    for (const [id, name] of names.entries()) await writeParquet('orders', name, order(id));
    await writeParquet('orders', '.hidden.parquet', order(90));
    await writeParquet('orders', 'b.parquet.tmp', order(91));
    const result = await (await open(orders)).query('SELECT * FROM orders ORDER BY id');
    expect(result.columns).toEqual([
      { name: 'id', type: 'INTEGER' },
      { name: 'item', type: 'VARCHAR' },
    ]);
    expect(result.rows).toEqual(names.map((_, id) => [id, 'item']));
  });

  test('no rows, but the columns, while there is no file; and the rows of files published later', async () => {
    const query = 'SELECT id, COUNT(*) AS n FROM orders GROUP BY id';
    const db = await open(orders);
    expect(await db.query(query)).toEqual({
      columns: [
        { name: 'id', type: 'INTEGER' },
        { name: 'n', type: 'BIGINT' },
      ],
      rows: [],
    });
    await writeParquet('orders', 'a.parquet', order(1));
    expect((await db.query(query)).rows).toEqual([[1, 1n]]);
  });

  test('the columns of the schema, whatever older files have more, less, or of another type', async () => {
    await writeParquet('orders', 'old.parquet', "SELECT 1::TINYINT AS id, 'x' AS gone");
    await writeParquet('orders', 'new.parquet', "SELECT 'two' AS item, 2::BIGINT AS id");
    const result = await (await open(orders)).query('SELECT * FROM orders ORDER BY id');
    expect(result.columns).toEqual([
      { name: 'id', type: 'BIGINT' },
      { name: 'item', type: 'VARCHAR' },
    ]);
    expect(result.rows).toEqual([
      [1n, null],
      [2n, 'two'],
    ]);
  });

  test('the name of a dataset may be any text', async () => {
    const name = 'my "odd" set; DROP';
    await writeParquet(name, 'a.parquet', order(1));
    const db = await open(dataset(name, { id: 'INTEGER' }), orders);
    expect((await db.query('SELECT id FROM "my ""odd"" set; DROP"')).rows).toEqual([[1]]);
    expect((await db.query('SHOW TABLES')).rows).toEqual([[name], ['orders']]);
  });
});

test('values are exact: wide integers as bigint, decimals and dates as text, instants in UTC', async () => {
  const result = await (
    await open(orders)
  ).query(
    `SELECT 9007199254740993, 1.50::DECIMAL(10,2), 0.1::FLOAT, 0.1::DOUBLE, true, NULL, DATE '2024-02-29',
            TIME '01:02:03.5', TIMESTAMP '2024-02-29 01:02:03', TIMESTAMPTZ '2024-02-29 01:02:03+02',
            [1, 2], '{"a":1}'::JSON, sum(1), TIMESTAMPTZ '2024-02-29 01:02:03+02'::VARCHAR`,
  );
  expect(result.rows).toEqual([
    [
      9007199254740993n,
      '1.50',
      0.1,
      0.1,
      true,
      null,
      '2024-02-29',
      '01:02:03.5',
      '2024-02-29 01:02:03',
      '2024-02-28 23:02:03+00',
      '[1, 2]',
      '{"a":1}',
      1n,
      '2024-02-28 23:02:03+00',
    ],
  ]);
});

test('what has no end and what is before our era is as SQL has it', async () => {
  const values = [
    ...[
      "'infinity'::DATE",
      "'-infinity'::DATE",
      "'infinity'::TIMESTAMP",
      "'-infinity'::TIMESTAMPTZ",
    ],
    ...["DATE '0044-03-15 (BC)'", "TIMESTAMPTZ '0044-03-15 (BC) 12:00:00+00'"],
    ...["DATE '9999-12-31'", '(-99999999999999999999999999999999999.999)::DECIMAL(38,3)'],
  ];
  const asText = values.map((value) => `${value}::VARCHAR`);
  const database = await open(orders);
  const { rows } = await database.query(`SELECT ${values.join(', ')}`);
  expect(rows).toEqual((await database.query(`SELECT ${asText.join(', ')}`)).rows);
});

test('of several statements the last one answers, and an error in any is an error', async () => {
  const db = await open(orders);
  expect((await db.query('SELECT 1 AS a; SELECT 2 AS b;')).columns[0]?.name).toBe('b');
  expect(await codeOf(db.query("SELECT 'x'::INTEGER + count(*) FROM orders; SELECT 2"))).toBe(
    'query_invalid',
  );
});

test('an unknown table is an error that names the tables there are', async () => {
  await expect((await open(orders)).query('SELECT * FROM order')).rejects.toBeInstanceOf(
    HopperError,
  );
  await expect((await open(orders)).query('SELECT * FROM nix')).rejects.toMatchObject({
    code: 'query_invalid',
    hint: 'Correct the SQL; the tables are: orders.',
  });
});

test('a value that cannot be converted is an error that does not tell the value', async () => {
  await writeParquet('orders', 'a.parquet', "SELECT 1 AS id, 'se''cret' AS item");
  const query = (await open(orders)).query('SELECT item::INTEGER FROM orders');
  await expect(query).rejects.toMatchObject({
    code: 'query_invalid',
    message:
      "The query failed while it ran: Conversion Error: Could not convert string '…' to INT32 when casting from source column item",
    cause: undefined,
  });
});

test('a query that needs more memory than it may have fails, and the next one runs', async () => {
  const db = await open(orders);
  const greedy = db.query(
    'SELECT count(*) FROM (SELECT DISTINCT i::VARCHAR FROM range(100000000) t(i))',
  );
  await expect(greedy).rejects.toMatchObject({
    code: 'query_invalid',
    message: expect.stringContaining('Out of Memory') as string,
  });
  expect((await db.query('SELECT 1')).rows).toEqual([[1]]);
});

describe('files that are not as they should be', () => {
  test('a file that is no Parquet is named, and the other datasets answer', async () => {
    await writeParquet('orders', 'a.parquet', order(1));
    await mkdir(join(output, 'broken'));
    await writeFile(join(output, 'broken', 'b.parquet'), 'no Parquet at all');
    const db = await open(orders, dataset('broken', { id: 'INTEGER' }));
    await expect(db.query('SELECT * FROM broken')).rejects.toMatchObject({
      code: 'parquet_unreadable',
      message: expect.stringContaining(join(output, 'broken', 'b.parquet')) as string,
    });
    expect((await db.query('SELECT id FROM orders')).rows).toEqual([[1]]);
  });

  test('a file withdrawn while a query runs gives the whole answer or an error that says so', async () => {
    const files = 40;
    for (let id = 0; id < files; id++) await writeParquet('orders', `f${id}.parquet`, order(id));
    const last = join(output, 'orders', `f${files - 1}.parquet`);
    const db = await open(orders);
    const seen = new Set<string>();
    // The moment is not ours to choose, so each round withdraws the file a little later, until all that can come came.
    for (let turns = 0; !seen.has('query_files_changed') || !seen.has('none'); turns++) {
      const answer = db.query('SELECT COUNT(DISTINCT id) AS n FROM orders');
      const outcome = codeOf(answer);
      for (let turn = 0; turn < turns % 200; turn++) await setImmediate();
      await rename(last, `${last}.gone`);
      seen.add(await outcome);
      if ((await outcome) === 'none') {
        expect([BigInt(files), BigInt(files - 1)]).toContain((await answer).rows[0]?.[0]);
      }
      await rename(`${last}.gone`, last);
    }
    expect([...seen].sort()).toEqual(['none', 'query_files_changed']);
  });
});

test('queries over 999 files run side by side, each with all the rows', async () => {
  for (let id = 0; id < 999; id++) await writeParquet('orders', `f${id}.parquet`, order(id));
  const db = await open(orders);
  const results = await Promise.all([
    db.query('SELECT COUNT(*), COUNT(DISTINCT id) FROM orders'),
    db.query('SELECT MAX(id) FROM orders WHERE id < 500'),
  ]);
  expect(results.map(({ rows }) => rows)).toEqual([[[999n, 999n]], [[499]]]);
});
