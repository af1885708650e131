import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { TableLoader } from '../../src/load/table-loader.ts';
import { runCommand } from '../support/command-run.ts';
import { eachWithDatabase } from '../support/database-project.ts';
import { loadIdFor } from '../support/exactly-once.ts';
import type { HopperProject } from '../support/hopper-project.ts';
import { column, convertedLoad, datasetOf } from '../support/loads.ts';
import { describeWithMariadb, type Mariadb } from '../support/mariadb.ts';
import type { TestDatabase } from '../support/test-database.ts';

/** Names that become more than a name where somebody does not quote them, or in another way than the server reads them. */
const hostileNames = [
  'a`b',
  '``',
  '`; drop table canary; --',
  '; drop table canary',
  "x'; drop table canary; -- '",
  '"; drop table canary; -- "',
  'back\\slash`\\',
  'x` int, `y',
  'x`, (select 1), `z',
  'select',
  '*',
  '? ?? :a @b %s',
  'canary`.`n',
  '/* */ # -- ;',
  'ä`漢',
];

/** The columns by whose names keys are made. */
const keys = ['id', ...hostileNames.slice(0, 4)];
const keySetting = `key: [${keys.map((name) => JSON.stringify(name)).join(', ')}]`;

describeWithMariadb('names that are made to be more than names', () => {
  let server: Mariadb;
  let project: HopperProject;
  let database: TestDatabase;
  eachWithDatabase(async (made) => {
    ({ server, project, database } = made);
    await database.query('CREATE TABLE $canary (n INT)');
    await database.query('INSERT INTO $canary VALUES (7)');
  });
  afterEach(async () => {
    expect(await database.query('SELECT n FROM $canary')).toEqual([{ n: 7 }]);
  });

  function configure(settings: string): void {
    const types = hostileNames.map((name) => `${JSON.stringify(name)}: VARCHAR(40)\n`);
    writeFileSync(join(project.root, 'schema/hostile.yaml'), `id: INTEGER\n${types.join('')}`);
    project.configure({
      datasets: `datasets: [{ name: hostile, match: '*', schema: schema/hostile.yaml, ${settings} }]`,
    });
  }

  /** Has a file with these ids ingested, whose other cells tell their column, and its row but for the keys its `version`. */
  async function ingest(file: string, ids: readonly number[], version: string): Promise<string> {
    const header = ['id', ...hostileNames].map((name) => `"${name.replaceAll('"', '""')}"`);
    const lines = [header, ...ids.map((id) => [id, ...cellsOf(version)])];
    const content = lines.map((cells) => `${cells.join(';')}\n`).join('');
    project.drop(file, content);
    const { code, stdout, stderr } = await runCommand(project, ['ingest']);
    expect(code, stdout + stderr).toBe(0);
    return loadIdFor('hostile', file, content);
  }

  function cellsOf(version: string): string[] {
    return hostileNames.map((name, at) => (keys.includes(name) ? `key ${at}` : `${version} ${at}`));
  }

  /** The version of each row by its id; fails where a value is not in its column. */
  async function versions(): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const { id, ...values } of await database.query('SELECT * FROM $hostile')) {
      const version = String(values[hostileNames.at(-1) ?? '']).slice(0, 1);
      const cells = cellsOf(version);
      const expected = Object.fromEntries(hostileNames.map((name, at) => [name, cells[at]]));
      expect(values).toEqual({ ...expected, _load_id: expect.any(String) as string });
      found[String(id)] = version;
    }
    return found;
  }

  const once = { 1: 'a', 2: 'a' };
  const both = { ...once, 3: 'b' };

  test('are columns of rows that are appended, and that are taken back', async () => {
    configure('write: append');
    await ingest('a.csv', [1, 2], 'a');
    const second = await ingest('b.csv', [3], 'b');
    expect(await versions()).toEqual(both);
    const { stdout } = await runCommand(project, ['check', '--ledger']);
    expect(stdout).toBe('2 loads compared, no differences\n');
    expect((await runCommand(project, ['undo', second])).code).toBe(0);
    expect(await versions()).toEqual(once);
  });

  test('are columns of rows that are inserted where LOCAL INFILE is forbidden', async () => {
    configure('write: append');
    await server.query('SET GLOBAL local_infile = 0');
    try {
      await ingest('a.csv', [1, 2], 'a');
    } finally {
      await server.query('SET GLOBAL local_infile = 1');
    }
    expect(await versions()).toEqual(once);
  });

  test('are the key of a table, by which a row that it has already is diverted', async () => {
    configure(`${keySetting}, on_invalid_rows: divert`);
    await ingest('a.csv', [1, 2], 'a');
    await ingest('b.csv', [2, 3], 'b');
    expect(await versions()).toEqual(both);
  });

  test('are columns of rows that give way to those of a new version', async () => {
    configure('write: replace');
    await ingest('a.csv', [1, 2], 'a');
    await ingest('a.csv', [2, 3], 'b');
    expect(await versions()).toEqual({ 2: 'b', 3: 'b' });
  });

  test('are the key by which rows are changed', async () => {
    configure(`write: upsert, ${keySetting}`);
    await ingest('a.csv', [1, 2], 'a');
    await ingest('b.csv', [2, 3], 'b');
    expect(await versions()).toEqual({ 1: 'a', 2: 'b', 3: 'b' });
  });

  test('are names of tables too, which YAML may not give', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'csv-hopper-identifiers-'));
    try {
      for (const name of hostileNames) {
        const dataset = datasetOf(name, [column(name, 'INTEGER')]);
        const way = { database: database.config(), dataset, onNotice: () => undefined };
        const loader = new TableLoader(way);
        const load = convertedLoad(folder, dataset, 'a.csv', [['1'], ['2']]);
        expect(await loader.load([load])).toEqual([{ loadId: load.loadId, status: 'loaded' }]);
        await loader.close();
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    const tables = await server.query(
      'SELECT TABLE_NAME AS name, COLUMN_NAME AS first FROM information_schema.COLUMNS' +
        ' WHERE TABLE_SCHEMA = ? AND ORDINAL_POSITION = 1',
      [database.name],
    );
    expect(new Map(tables.map(({ name, first }) => [String(name), String(first)]))).toEqual(
      new Map([
        ['canary', 'n'],
        ['csv_hopper_ledger', 'load_id'],
        ...hostileNames.map((name) => [name, name] as const),
      ]),
    );
    configure('write: append');
    project.configure({ datasets: 'datasets: [{ name: "a`b", schema: schema/hostile.yaml }]' });
    expect((await runCommand(project, ['check'])).code).toBe(2);
  });
});
