import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { datasetViewSql, listParquetFiles } from '../../../src/query/dataset-view.ts';
import type { ColumnType, TypeName } from '../../../src/schema/column-type.ts';
import { columnTypes } from '../../../src/schema/column-types.ts';
import type { Dataset } from '../../../src/schema/dataset.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hopper-query-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('only plain files with a final name are listed, sorted', async () => {
  const names = ['b.parquet', 'a.parquet', '.hidden.parquet', 'a.parquet.tmp', 'a.csv'];
  for (const name of names) await writeFile(join(folder, name), '');
  await mkdir(join(folder, 'folder.parquet'));
  execFileSync('mkfifo', [join(folder, 'pipe.parquet')]);
  expect(await listParquetFiles(folder)).toEqual([
    join(folder, 'a.parquet'),
    join(folder, 'b.parquet'),
  ]);
});

test('a folder that does not exist yet has no files', async () => {
  expect(await listParquetFiles(join(folder, 'none'))).toEqual([]);
});

test('a folder that is a file is an error that names it', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  await expect(listParquetFiles(file)).rejects.toMatchObject({
    code: 'folder_unusable',
    message: `The folder ${file} cannot be listed.`,
  });
});

test('every type of the schema has its type in DuckDB, so that an empty table has the columns', async () => {
  const expected: Record<TypeName, string> = {
    TINYINT: 'TINYINT',
    SMALLINT: 'SMALLINT',
    INTEGER: 'INTEGER',
    BIGINT: 'BIGINT',
    DECIMAL: 'DECIMAL(10,2)',
    FLOAT: 'FLOAT',
    DOUBLE: 'DOUBLE',
    BOOLEAN: 'BOOLEAN',
    CHAR: 'VARCHAR',
    VARCHAR: 'VARCHAR',
    TEXT: 'VARCHAR',
    MEDIUMTEXT: 'VARCHAR',
    LONGTEXT: 'VARCHAR',
    DATE: 'DATE',
    TIME: 'TIME',
    DATETIME: 'TIMESTAMP',
    TIMESTAMP: 'TIMESTAMP WITH TIME ZONE',
    JSON: 'JSON',
  };
  const names = Object.keys(columnTypes) as TypeName[];
  const rows = await describeView(
    names.map((name) => ({ name: `a "${name}"`, type: typeOf(name) })),
  );
  expect(rows).toEqual(names.map((name) => [`a "${name}"`, expected[name]]));
});

function typeOf(name: TypeName): ColumnType {
  return { name, length: 20, precision: 10, scale: 2, fraction: 6 };
}

async function describeView(columns: { name: string; type: ColumnType }[]): Promise<unknown[][]> {
  const dataset: Dataset = {
    name: 'a "table"',
    match: '*',
    columns: columns.map((column) => ({ ...column, nullable: true })),
    table: { name: 'table', columns: [] },
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
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run(datasetViewSql(dataset, []));
    const reader = await connection.runAndReadAll('DESCRIBE "a ""table"""');
    return reader.getRows().map((row) => row.slice(0, 2));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
