import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { CrashPoint } from '../support/crash-point.ts';
import { runCommand } from '../support/command-run.ts';
import { eachWithDatabase } from '../support/database-project.ts';
import {
  expectNothingLeft,
  loadIdFor,
  parquetRows,
  receiptsIn,
  stopIdle,
} from '../support/exactly-once.ts';
import { HopperProject, people } from '../support/hopper-project.ts';
import { describeWithMariadb, type Mariadb, startMariadb } from '../support/mariadb.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { TestDatabase } from '../support/test-database.ts';
import { peopleWith } from '../support/versions.ts';

const byId = peopleWith('write: upsert, key: [id]');
/** Ids 0 to 4, 3 to 7 and 6 to 9: the later file's names win. */
const files: [name: string, content: string][] = [
  ['a.csv', people(0, 5, 'a')],
  ['b.csv', people(3, 5, 'b')],
  ['c.csv', people(6, 4, 'c')],
];
const [aId, bId, cId] = files.map(([name, content]) => loadIdFor('people', name, content)) as [
  string,
  string,
  string,
];

let project: HopperProject;
let database: TestDatabase;
afterEach(() => project.remove());

async function ingest(name: string, content: string): Promise<string> {
  project.drop(name, content);
  return (await runCommand(project, ['ingest'])).stdout;
}

async function table(): Promise<string[]> {
  const rows = await database.query('SELECT id, name FROM $people ORDER BY id');
  return rows.map(({ id, name }) => `${String(id)} ${String(name)}`);
}

function reportOf(file: string): { problems: Record<string, unknown>[]; reason: string } {
  const text = readFileSync(join(project.failed, `${file}.report.json`), 'utf8');
  return JSON.parse(text) as ReturnType<typeof reportOf>;
}

/** All three files in, in their order: rows, counts, Parquet files, receipts, and nothing left. */
async function expectAllIn(): Promise<void> {
  expect(await table()).toEqual([
    ...[0, 1, 2].map((id) => `${id} a ${id}`),
    ...[3, 4, 5].map((id) => `${id} b ${id}`),
    ...[6, 7, 8, 9].map((id) => `${id} c ${id}`),
  ]);
  expect(await database.tableRows('people')).toEqual({ [aId]: 3, [bId]: 3, [cId]: 4 });
  const accepted = { [aId]: 5, [bId]: 5, [cId]: 4 };
  expect(await database.ledgerRows('people')).toEqual(accepted);
  expect(await parquetRows(project, 'people')).toEqual(accepted);
  const ledger = await database.query('SELECT load_id, rows_updated FROM $csv_hopper_ledger');
  expect(Object.fromEntries(ledger.map((row) => [row['load_id'], row['rows_updated']]))).toEqual({
    ...{ [aId]: 0, [bId]: 2, [cId]: 2 },
  });
  const receipts = (await receiptsIn(project, 'people')).map(({ loadId }) => loadId);
  expect(receipts).toEqual([aId, bId, cId]);
  await expectNothingLeft(project);
  const { stdout } = await runCommand(project, ['check', '--ledger']);
  expect(stdout).toBe('3 loads compared, no differences\n');
}

