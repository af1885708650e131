import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { FailureReport } from '../../src/pipeline/failure-report.ts';
import { runCommand } from '../support/command-run.ts';
import type { CrashPoint } from '../support/crash-point.ts';
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
import { serverProgram } from '../support/server-program.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { TestDatabase } from '../support/test-database.ts';
import { peopleWith } from '../support/versions.ts';

const diverts = peopleWith(
  'table_schema: schema/narrow.yaml, on_invalid_rows: divert, profile: true',
);
const name = 'a.csv';
/** The rows of even lines are refused by the table, or by the schema, each for another reason. */
const rows = [
  ...['1;Ann', '2;Bob', '70000;Cyd', '3;Dan', 'three;Eve', '4;Fay', '2;Gus', '5;Hal'],
  ...['6;Geraldine Long', '7;Ida', '901;Jim', '8;Kim', '9;Nemo', '10;Lea'],
];
const odd = rows.filter((_, i) => i % 2 === 1);
const even = rows.filter((_, i) => i % 2 === 0);
const content = `id;name\n${rows.join('\n')}\n`;
const loadId = loadIdFor('people', name, content);

let project: HopperProject;
let database: TestDatabase;
let server: Mariadb;

/** A table with a key, a check, a foreign key and narrow columns, which has the key 1. */
async function makeTable(): Promise<void> {
  const names = 'Ann Bob Cyd Dan Eve Fay Gus Hal Geraldin Ida Jim Kim Lea'.split(' ');
  const schema = 'people: [{name: id, type: SMALLINT}, {name: name, type: VARCHAR(8)}]\n';
  writeFileSync(join(project.root, 'schema/narrow.yaml'), schema);
  await database.query('CREATE TABLE $names (name VARCHAR(8) PRIMARY KEY)');
  await database.query(`INSERT INTO $names VALUES ('${names.join("'), ('")}')`);
  await database.query(
    "CREATE TABLE $people (id SMALLINT, name VARCHAR(8), _load_id CHAR(32) CHARACTER SET ascii NOT NULL DEFAULT '', UNIQUE KEY one_id (id)," +
      ' CONSTRAINT small CHECK (id < 900), FOREIGN KEY (name) REFERENCES $names (name))',
  );
  await database.query("INSERT INTO $people VALUES (1, 'Ann', '')");
}

async function tableOf(load: string): Promise<string[]> {
  const found = await database.query(
    `SELECT id, name FROM $people WHERE _load_id = '${load}' ORDER BY id`,
  );
  return found.map((row) => `${String(row['id'])};${String(row['name'])}`);
}

function rejectsOf(file: string): string[] {
  const path = join(project.failed, `${file}.rejects.csv`);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(1, -1) : [];
}

