import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { expect, test } from 'vitest';
import type { FailureReport } from '../../src/pipeline/failure-report.ts';
import type { CrashPoint } from '../support/crash-point.ts';
import { eachWithDatabase } from '../support/database-project.ts';
import { expectExactlyOnce, expectNothingLeft } from '../support/exactly-once.ts';
import { filesIn, HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { describeWithMariadb, type Mariadb } from '../support/mariadb.ts';
import { duplicateEntry } from '../support/server-program.ts';
import type { TestDatabase } from '../support/test-database.ts';
import { until } from '../support/until.ts';

/** Some 9 MB, which are converted in four pieces. */
const ROWS = 400_000;
const content = people(0, ROWS);
const files = new Map([['large.csv', content]]);

describeWithMariadb('a file in several pieces', () => {
  let server: Mariadb;
  let database: TestDatabase;
  let project: HopperProject;
  eachWithDatabase((made) => {
    ({ server, database, project } = made);
  });

  /** How often the server was asked to load a file, and to change rows. */
  async function statements(): Promise<{ loads: number; updates: number }> {
    const rows = await server.query(
      "SHOW GLOBAL STATUS WHERE Variable_name IN ('Com_load', 'Com_update')",
    );
    const count = (name: string): number =>
      Number(rows.find((row) => row['Variable_name'] === name)?.['Value']);
    return { loads: count('Com_load'), updates: count('Com_update') };
  }

  /** What has been asked of the server since then. */
  async function statementsSince(before: { loads: number; updates: number }) {
    const now = await statements();
    return { loads: now.loads - before.loads, updates: now.updates - before.updates };
  }

  /** Waits until rows are being sent. */
  async function loading(): Promise<void> {
    await until(
      async () => {
        const found = await server.query(
          "SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'LOAD DATA%'",
        );
        return found.length > 0;
      },
      () => 'Nothing is being loaded.',
    );
  }

  /** A connection whose transaction has a row of this id, so that a load with one waits for it and cannot end. */
  async function holdRow(id: number): Promise<mysql.Connection> {
    const { host, port, user, password, database: name } = database.config();
    const holder = await mysql.createConnection({ host, port, user, password, database: name });
    // It ends with the server.
    holder.on('error', () => undefined);
    await holder.query('START TRANSACTION');
    await holder.query('INSERT INTO people (id) VALUES (?)', [id]);
    return holder;
  }

  function reportOnLarge(): FailureReport {
    const text = readFileSync(join(project.failed, 'large.csv.report.json'), 'utf8');
    return JSON.parse(text) as FailureReport;
  }

  async function expectNoRows(): Promise<void> {
    for (const table of ['people', 'csv_hopper_ledger']) {
      // A file may fail before the load that it began has made the tables.
      const there = await database.query(`SHOW TABLES FROM ${database.name} LIKE '${table}'`);
      if (there.length === 0) continue;
      const [row] = await database.query(`SELECT COUNT(*) AS n FROM $${table}`);
      expect(row?.['n'], table).toBe(0);
    }
    expect(filesIn(join(project.output, 'people'))).toEqual([]);
    await expectNothingLeft(project);
  }

  test('is begun to be loaded before it is converted, sent once, and is published before it is committed', async () => {
    await project.start();
    const before = await statements();
    project.drop('large.csv', content);
    await project.event('finished', 'large.csv');
    const steps = ['found', 'claimed', 'converted', 'published', 'loaded', 'finished'];
    expect(project.stepsOf('large.csv')).toEqual(steps);
    // Only what is begun early has its ledger row completed; the other update is the question whether that is allowed.
    expect(await statementsSince(before)).toEqual({ loads: 1, updates: 2 });
    await expectExactlyOnce(project, 'people', files, database);
  });

  test('with a problem in its last row leaves nothing, has it in its report, and the next file is loaded', async () => {
    await project.start();
    project.drop('large.csv', `${content}none;Ann\n`);
    await project.event('failed', 'large.csv');
    const report = reportOnLarge();
    expect(report).toMatchObject({ code: 'content_invalid', problemsTotal: 1 });
    expect(report.problems[0]).toMatchObject({ line: ROWS + 2, column: 'id', value: 'none' });
    await expectNoRows();
    project.drop('next.csv', people(0, 5));
    await project.event('finished', 'next.csv');
    await expectExactlyOnce(project, 'people', new Map([['next.csv', people(0, 5)]]), database);
  });

  test('of which the table refuses a row of the last piece leaves nothing, and its report names the row', async () => {
    await database.query(
      'CREATE TABLE $people (id INT, name VARCHAR(40), _load_id CHAR(32), UNIQUE KEY one_id (id))',
    );
    await project.start();
    project.drop('large.csv', `${content}${ROWS - 1};twice\n`);
    await project.event('failed', 'large.csv');
    const report = reportOnLarge();
    expect(report).toMatchObject({ code: 'rows_refused', problemsTotal: 1 });
    expect(report.problems[0]).toMatchObject({
      rule: 'database',
      value: duplicateEntry(String(ROWS - 1), 'people', 'one_id'),
    });
    await expectNoRows();
  });

  const moments: [string, CrashPoint][] = [
    ['it is converted and not published', { event: 'converted' }],
    ['it is published and not committed', { event: 'published' }],
    ['it is committed and has no receipt', { event: 'loaded' }],
  ];
  test.each(moments)('is loaded exactly once after kill -9 when %s', async (_, crash) => {
    project.drop('large.csv', content);
    expect(await project.run(['start'], { crash }).ended).toBe('SIGKILL');
    await project.start();
    await project.event('finished', 'large.csv');
    await expectExactlyOnce(project, 'people', files, database);
  });

  test('of which the last row repeats the first is sent once more without it, where the others are numbered', async () => {
    project.configure({
      datasets: peopleDataset.replace(' }', ', clean: { duplicate_rows: drop } }'),
      database: database.config(),
    });
    await project.start();
    // Once the table is there and the connection open, sending begins long before so many rows are converted.
    project.drop('first.csv', 'id;name\n-1;Ann\n');
    await project.event('finished', 'first.csv');
    const before = await statements();
    project.drop('large.csv', `${people(0, 2 * ROWS)}0;person 0\n`);
    const finished = await project.event('finished', 'large.csv');
    expect(finished).toMatchObject({ rowsAccepted: 2 * ROWS, rowsDroppedDuplicate: 1 });
    const count = 'SELECT COUNT(*) AS n, COUNT(DISTINCT id) AS ids FROM $people';
    expect(await database.query(count)).toEqual([{ n: 2 * ROWS + 1, ids: 2 * ROWS + 1 }]);
    expect((await statementsSince(before)).loads).toBeGreaterThan(1);
    await expectNothingLeft(project);
  });

  test('is loaded exactly once when the server is killed in the middle and comes back', async () => {
    await database.query(
      'CREATE TABLE $people (id INT, name VARCHAR(40), _load_id CHAR(32), UNIQUE KEY one_id (id))',
    );
    const holder = await holdRow(ROWS - 1);
    await project.start();
    project.drop('large.csv', content);
    await project.event('published', 'large.csv');
    await server.kill('SIGKILL');
    holder.destroy();
    await project.event('parked', 'large.csv');
    await server.restart();
    await project.event('finished', 'large.csv');
    await expectExactlyOnce(project, 'people', files, database);
  });

  test('is loaded exactly once when it is stopped by SIGTERM while its rows are sent', async () => {
    const daemon = await project.start();
    project.drop('large.csv', content);
    await project.event('claimed', 'large.csv');
    await loading();
    expect(await daemon.stop('SIGTERM')).toBe(0);
    await project.start();
    await project.event('finished', 'large.csv');
    await expectExactlyOnce(project, 'people', files, database);
  });

  test('is loaded where LOAD DATA LOCAL is forbidden', async () => {
    await server.query('SET GLOBAL local_infile = 0');
    try {
      await project.start();
      project.drop('large.csv', content);
      await project.event('finished', 'large.csv');
      await expectExactlyOnce(project, 'people', files, database);
    } finally {
      await server.query('SET GLOBAL local_infile = 1');
    }
  });

  test('keeps its place before files that came later, and takes it behind those that came before', async () => {
    await project.start();
    project.drop('first.csv', content);
    await project.event('found', 'first.csv');
    project.drop('second.csv', content);
    await project.event('found', 'second.csv');
    project.drop('third.csv', people(0, 5));
    await project.ends(3);
    const names = ['first.csv', 'second.csv', 'third.csv'];
    // Those of one transaction have the same time; among them any order is theirs.
    const places = names.map((name) => `'${name}'`).join(', ');
    const loaded = await database.query(
      `SELECT file_name FROM $csv_hopper_ledger ORDER BY loaded_at, FIELD(file_name, ${places})`,
    );
    expect(loaded.map((row) => row['file_name'])).toEqual(names);
  });
});