describeWithMariadb('upsert', () => {
  let server: Mariadb;
  eachWithDatabase((made) => {
    ({ server, database, project } = made);
    project.configure({ datasets: byId });
  });

  test.each([
    ['LOAD DATA', 1],
    ['INSERT', 0],
  ])(
    'by %s: rows whose key is there take the new values, the others are added',
    async (_way, allowed) => {
      await server.query(`SET GLOBAL local_infile = ${allowed}`);
      try {
        for (const [name, content] of files) await ingest(name, content);
        await expectAllIn();
      } finally {
        await server.query('SET GLOBAL local_infile = 1');
      }
    },
  );

  test('the table is made with the key; one without it is refused with the statement that adds it', async () => {
    await database.query(
      'CREATE TABLE $people (id INT NOT NULL, name VARCHAR(40), KEY (id)) ENGINE=InnoDB',
    );
    const { code, stdout } = await runCommand(project, ['check']);
    expect(code).not.toBe(0);
    expect(stdout).toContain('ALTER TABLE `people` ADD UNIQUE KEY (`id`)');
    expect(await ingest(...files[0]!)).toContain('1 waiting');
    await database.query('ALTER TABLE $people ADD UNIQUE KEY (id)');
    await runCommand(project, ['ingest']);
    // Without the column _load_id it does as well.
    for (const [name, content] of files.slice(1)) await ingest(name, content);
    expect(await table()).toHaveLength(10);
    expect((await table())[7]).toBe('7 c 7');
    await database.query('DROP TABLE $people');
    await database.query('DELETE FROM $csv_hopper_ledger');
    await ingest('d.csv', people(0, 2, 'd'));
    await ingest('e.csv', people(1, 2, 'e'));
    expect(await table()).toEqual(['0 d 0', '1 e 1', '2 e 2']);
  });

  test('rows that have the values already count as updated', async () => {
    await ingest('a.csv', people(0, 5));
    await ingest('b.csv', people(0, 5));
    const rows = await database.query(
      'SELECT rows_updated AS n FROM $csv_hopper_ledger ORDER BY loaded_at',
    );
    expect(rows).toEqual([{ n: 0 }, { n: 5 }]);
  });

  test.each([
    ['fails', '', 0],
    ['is diverted', ', on_invalid_rows: divert, max_invalid_rows: 1', 1],
  ])(
    'a key that stands twice in a file whose broken row %s fails it, with the lines, and changes nothing',
    async (_, more, broken) => {
      project.configure({ datasets: peopleWith(`write: upsert, key: [id]${more}`) });
      await ingest(...files[0]!);
      const rows = `9;x\n${'x;y\n'.repeat(broken)}4;one\n8;"y\ny"\n4;two\n8;z\n4;three\n`;
      expect(await ingest('twice.csv', `id;name\n${rows}`)).toContain('1 failed');
      const { problems, ...report } = reportOf('twice.csv');
      const first = 3 + broken;
      const told = (line: number, value: string, message: string) => ({
        ...{ line, column: 'id', value, rule: 'database', message },
        hint: expect.stringContaining('leave one row for each key') as string,
      });
      expect(problems.filter(({ rule }) => rule === 'database')).toEqual([
        told(first, '4', '3 rows of the file have the same id, and this is the first of them.'),
        told(first + 1, '8', '2 rows of the file have the same id, and this is the first of them.'),
        told(first + 4, '8', '2 rows of the file have the same id, and this is the last of them.'),
        told(first + 5, '4', '3 rows of the file have the same id, and this is the last of them.'),
      ]);
      // The others are told of with them, and what is known of the file as a whole.
      const others = problems.filter(({ rule }) => rule !== 'database');
      expect(others.map(({ rule }) => rule)).toEqual(broken === 0 ? [] : ['invalid_rows', 'type']);
      expect(report).toMatchObject({ rowsRead: 6 + broken, rowsRejected: 4 + broken });
      expect(await table()).toHaveLength(5);
      expect(Object.keys(await parquetRows(project, 'people'))).toEqual([aId]);
      expect(Object.keys(await database.ledgerRows('people'))).toEqual([aId]);
    },
  );

  test('a row without a key is a problem of the content, with its line', async () => {
    expect(await ingest('a.csv', 'id;name\n1;x\n;y\n')).toContain('1 failed');
    expect(reportOf('a.csv').problems).toEqual([
      expect.objectContaining({ line: 3, column: 'id', rule: 'nullable' }),
    ]);
  });

  test('a row that breaks another unique key is refused, and changes no row that it does not name', async () => {
    await ingest(...files[0]!);
    await database.query('ALTER TABLE $people ADD UNIQUE KEY one_name (name)');
    expect(await ingest('x.csv', 'id;name\n0;new\n7;a 3\n')).toContain('1 failed');
    expect(reportOf('x.csv').problems).toEqual([
      expect.objectContaining({ line: 3, rule: 'database' }),
    ]);
    expect(await table()).toEqual([0, 1, 2, 3, 4].map((id) => `${id} a ${id}`));
  });

  test('keys of several columns and of text compare as the table does', async () => {
    project.configure({ datasets: peopleWith('write: upsert, key: [Name, id]') });
    await ingest('a.csv', 'id;name\n1;Ann\n2;Ann\n');
    await ingest('b.csv', 'id;name\n2;ANN\n2;Bob\n');
    expect(
      await database.query('SELECT rows_updated AS n FROM $csv_hopper_ledger ORDER BY loaded_at'),
    ).toEqual([{ n: 0 }, { n: 1 }]);
    expect(await ingest('c.csv', 'id;name\n3;ann\n3;Ann\n')).toContain('1 failed');
  });

  test.each<[string, CrashPoint]>([
    ['converted', { event: 'converted' }],
    ['published', { event: 'published' }],
    ['loaded', { event: 'loaded' }],
    ['about to be archived', { beforeRenameTo: '/archive/' }],
  ])('a kill -9 when the second is %s: all are in once, in order', async (_name, crash) => {
    await ingest(...files[0]!);
    project.drop(...files[1]!);
    expect((await runCommand(project, ['ingest'], { crash })).code).toBe('SIGKILL');
    project.drop(...files[2]!);
    await runCommand(project, ['ingest']);
    await expectAllIn();
  });

  test('files that wait for the database are loaded in the order of their arrival', async () => {
    await server.kill('SIGKILL');
    const daemon = await project.start();
    for (const [name, content] of files.slice(0, 2)) {
      project.drop(name, content);
      await project.event('published', name);
    }
    daemon.child.kill('SIGKILL');
    await daemon.ended;
    await project.start();
    project.drop(...files[2]!);
    await project.event('published', 'c.csv');
    await server.restart();
    await project.ends(3);
    await stopIdle(project);
    await expectAllIn();
  });

  test('a file in trouble is not overtaken', async () => {
    await ingest(...files[0]!);
    await database.query(
      "CREATE TRIGGER $wait BEFORE UPDATE ON $people FOR EACH ROW IF NEW.name = 'b 3' THEN SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 30001, MESSAGE_TEXT = 'not yet'; END IF",
    );
    await project.start();
    project.drop(...files[1]!);
    await project.event('parked', 'b.csv');
    project.drop(...files[2]!);
    await project.event('published', 'c.csv');
    await database.query('DROP TRIGGER $wait');
    await project.event('finished', 'c.csv');
    await stopIdle(project);
    await expectAllIn();
  });

  test('the rights that the README names are enough, and check names those that are missing', async () => {
    const user = `keyed_${database.name}`;
    await server.query(`CREATE USER ${user}@'%' IDENTIFIED BY 'secret'`);
    await server.query(`GRANT SELECT, INSERT, CREATE ON ${database.name}.* TO ${user}@'%'`);
    project.configure({ database: database.config({ user, password: 'secret' }) });
    expect((await runCommand(project, ['check'])).stdout).toContain(
      'GRANT UPDATE, CREATE TEMPORARY TABLES ON',
    );
    await server.query(
      `GRANT UPDATE, CREATE TEMPORARY TABLES ON ${database.name}.* TO ${user}@'%'`,
    );
    expect((await runCommand(project, ['check'])).code).toBe(0);
    for (const [name, content] of files) await ingest(name, content);
    await expectAllIn();
  });

  test('undo is refused, and changes nothing', async () => {
    for (const [name, content] of files) await ingest(name, content);
    const { code, stderr } = await runCommand(project, ['undo', bId]);
    expect(code).toBe(1);
    expect(stderr).toContain('whose rows are changed by key (write: upsert)');
    await expectAllIn();
  });

  test('of lost loads only those come back that put no older values over newer ones', async () => {
    for (const [name, content] of files) await ingest(name, content);
    await database.query(`DELETE FROM $csv_hopper_ledger WHERE load_id = '${bId}'`);
    const { stdout } = await runCommand(project, ['check', '--ledger']);
    expect(stdout).toContain('Loaded again it would put its values over newer ones.');
    await runCommand(project, ['ingest', '--lost']);
    expect(Object.keys(await database.ledgerRows('people')).sort()).toEqual([aId, cId].sort());
    // As if a backup from before the second had been restored.
    await database.query('DELETE FROM $csv_hopper_ledger');
    await database.query('DELETE FROM $people');
    await runCommand(project, ['ingest', '--lost']);
    await expectAllIn();
  });

  test('a ledger from before is given the column that it lacks', async () => {
    project.configure({ datasets: peopleWith('write: append') });
    await ingest('old.csv', people(100, 1));
    await database.query('ALTER TABLE $csv_hopper_ledger DROP COLUMN rows_updated');
    await database.query('ALTER TABLE $people MODIFY id INT NOT NULL, ADD UNIQUE KEY (id)');
    project.configure({ datasets: byId });
    await ingest('new.csv', people(100, 2, 'new'));
    expect(await table()).toEqual(['100 new 100', '101 new 101']);
  });
});

