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

test.each([
  `FROM "/out/orders/.receipts"."jsonl"`,
  `FROM "/out/orders/"."receipts"."jsonl"`,
  `FROM orders JOIN "/out/orders/x".csv USING (id)`,
  `SUMMARIZE "/out/orders/.profiles".jsonl`,
  `FROM "/out/orders/x.csv"`,
])('a file is no table, however its name is put: %s', async (sql) => {
  await expect(checkReadOnly(connection, sql, ['orders'])).rejects.toMatchObject({
    code: 'query_invalid',
    message: expect.stringContaining('is no dataset') as string,
  });
});

test('a dataset and the tables of tables may be named in full', async () => {
  const sql = 'FROM memory.main.orders, temp.orders, main.orders, information_schema.tables';
  expect([...(await checkReadOnly(connection, sql, ['orders'])).tables]).toContain('orders');
});

test('no function that DuckDB gives another answer for each time is taken for one that is stable', async () => {
  const { tables, isStable } = await checkReadOnly(connection, 'SELECT max(i) FROM t', []);
  expect({ tables: [...tables], isStable }).toEqual({ tables: ['t'], isStable: true });
  // Of a schema and a database there is one; an error is no answer. ago() and such are made of others in their own text.
  const harmless = ['current_database', 'current_schema', 'current_schemas', 'in_search_path'];
  const found = await connection.runAndReadAll(
    `SELECT DISTINCT function_name FROM duckdb_functions()
     WHERE function_type = 'scalar' AND stability <> 'CONSISTENT'
     OR macro_definition SIMILAR TO '.*(now[(]|current_(timestamp|date|time|setting|query)|random[(]).*'
        AND function_type = 'macro'`,
  );
  const names = found.getRows().map(([name]) => String(name));
  expect(names.length).toBeGreaterThan(20);
  const taken: string[] = [];
  for (const name of names.filter((one) => !harmless.includes(one))) {
    if ((await checkReadOnly(connection, `SELECT "${name}"(1)`, [])).isStable) taken.push(name);
  }
  expect(taken.sort()).toEqual(['error', 'sleep_ms', 'write_log']);
});

test.each(['', ' ; ', '-- nothing'])('an empty query is refused: "%s"', async (sql) => {
  await expect(checkReadOnly(connection, sql, ['orders', 'items'])).rejects.toMatchObject({
    code: 'query_invalid',
    message: 'The query is empty.',
  });
});
