import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
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
import { filesIn, HopperProject, people } from '../support/hopper-project.ts';
import { describeWithMariadb, type Mariadb, startMariadb } from '../support/mariadb.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { TestDatabase } from '../support/test-database.ts';
import { peopleWith } from '../support/versions.ts';

const byId = peopleWith('write: upsert, key: [id], on_invalid_rows: divert');
const before = ['before.csv', people(0, 4, 'old')] as const;
/** Changes 0 and 3, adds 9; a row without its key and one that is no number do not come in. */
const broken = ['broken.csv', 'id;name\n0;new 0\n;lost\n3;new 3\nfour;new 4\n9;new 9\n'] as const;
const rejectsName = 'broken.csv.rejects.csv';
const changed = ['0 new 0', '1 old 1', '2 old 2', '3 new 3'];

let project: HopperProject;
let database: TestDatabase;

async function ingest(name: string, content: string): Promise<string> {
  project.drop(name, content);
  return (await runCommand(project, ['ingest'])).stdout;
}

async function table(): Promise<string[]> {
  const rows = await database.query('SELECT id, name FROM $people ORDER BY id');
  return rows.map(({ id, name }) => `${String(id)} ${String(name)}`);
}

function rejects(): string {
  return readFileSync(join(project.failed, rejectsName), 'utf8');
}

/** The sound rows in by key, the others in one reject file, and all places agree. */
async function expectDiverted(): Promise<void> {
  expect(await table()).toEqual([...changed, '9 new 9']);
  const [beforeId, brokenId] = [before, broken].map(([name, content]) =>
    loadIdFor('people', name, content),
  );
  expect(await parquetRows(project, 'people')).toEqual({ [beforeId!]: 4, [brokenId!]: 3 });
  expect(await database.tableRows('people')).toEqual({ [beforeId!]: 2, [brokenId!]: 3 });
  const ledger = await database.query(
    'SELECT load_id AS id, rows_rejected AS r, rows_updated AS u FROM $csv_hopper_ledger',
  );
  expect(ledger).toContainEqual({ id: brokenId, r: 2, u: 2 });
  expect((await receiptsIn(project, 'people')).map(({ loadId }) => loadId)).toEqual([
    beforeId,
    brokenId,
  ]);
  expect(filesIn(project.failed)).toEqual([
    rejectsName,
    'broken.csv.report.html',
    'broken.csv.report.json',
  ]);
  expect(rejects().match(/^(;lost|four;)/gm)).toHaveLength(2);
  await expectNothingLeft(project);
  const { stdout } = await runCommand(project, ['check', '--ledger']);
  expect(stdout).toBe('2 loads compared, no differences\n');
}