describeWithMariadb('upsert behind a proxy', () => {
  let server: Mariadb;
  let proxy: TcpProxy;
  beforeAll(async () => {
    server = await startMariadb();
    proxy = await startTcpProxy(server.port);
  });
  afterAll(async () => {
    await proxy.close();
    await server.stop();
  });

  test.each([
    ['whose answer is lost', false],
    ['that is lost itself', true],
  ])('a COMMIT %s: each file is in once, in order', async (_name, lost) => {
    database = await TestDatabase.create(server);
    project = new HopperProject({
      datasets: byId,
      database: database.config({ port: proxy.port }),
    });
    await project.start();
    for (const [name, content] of files) {
      const cut = proxy.cutAfterSending('COMMIT', lost);
      project.drop(name, content);
      await cut;
      await project.event('finished', name);
    }
    await stopIdle(project);
    await expectAllIn();
  });
});

describe('upsert without a database', () => {
  test('each file is one more Parquet file, and can be taken back', async () => {
    project = new HopperProject({ datasets: byId });
    for (const [name, content] of files) await ingest(name, content);
    expect(await parquetRows(project, 'people')).toEqual({ [aId]: 5, [bId]: 5, [cId]: 4 });
    // As docs/WRITE-MODES.md has it.
    const sql =
      'SELECT id, name FROM people QUALIFY row_number() OVER (PARTITION BY id ORDER BY name DESC) = 1 ORDER BY id';
    const { stdout } = await runCommand(project, ['query', sql, '--format', 'csv']);
    expect(stdout.trim().split(/\r?\n/)).toHaveLength(11);
    expect(stdout).toContain('7,c 7');
    expect((await runCommand(project, ['undo', bId])).code).toBe(0);
    expect(await parquetRows(project, 'people')).toEqual({ [aId]: 5, [cId]: 4 });
  });
});
