import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { checkReadOnly } from '../../../src/query/read-only-sql.ts';

let instance: DuckDBInstance;
let connection: DuckDBConnection;

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
});

afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

test('tables are found in joins, subqueries, WITH clauses and every statement, in lower case', async () => {
  const { tables, allTables } = await checkReadOnly(
    connection,
    `WITH q AS (SELECT * FROM One) SELECT (SELECT max(i) FROM "Two") FROM q JOIN main.three USING (i)
     WHERE i IN (SELECT i FROM four) UNION ALL FROM five; DESCRIBE six;`,
    [],
  );
  expect([...tables].sort()).toEqual(['five', 'four', 'one', 'q', 'six', 'three', 'two']);
  expect(allTables).toBe(false);
});

test('SHOW TABLES reads all tables', async () => {
  expect((await checkReadOnly(connection, 'SHOW TABLES', ['orders', 'items'])).allTables).toBe(
    true,
  );
});

test.each([
  'FROM enable_logging()',
  'FROM main.Enable_Logging()',
  'SELECT 1 WHERE EXISTS (FROM enable_logging())',
  'WITH q AS MATERIALIZED (FROM enable_profiling()) SELECT 1',
  'SELECT 1; FROM checkpoint()',
  "FROM query('FROM enable_logging()')",
  "SELECT * FROM range(3), LATERAL (FROM read_text('/x'))",
  "DESCRIBE FROM read_csv('/x')",
])('a table function with effects or a file is refused: %s', async (sql) => {
  await expect(checkReadOnly(connection, sql, ['orders', 'items'])).rejects.toMatchObject({
    code: 'query_invalid',
    message: expect.stringMatching(/table function \w+ is not allowed/) as string,
  });
});

test('table functions that make rows of their arguments may be used', async () => {
  const sql = 'FROM range(3), generate_series(1, 2), unnest([1])';
  await expect(checkReadOnly(connection, sql, ['orders', 'items'])).resolves.toMatchObject({
    allTables: false,
  });
});

test('a syntax error is placed by line and column', async () => {
  await expect(
    checkReadOnly(connection, "SELECT 'ä',\n  FROM FROM x", ['orders', 'items']),
  ).rejects.toMatchObject({
    code: 'query_invalid',
    message: 'The query cannot be run: syntax error at or near "FROM" (line 2, column 8).',
  });
});

test.each(['', ' ; ', '-- nothing'])('an empty query is refused: "%s"', async (sql) => {
  await expect(checkReadOnly(connection, sql, ['orders', 'items'])).rejects.toMatchObject({
    code: 'query_invalid',
    message: 'The query is empty.',
  });
});