describeWithMariadb('upsert of a file of which rows are diverted', () => {
  eachWithDatabase((made) => {
    ({ database, project } = made);
    project.configure({ datasets: byId });
  });

  test('writes the sound rows by key; the others, repaired, come by key too', async () => {
    for (const [name, content] of [before, broken]) await ingest(name, content);
    await expectDiverted();
    const repaired = rejects().replace('\n;lost', '\n1;found').replace('\nfour;', '\n4;');
    expect(await ingest(rejectsName, repaired)).toContain('1 finished');
    expect(await table()).toEqual([
      ...['0 new 0', '1 found', '2 old 2', '3 new 3', '4 new 4', '9 new 9'],
    ]);
    expect((await receiptsIn(project, 'people'))[2]).toMatchObject({
      repairs: loadIdFor('people', ...broken),
    });
    expect((await runCommand(project, ['check', '--ledger'])).stdout).toBe(
      '3 loads compared, no differences\n',
    );
  });

  const points: [string, CrashPoint][] = [
    ['published', { event: 'published' }],
    ['loaded', { event: 'loaded' }],
    ['to get its reject file', { beforeRenameTo: rejectsName }],
    ['given its reject file', { afterRenameTo: rejectsName }],
    ['diverted', { event: 'diverted' }],
    ['to be archived', { beforeRenameTo: '/archive/' }],
    ['archived', { afterRenameTo: '/archive/' }],
  ];
  test.each(points)('a kill -9 when it is %s: in once, one reject file', async (_name, crash) => {
    await ingest(...before);
    project.drop(...broken);
    expect((await runCommand(project, ['ingest'], { crash })).code).toBe('SIGKILL');
    await runCommand(project, ['ingest']);
    await expectDiverted();
  });

  /** Rows that a check or another unique key of the table refuses, and one that the schema does. */
  const refused = [
    'refused.csv',
    'id;name\n0;new 0\n900;big\n3;new 3\nsix;x\n5;old 1\n9;new 9\n',
  ] as const;
  test.each<[string, CrashPoint | undefined]>([
    ['without a kill', undefined],
    ['also when it is killed before it is converted without them', { event: 'published' }],
    ['also when it is killed before they are handed back', { event: 'loaded' }],
  ])(
    'rows that the table refuses are diverted, too, and come by key when they are repaired, %s',
    async (_, crash) => {
      await database.query(
        'CREATE TABLE $people (id INT PRIMARY KEY, name VARCHAR(40), _load_id CHAR(32) CHARACTER SET ascii,' +
          ' CONSTRAINT small CHECK (id < 900), UNIQUE KEY one_name (name))',
      );
      await ingest(...before);
      project.drop(...refused);
      if (crash !== undefined)
        expect((await runCommand(project, ['ingest'], { crash })).code).toBe('SIGKILL');
      expect((await runCommand(project, ['ingest'])).stdout).toContain('1 finished');
      expect(await table()).toEqual([...changed, '9 new 9']);
      const back = readFileSync(join(project.failed, 'refused.csv.rejects.csv'), 'utf8').split(
        '\n',
      );
      expect(back.slice(1, -1).map((line) => line.split(';').slice(0, 3).join(';'))).toEqual([
        ...['900;big;3', 'six;x;5', '5;old 1;6'],
      ]);
      expect(await parquetRows(project, 'people')).toMatchObject({
        [loadIdFor('people', ...refused)]: 3,
      });
      await expectNothingLeft(project);
      const repaired = back.join('\n').replace('900;big', '2;small').replace('six;x', '6;x');
      expect(await ingest('refused.csv.rejects.csv', repaired)).toContain('1 finished');
      expect(await table()).toEqual(['0 new 0', '1 old 1', '2 small', '3 new 3', '6 x', '9 new 9']);
      expect((await runCommand(project, ['check', '--ledger'])).stdout).toBe(
        '3 loads compared, no differences\n',
      );
    },
  );

  test('retry --all keeps what would come over newer values, which its name brings back', async () => {
    for (const [name, content] of [before, broken]) await ingest(name, content);
    await ingest('later.csv', people(4, 1, 'newest'));
    const all = await runCommand(project, ['retry', '--all']);
    expect(all.code).toBe(2);
    expect(all.stderr).toContain(`${rejectsName} stays where it is: later.csv, load `);
    expect(filesIn(project.failed)).toContain(rejectsName);
    const named = await runCommand(project, ['retry', rejectsName]);
    expect(named.code).toBe(0);
    expect(named.stdout).toContain('it comes after later.csv, load ');
    expect(filesIn(project.input)).toEqual([rejectsName]);
  });

  test('a file that failed as a whole goes back with --all where nothing came after it', async () => {
    await ingest(...before);
    expect(await ingest('bad.csv', 'id;name\nx;y\n')).toContain('1 failed');
    expect((await runCommand(project, ['retry', '--all'])).code).toBe(0);
    expect(filesIn(project.input)).toEqual(['bad.csv']);
  });

  test('with redrop: load it comes once more, each time with its own reject file', async () => {
    project.configure({ datasets: peopleWith('on_invalid_rows: divert, redrop: load') });
    for (let times = 0; times < 2; times++) await ingest(...broken);
    expect(Object.values(await database.ledgerRows('people'))).toEqual([4, 4]);
    expect(Object.values(await parquetRows(project, 'people'))).toEqual([4, 4]);
    const rejected = filesIn(project.failed).filter((name) => name.endsWith('.rejects.csv'));
    expect(rejected).toHaveLength(2);
    for (const name of rejected) {
      expect(readFileSync(join(project.failed, name), 'utf8')).toBe(rejects());
    }
  });
});

describeWithMariadb('upsert of a file of which rows are diverted, behind a proxy', () => {
  let server: Mariadb;
  let proxy: TcpProxy;
  beforeAll(async () => {
    server = await startMariadb();
    proxy = await startTcpProxy(server.port);
  });
  afterEach(() => project.remove());
  afterAll(async () => {
    await proxy.close();
    await server.stop();
  });

  test.each([
    ['whose answer is lost', false],
    ['that is lost itself', true],
  ])('a COMMIT %s: in once, one reject file', async (_name, lost) => {
    database = await TestDatabase.create(server);
    const config = database.config({ port: proxy.port });
    project = new HopperProject({ datasets: byId, database: config });
    await project.start();
    project.drop(...before);
    await project.event('finished', 'before.csv');
    const cut = proxy.cutAfterSending('COMMIT', lost);
    project.drop(...broken);
    await cut;
    await project.event('finished', 'broken.csv');
    await stopIdle(project);
    await expectDiverted();
  });
});
