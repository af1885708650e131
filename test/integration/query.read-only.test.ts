import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { ParquetDatabase } from '../../src/query/parquet-database.ts';
import type { Dataset } from '../../src/schema/dataset.ts';

const dataset: Dataset = {
  name: 'orders',
  match: '*.csv',
  columns: [
    {
      name: 'id',
      type: { name: 'INTEGER', length: 0, precision: 0, scale: 0, fraction: 0 },
      nullable: true,
    },
  ],
  table: { name: 'orders', columns: [] },
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

let root: string;
let database: ParquetDatabase;
let before: Map<string, string>;

// FOLDER stands for the dataset's folder, OUTSIDE for one beside it.
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hopper-query-'));
  await mkdir(join(root, 'output', 'orders'), { recursive: true });
  await mkdir(join(root, 'output', 'orders2'));
  const instance = await DuckDBInstance.create(':memory:');
  const maker = await instance.connect();
  for (const folder of ['orders', 'orders2']) {
    const file = join(root, 'output', folder, 'a.parquet');
    await maker.run(`COPY (SELECT 1::INTEGER AS id) TO '${file}' (FORMAT parquet)`);
    await maker.run(`ATTACH '${join(root, 'output', folder, 'a.duckdb')}' AS ${folder}`);
    await maker.run(`DETACH ${folder}`);
  }
  maker.closeSync();
  instance.closeSync();
  await writeFile(join(root, 'output', 'orders2', 'secret.csv'), 'a,b\n1,2\n');
  before = await snapshot();
  database = await ParquetDatabase.open({
    outputFolder: join(root, 'output'),
    datasets: [dataset],
  });
});

afterEach(async () => {
  // Nothing was written, and no setting or table was changed.
  expect(await snapshot()).toEqual(before);
  expect((await database.query('SHOW TABLES')).rows).toEqual([['orders']]);
  expect((await database.query('SELECT * FROM orders')).rows).toEqual([[1]]);
});

afterAll(async () => {
  database.close();
  await rm(root, { recursive: true });
});

async function snapshot(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    files.set(path, entry.isFile() ? (await readFile(path)).toString('base64') : 'folder');
  }
  return files;
}

function refused(sql: string): Promise<void> {
  const folders = sql
    .replaceAll('FOLDER', join(root, 'output', 'orders'))
    .replaceAll('OUTSIDE', join(root, 'output', 'orders2'));
  return expect(database.query(folders)).rejects.toMatchObject({ code: 'query_invalid' });
}

test.each([
  "SELECT * FROM read_csv('/etc/passwd')",
  "SELECT * FROM read_text('OUTSIDE/secret.csv')",
  "SELECT * FROM read_blob('OUTSIDE/secret.csv')",
  "SELECT * FROM read_parquet('OUTSIDE/a.parquet')",
  "SELECT * FROM read_duckdb('OUTSIDE/a.duckdb')",
  "SELECT * FROM glob('OUTSIDE/*')",
  "SELECT * FROM sniff_csv('OUTSIDE/secret.csv')",
  "SELECT * FROM parquet_metadata('OUTSIDE/a.parquet')",
  "SELECT * FROM 'OUTSIDE/a.parquet'",
  "SELECT * FROM 'OUTSIDE/secret.csv'",
  "SELECT * FROM 'FOLDER/../orders2/a.parquet'",
  "SELECT * FROM 'file:OUTSIDE/a.parquet'",
  "SELECT * FROM 'http://127.0.0.1:9/a.parquet'",
  "SELECT getenv('HOME')",
  'SELECT * FROM duckdb_settings()',
  "SELECT * FROM which_secret('s3://a', 's3')",
])('what is not a dataset cannot be read: %s', refused);

test.each([
  "COPY (SELECT 2 AS id) TO 'FOLDER/b.parquet' (FORMAT parquet)",
  "COPY (SELECT 2 AS id) TO 'OUTSIDE/b.csv'",
  "EXPLAIN ANALYZE COPY (SELECT 2 AS id) TO 'FOLDER/b.parquet' (FORMAT parquet)",
  "ATTACH 'FOLDER/b.duckdb' AS b",
  "ATTACH 'FOLDER/a.duckdb' AS b",
  "EXPORT DATABASE 'FOLDER/export'",
  "IMPORT DATABASE 'FOLDER/export'",
  "FROM enable_logging('QueryLog', storage = 'file', storage_config = {'path': 'FOLDER/log'})",
  "FROM enable_profiling(format = 'json', save_location = 'FOLDER/profile')",
  "PRAGMA enable_profiling = 'json'",
  "CALL enable_logging('QueryLog')",
])('nothing can be written, not even to the folder of a dataset: %s', refused);

test.each([
  'INSTALL httpfs',
  'LOAD httpfs',
  "SET memory_limit = '64GB'",
  'SET enable_external_access = true',
  'RESET lock_configuration',
  'PRAGMA database_list',
  'CREATE TABLE t (i INTEGER)',
  "CREATE MACRO m() AS TABLE FROM read_csv('/etc/passwd')",
  'DROP VIEW orders',
  'INSERT INTO orders VALUES (2)',
  'DELETE FROM orders',
  'BEGIN',
  'USE temp',
  'DETACH memory',
  'PREPARE p AS SELECT 1',
  'CHECKPOINT',
  'SELECT 1; DROP VIEW orders',
])('nothing can be changed: %s', refused);

test('a literal file of a dataset folder is the most that a path can reach', async () => {
  const path = join(root, 'output', 'orders', 'a.parquet');
  expect((await database.query(`SELECT * FROM '${path}'`)).rows).toEqual([[1]]);
});
