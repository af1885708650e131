import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseConfig } from '../../src/config/config.ts';
import { checkDatabase } from '../../src/load/database-check.ts';
import { type LoadOutcome, TableLoader } from '../../src/load/table-loader.ts';
import type { Dataset } from '../../src/schema/dataset.ts';
import { column, convertedLoad, datasetOf } from '../support/loads.ts';
import { type Mariadb, startMariadb } from '../support/mariadb.ts';
import { serverProgram } from '../support/server-program.ts';

// What only a MySQL has. What both servers have in common is tested with whichever of them the tests are run.
const isMysql = serverProgram?.kind === 'MySQL';
const title = `on MySQL${isMysql ? '' : ' (skipped: HOPPER_TEST_SERVER names none)'}`;
describe.skipIf(!isMysql)(title, () => {
  const folder = mkdtempSync(join(tmpdir(), 'hopper-mysql-'));
  const loaders: TableLoader[] = [];
  let server: Mariadb;
  /** A user with the rights that README.md gives, and no other. */
  let plain: DatabaseConfig;
  beforeAll(async () => {
    server = await startMariadb();
    await server.query("CREATE USER plain@'%' IDENTIFIED BY 'a plain word'");
    await server.query("GRANT SELECT, INSERT, CREATE ON hopper_test.* TO plain@'%'");
    plain = { ...server.rootConfig, user: 'plain', password: 'a plain word' };
  });
  afterEach(async () => {
    for (const loader of loaders.splice(0)) await loader.close();
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  async function load(dataset: Dataset, rows: string[][]): Promise<LoadOutcome['status']> {
    const loader = new TableLoader({ database: plain, dataset, onNotice: () => undefined });
    loaders.push(loader);
    const [outcome] = await loader.load([
      convertedLoad(folder, dataset, `${loaders.length}.csv`, rows),
    ]);
    if (outcome === undefined || outcome.status === 'held_up')
      throw new Error('It is held up.', { cause: outcome?.error });
    if (outcome.status === 'refused') said = outcome.problems.map(({ message }) => message);
    return outcome.status;
  }
  let said: string[] = [];

  test('a password that the server has not seen since its start is taken without TLS, and again afterwards', async () => {
    await server.query('FLUSH PRIVILEGES');
    const [plugin] = await server.query("SELECT plugin FROM mysql.user WHERE user = 'plain'");
    expect(plugin).toEqual({ plugin: 'caching_sha2_password' });
    for (let n = 0; n < 2; n++)
      expect((await checkDatabase(plain, [])).map(({ message }) => message)).toContainEqual(
        expect.stringMatching(/^The server is MySQL \d/),
      );
  });

  test('a server that makes primary keys by itself has the rows under one that nobody sees', async () => {
    await server.query('SET GLOBAL sql_generate_invisible_primary_key = ON');
    const dataset = datasetOf('unseen', [column('n', 'INTEGER')]);
    expect(await load(dataset, [['1'], ['2']])).toBe('loaded');
    await server.query('SET GLOBAL sql_generate_invisible_primary_key = OFF');
    const rows = await server.query('SELECT my_row_id AS place, n FROM unseen ORDER BY my_row_id');
    expect(rows).toEqual([
      { place: 1, n: 1 },
      { place: 2, n: 2 },
    ]);
  });

  test.each([1, 0])(
    'values that an index over an expression cannot take are refused (local_infile %i)',
    async (allowed) => {
      await server.query(`SET GLOBAL local_infile = ${allowed}`);
      const table = `functional_${allowed}`;
      await server.query(
        `CREATE TABLE ${table} (doc JSON, KEY ((CAST(doc->>'$.n' AS UNSIGNED)))) ENGINE=InnoDB`,
      );
      const dataset = datasetOf(table, [column('doc', 'JSON')]);
      expect(await load(dataset, [['{"n": 1}'], ['{"n": "secret"}']])).toBe('refused');
      expect(said.join()).toContain('functional index');
      expect(said.join()).not.toContain('secret');
      expect(await server.query(`SELECT COUNT(*) AS n FROM ${table}`)).toEqual([{ n: 0 }]);
    },
  );

  test.each([1, 0])(
    'documents that break a JSON schema of the table are refused (local_infile %i)',
    async (allowed) => {
      await server.query(`SET GLOBAL local_infile = ${allowed}`);
      const table = `schema_${allowed}`;
      const schema = '{"type": "object", "additionalProperties": false}';
      await server.query(
        `CREATE TABLE ${table} (doc JSON, CONSTRAINT ${table}_form CHECK (JSON_SCHEMA_VALID('${schema}', doc)))`,
      );
      const dataset = datasetOf(table, [column('doc', 'JSON')]);
      expect(await load(dataset, [['{}'], ['{"secret": 1}']])).toBe('refused');
      expect(said.join()).toContain(`${table}_form`);
      expect(said.join()).not.toContain('secret');
    },
  );

  test('a server that lets nobody in for now is one that cannot be reached', async () => {
    await server.query('SET GLOBAL offline_mode = ON');
    const dataset = datasetOf('offline', [column('n', 'INTEGER')]);
    await expect(load(dataset, [['1']])).rejects.toMatchObject({ code: 'database_unreachable' });
    await server.query('SET GLOBAL offline_mode = OFF');
    expect(await load(dataset, [['1']])).toBe('loaded');
  });
});