function reportOf(file: string): FailureReport {
  const path = join(project.failed, `${file}.report.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as FailureReport;
}

function listsKept(): string[] {
  const folder = join(project.output, 'people');
  return existsSync(folder)
    ? readdirSync(folder).filter((one) => one.endsWith('.refused.jsonl'))
    : [];
}

/** Each row of the source is in the table or in the reject file, and all places have the same counts. */
async function expectConserved(rejected: readonly string[]): Promise<void> {
  const loaded = rows.filter((row) => !rejected.includes(row));
  const compare = (a: string, b: string): number => parseInt(a, 10) - parseInt(b, 10);
  expect(await tableOf(loadId)).toEqual(loaded.toSorted(compare));
  const rejects = rejectsOf(name);
  expect(rejects.map((line) => line.split(';').slice(0, 2).join(';'))).toEqual(rejected);
  expect(rejects.map((line) => Number(line.split(';')[2]))).toEqual(
    rejected.map((row) => rows.indexOf(row) + 2),
  );
  expect(await parquetRows(project, 'people')).toEqual({ [loadId]: loaded.length });
  expect(await database.ledgerRows('people')).toEqual({ [loadId]: loaded.length });
  expect(await receiptsIn(project, 'people')).toMatchObject([
    { rowsRead: 14, rowsAccepted: loaded.length, rowsRejected: rejected.length },
  ]);
  const profiles = readFileSync(join(project.output, 'people/.profiles.jsonl'), 'utf8').split('\n');
  expect(JSON.parse(profiles.at(-2) ?? '')).toMatchObject({ loadId, rows: loaded.length });
  expect(filesIn(project.failed).filter((one) => one.endsWith('.rejects.csv'))).toHaveLength(1);
  await expectNothingLeft(project);
  // Rows that nobody knows are a finding of their own.
  const others = await database.query("SELECT id FROM $people WHERE _load_id = ''");
  await database.query("DELETE FROM $people WHERE _load_id = ''");
  const { stdout } = await runCommand(project, ['check', '--ledger']);
  for (const { id } of others)
    await database.query(`INSERT INTO $people VALUES (${String(id)}, 'Ann', '')`);
  expect(stdout).toMatch(/loads? compared, no differences\n$/);
}

describeWithMariadb('rows that the table refuses, where rows are diverted', () => {
  eachWithDatabase(async (made) => {
    ({ database, project, server } = made);
    await server.query('SET GLOBAL local_infile = 1');
    project.configure({ datasets: diverts });
    await makeTable();
  });

  test.each([
    ['LOAD DATA', 1],
    ['INSERT', 0],
  ])(
    'come back in the reject file, each with what the table has against it (%s)',
    async (_, allowed) => {
      await server.query(`SET GLOBAL local_infile = ${allowed}`);
      project.drop(name, content);
      const { code, stdout } = await runCommand(project, ['ingest']);
      expect(code).toBe(0);
      expect(stdout).toContain('1 finished');
      await expectConserved(even);
      const report = reportOf(name);
      expect(report).toMatchObject({ verdict: 'diverted', rowsAccepted: 7, rowsRejected: 7 });
      const said = new Map(report.problems.map((one) => [one.line, one] as const).reverse());
      expect([...said.keys()].sort((a, b) => a - b)).toEqual([2, 4, 6, 8, 10, 12, 14]);
      const violated = {
        MariaDB: 'CONSTRAINT `small` failed',
        MySQL: "Check constraint 'small' is violated",
      }[server.kind];
      for (const [line, words] of [
        [2, 'Table people refuses it: a value breaks one of its rules (error 1062).'],
        [4, "Table people refuses it: Out of range value for column 'id' (error 1264)."],
        [10, "column 'name' (error"],
        [12, violated],
        [14, 'foreign key constraint fails'],
      ] as const) {
        expect(said.get(line)).toMatchObject({ rule: 'database' });
        expect(said.get(line)?.message).toContain(words);
      }
      expect(said.get(4)).toMatchObject({ column: 'id' });
      expect(said.get(10)).toMatchObject({ column: 'name' });
      expect(said.get(6)).toMatchObject({ rule: 'type' });
      expect(project.stepsOf(name)).toEqual([
        ...['found', 'claimed', 'converted', 'published', 'converted', 'published'],
        ...['loaded', 'diverted', 'finished'],
      ]);
      const log = readFileSync(join(project.logs, 'conversion_log.jsonl'), 'utf8');
      expect(log).not.toContain('Geraldin');
      // Repaired, they are loaded; what is refused once more comes back once more.
      const repaired = readFileSync(join(project.failed, `${name}.rejects.csv`), 'utf8')
        .replace('\n70000;', '\n11;')
        .replace('\nthree;', '\n12;');
      project.drop(`${name}.rejects.csv`, repaired);
      await runCommand(project, ['ingest']);
      expect(await tableOf(loadIdFor('people', `${name}.rejects.csv`, repaired))).toEqual([
        ...['11;Cyd', '12;Eve'],
      ]);
      const [again = ''] = filesIn(project.failed).filter(
        (one) => /rejects.+csv$/.test(one) && one !== `${name}.rejects.csv`,
      );
      const left = readFileSync(join(project.failed, again), 'utf8').split('\n').slice(1, -1);
      expect(left.map((line) => line.split(';').slice(0, 2).join(';'))).toEqual(
        even.filter((row) => !row.startsWith('70000') && !row.startsWith('three')),
      );
    },
  );

  const points: [string, CrashPoint][] = [
    ['published with them', { event: 'published' }],
    ['about to list them', { beforeRenameTo: '.refused.jsonl' }],
    ['converted without them', { event: 'converted', nth: 2 }],
    ['published without them', { event: 'published', nth: 2 }],
    ['loaded', { event: 'loaded' }],
    ['to get its reject file', { beforeRenameTo: `${name}.rejects.csv` }],
    ['diverted', { event: 'diverted' }],
    ['to be archived', { beforeRenameTo: '/archive/' }],
  ];
  test.each(points)('a kill -9 when the file is %s: each row is in one place', async (_, crash) => {
    project.drop(name, content);
    expect((await runCommand(project, ['ingest'], { crash })).code).toBe('SIGKILL');
    await runCommand(project, ['ingest']);
    await expectConserved(even);
  });

  test.each([points[1]!, points[3]!])(
    'a kill -9 when it is %s, before a restart at which the table refuses others',
    async (point, crash) => {
      project.drop(name, content);
      expect((await runCommand(project, ['ingest'], { crash })).code).toBe('SIGKILL');
      await database.query('DELETE FROM $people');
      await database.query("INSERT INTO $people VALUES (10, 'Lea', '')");
      await runCommand(project, ['ingest']);
      // What was on the list stays out, although the table would take it now.
      const isListed = point.includes('without');
      await expectConserved([...(isListed ? even : even.slice(1)), '10;Lea']);
    },
  );

  test.each(points.slice(4, 6))(
    'a kill -9 when it is %s, before a restart at which the table would take all',
    async (_, crash) => {
      project.drop(name, content);
      expect((await runCommand(project, ['ingest'], { crash })).code).toBe('SIGKILL');
      await database.query("DELETE FROM $people WHERE _load_id = ''");
      await runCommand(project, ['ingest']);
      await expectConserved(even);
    },
  );

  test('of files that are loaded together, the others are loaded as they are', async () => {
    const good = (n: number): string => `id;name\n${20 + n};Ann\n${40 + n};Bob\n`;
    for (let n = 0; n < 5; n++) project.drop(`good-${n}.csv`, good(n));
    project.drop(name, content);
    for (let n = 5; n < 9; n++) project.drop(`good-${n}.csv`, good(n));
    const { stdout } = await runCommand(project, ['ingest']);
    expect(stdout).toContain('10 finished');
    const counts = await database.ledgerRows('people');
    expect(counts).toEqual(await parquetRows(project, 'people'));
    expect(Object.values(counts).sort()).toEqual([2, 2, 2, 2, 2, 2, 2, 2, 2, 7]);
    expect(await tableOf(loadId)).toHaveLength(7);
    expect(rejectsOf(name)).toHaveLength(7);
  });

  test('later files wait until it is loaded without them, so that the first to bring a key has it', async () => {
    const files = Array.from({ length: 20 }, (_, n) => [`f-${n}.csv`, 100 + n] as const);
    for (const [file, id] of files) project.drop(file, `id;name\n${id};Ann\n${id - 1};Bob\n`);
    const { stdout } = await runCommand(project, ['ingest']);
    expect(stdout).toContain('20 finished');
    for (const [file, id] of files) {
      const brought = `id;name\n${id};Ann\n${id - 1};Bob\n`;
      const isFirst = file === 'f-0.csv';
      expect(await tableOf(loadIdFor('people', file, brought))).toEqual(
        isFirst ? [`${id - 1};Bob`, `${id};Ann`] : [`${id};Ann`],
      );
      expect(rejectsOf(file)).toHaveLength(isFirst ? 0 : 1);
    }
  });

  test.each([
    ['max_invalid_rows: 3', 'At least 4 of 14 rows', 'max_invalid_rows is 3'],
    ['max_invalid_ratio: 0.2', 'At least 3 of 14 rows', 'max_invalid_ratio is 0.2'],
  ])('with %s too many fail the file, of which nothing is left', async (limit, count, which) => {
    project.configure({ datasets: diverts.replace(' }', `, ${limit} }`) });
    project.drop(name, content);
    expect((await runCommand(project, ['ingest'])).code).toBe(1);
    const report = reportOf(name);
    expect(report).toMatchObject({ verdict: 'failed', code: 'rows_refused' });
    const [first, ...others] = report.problems;
    expect(first?.message).toContain(count);
    expect(first?.message).toContain(which);
    expect(others.map(({ line }) => line)).toEqual(expect.arrayContaining([2, 4, 6]));
    expect(await parquetRows(project, 'people')).toEqual({});
    expect(await database.ledgerRows('people')).toEqual({});
    expect(await tableOf(loadId)).toEqual([]);
    expect(listsKept()).toEqual([]);
    await expectNothingLeft(project);
  });

  test('a load that the database has lost comes back with the rows that it had, and undo forgets which were refused', async () => {
    project.drop(name, content);
    await runCommand(project, ['ingest']);
    const [list = ''] = listsKept();
    expect(list).toBe(`.${loadId}.refused.jsonl`);
    expect(statSync(join(project.output, 'people', list)).mode & 0o777).toBe(0o600);
    const before = rejectsOf(name);
    await database.query('DELETE FROM $people');
    await database.query('DELETE FROM $csv_hopper_ledger');
    expect((await runCommand(project, ['ingest', '--lost'])).code).toBe(0);
    expect(await tableOf(loadId)).toEqual(odd);
    expect(rejectsOf(name)).toEqual(before);
    expect((await runCommand(project, ['undo', loadId])).code).toBe(0);
    expect(listsKept()).toEqual([]);
    expect(await parquetRows(project, 'people')).toEqual({});
  });

  test('a load that was taken out by hand and dropped again is held against the table anew, and so is what is lost of it later', async () => {
    project.drop(name, content);
    await runCommand(project, ['ingest']);
    const takeOut = async (): Promise<void> => {
      await database.query(`DELETE FROM $people WHERE _load_id = '${loadId}'`);
      await database.query(`DELETE FROM $csv_hopper_ledger WHERE load_id = '${loadId}'`);
    };
    await takeOut();
    await database.query("DELETE FROM $people WHERE _load_id = ''");
    project.drop(name, content);
    await runCommand(project, ['ingest']);
    expect(await tableOf(loadId)).toContain('1;Ann');
    await takeOut();
    await runCommand(project, ['ingest', '--lost']);
    expect(await tableOf(loadId)).toHaveLength(8);
    expect(await parquetRows(project, 'people')).toEqual({ [loadId]: 8 });
    expect(await receiptsIn(project, 'people')).toMatchObject([{ rowsAccepted: 8, again: true }]);
  });

  test('where that list is lost with the lake, what is made again is not told to be what the table has', async () => {
    project.drop(name, content);
    await runCommand(project, ['ingest']);
    rmSync(join(project.output, 'people'), { recursive: true });
    await runCommand(project, ['ingest', '--lost']);
    expect(await tableOf(loadId)).toHaveLength(7);
    expect(await receiptsIn(project, 'people')).toEqual([]);
    const { err } = await project.event('parked', name);
    expect(err).toMatchObject({ code: 'conservation_broken' });
    expect(JSON.stringify(err)).toContain(
      'has 7 rows of this load, and 13 of its rows are accepted',
    );
  });

  test('a rehearsed schema is held against what the former one refused, not against what the table did', async () => {
    project.drop(name, content);
    await runCommand(project, ['ingest']);
    const rehearse = async (schema: string): Promise<unknown> => {
      writeFileSync(join(project.root, 'schema/next.yaml'), schema);
      return (await runCommand(project, ['rehearse', 'schema/next.yaml'])).code;
    };
    expect(await rehearse('id: INTEGER\nname: VARCHAR(40)\n')).toBe(0);
    expect(await rehearse('id: { type: INTEGER, min: 4 }\nname: VARCHAR(40)\n')).toBe(1);
  });

  // A MySQL with global transaction ids lets no transaction write to a table that cannot roll back.
  const onMariadb = test.skipIf(serverProgram?.kind === 'MySQL');

  onMariadb.each([
    [3, 'finished'],
    [11, 'failed'],
  ])(
    'on MariaDB, %i rows of which the table refuses another one each time: the file is %s',
    async (count, end) => {
      project.configure({ datasets: peopleWith('on_invalid_rows: divert') });
      await database.query('DROP TABLE $people');
      project.drop('first.csv', 'id;name\n100;Ann\n');
      await runCommand(project, ['ingest']);
      // A load and a search make a transaction each, which begins with a row of the ledger; MyISAM does not roll back.
      await database.query('CREATE TABLE $steps (n INT) ENGINE=MyISAM');
      await database.query('INSERT INTO $steps VALUES (0)');
      await database.query(
        'CREATE TRIGGER $step AFTER INSERT ON $csv_hopper_ledger FOR EACH ROW UPDATE $steps SET n = n + 1',
      );
      await database.query(
        "CREATE TRIGGER $refuse BEFORE INSERT ON $people FOR EACH ROW BEGIN IF NEW.id = (SELECT CEIL(n / 2) FROM $steps) THEN SIGNAL SQLSTATE '45000'; END IF; END",
      );
      const ids = Array.from({ length: count }, (_, i) => i + 1);
      project.drop(name, `id;name\n${ids.map((id) => `${id};Ann\n`).join('')}50;Bob\n`);
      await runCommand(project, ['ingest']);
      expect(project.stepsOf(name).at(-1)).toBe(end);
      const loaded = await database.query('SELECT id FROM $people ORDER BY id');
      expect(loaded).toEqual(end === 'finished' ? [{ id: 50 }, { id: 100 }] : [{ id: 100 }]);
      const rejected = rejectsOf(name).map((line) => Number(line.split(';')[0]));
      expect(rejected).toEqual(end === 'finished' ? ids : []);
      if (end === 'failed') {
        const lines = reportOf(name).problems.map(({ line }) => line);
        expect(lines).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
      }
      await expectNothingLeft(project);
    },
  );

  onMariadb(
    'on MariaDB, where a trigger writes to a table without savepoints, which rows they are is not known and the file fails',
    async () => {
      await database.query('CREATE TABLE $audit (n INT) ENGINE=Aria');
      await database.query(
        'CREATE TRIGGER $audits AFTER INSERT ON $people FOR EACH ROW INSERT INTO $audit VALUES (1)',
      );
      project.drop(name, content);
      expect((await runCommand(project, ['ingest'])).code).toBe(1);
      const report = reportOf(name);
      expect(report).toMatchObject({ code: 'rows_refused' });
      expect(report.problems.every(({ line }) => line === 0)).toBe(true);
      expect(await tableOf(loadId)).toEqual([]);
      await expectNothingLeft(project);
    },
  );

  test('where rows go in by key, the table fails the file for them as before', async () => {
    project.configure({ datasets: diverts.replace(' }', ', write: upsert, key: [id] }') });
    project.drop(name, content);
    expect((await runCommand(project, ['ingest'])).code).toBe(1);
    expect(reportOf(name)).toMatchObject({ code: 'rows_refused' });
    expect(await database.ledgerRows('people')).toEqual({});
    await expectNothingLeft(project);
  });
});

describeWithMariadb('rows that the table refuses, of a large file and behind a proxy', () => {
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

  async function makeProject(datasets: string): Promise<void> {
    database = await TestDatabase.create(server);
    const config = database.config({ port: proxy.port });
    project = new HopperProject({ datasets, database: config });
  }

  test.each([
    ['whose answer is lost', false],
    ['that is lost itself', true],
  ])('a COMMIT without them %s: each row is in one place', async (_, lost) => {
    await makeProject(diverts);
    await makeTable();
    await project.start();
    const cut = proxy.cutAfterSending('COMMIT', lost);
    project.drop(name, content);
    await cut;
    await project.event('finished', name);
    await stopIdle(project);
    await expectConserved(even);
  });

  test('of a file that is loaded while it is converted, in several pieces, come back as well', async () => {
    await makeProject(peopleWith('key: [id], on_invalid_rows: divert'));
    const first = people(100_000, 3);
    project.drop('first.csv', first);
    await runCommand(project, ['ingest']);
    // Some 9 MB, which are four pieces.
    const count = 400_000;
    const large = `${people(0, count)}5;again\n`;
    project.drop('large.csv', large);
    expect((await runCommand(project, ['ingest'])).code).toBe(0);
    const rejects = rejectsOf('large.csv').map((line) => line.split(';').slice(0, 3).join(';'));
    expect(rejects).toEqual([
      ...[100_000, 100_001, 100_002].map((id) => `${large.split('\n')[id + 1]};${id + 2}`),
      `5;again;${count + 2}`,
    ]);
    const loads = {
      [loadIdFor('people', 'first.csv', first)]: 3,
      [loadIdFor('people', 'large.csv', large)]: count - 3,
    };
    expect(await parquetRows(project, 'people')).toEqual(loads);
    expect(await database.tableRows('people')).toEqual(loads);
    await expectNothingLeft(project);
  });
});

describeWithMariadb('rows that the table refuses, where they fail the file', () => {
  eachWithDatabase(async (made) => {
    ({ database, project, server } = made);
    await makeTable();
  });

  test('are in its report with their lines', async () => {
    project.configure({ datasets: peopleWith('table_schema: schema/narrow.yaml') });
    const sound = rows.filter((row) => !row.startsWith('three'));
    project.drop(name, `id;name\n${sound.join('\n')}\n`);
    expect((await runCommand(project, ['ingest'])).code).toBe(1);
    const report = reportOf(name);
    expect(report).toMatchObject({ verdict: 'failed', code: 'rows_refused', rowsRejected: 6 });
    expect([...new Set(report.problems.map(({ line }) => line))]).toEqual([2, 4, 7, 9, 11, 13]);
    expect(report.reason).toMatch(/^line 2: Table people refuses it/);
    expect(await parquetRows(project, 'people')).toEqual({});
    expect(await tableOf(loadId)).toEqual([]);
    await expectNothingLeft(project);
  });

  test('are named as far as a report lists problems, and it says that there may be more', async () => {
    project.configure({
      datasets: peopleWith('table_schema: schema/narrow.yaml'),
      more: 'convert: { workers: 1, problems_max: 2 }',
    });
    project.drop(name, 'id;name\n1;Ann\n1;Ann\n1;Ann\n1;Ann\n');
    await runCommand(project, ['ingest']);
    expect(reportOf(name).problems.map(({ line, message }) => [line, message])).toEqual([
      [0, 'Table people was asked until it had refused 2 rows; there may be more.'],
      [2, expect.stringContaining('1062')],
      [3, expect.stringContaining('1062')],
    ]);
  });
});
