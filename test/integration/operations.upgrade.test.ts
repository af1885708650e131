import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CommandRun, runCommand, snapshot } from '../support/command-run.ts';
import { eachWithDatabase } from '../support/database-project.ts';
import { loadIdFor, parquetRows, receiptsIn } from '../support/exactly-once.ts';
import { expectNothingLeft } from '../support/exactly-once.ts';
import { repository } from '../support/hopper-process.ts';
import { filesIn, type HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { describeWithMariadb } from '../support/mariadb.ts';
import type { TestDatabase } from '../support/test-database.ts';

const former = join(repository, 'test/fixtures/first-state');
const a = 'id;name\n1;Ada\n2;Grace\n3;Alan\n';
const b = 'id;name\n5;Barbara\n6;Tony\n';
const loads = { [loadIdFor('people', 'a.csv', a)]: 3, [loadIdFor('people', 'b.csv', b)]: 2 };

describeWithMariadb('a version that finds the state of another one', () => {
  let project: HopperProject;
  let database: TestDatabase;
  eachWithDatabase((made) => {
    ({ project, database } = made);
  });

  const run = (...words: string[]): Promise<CommandRun> => runCommand(project, words);

  async function restoreFormerState(): Promise<void> {
    cpSync(former, project.root, { recursive: true });
    const statements = readFileSync(join(former, 'database.sql'), 'utf8').split(/;\n/);
    for (const sql of statements.filter((text) => text.trim() !== ''))
      await database.query(sql.replace(/^(\s*(?:CREATE TABLE|INSERT INTO)) /, '$1 $$'));
  }

  test('goes on with that of the first one: what was under way comes through, what was loaded is known', async () => {
    await restoreFormerState();
    project.drop('a.csv', a);
    const { code, stdout } = await run('ingest');
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 finished, 1 skipped as loaded before') as string,
    });
    expect(await database.tableRows('people')).toEqual(loads);
    expect(await database.ledgerRows('people')).toEqual(loads);
    expect(await parquetRows(project, 'people')).toEqual(loads);
    const receipts = await receiptsIn(project, 'people');
    expect(receipts.map(({ loadId }) => loadId).sort()).toEqual(Object.keys(loads).sort());
    await expectNothingLeft(project);
    expect((await run('check', '--ledger')).stdout).toBe('2 loads compared, no differences\n');
    expect((await run('query', 'SELECT max(id) AS last FROM people')).stdout).toContain('6');
    expect((await run('retry', 'bad.csv')).stdout).toContain('bad.csv: back');
    expect(filesIn(project.failed)).toEqual([]);
    expect((await run('undo', Object.keys(loads)[0]!)).code).toBe(0);
    expect((await run('ingest')).stdout).toContain('1 failed');
  });

  test('adds to the ledger of the first one what a write mode needs', async () => {
    await restoreFormerState();
    await database.query('ALTER TABLE $people ADD PRIMARY KEY (id)');
    project.configure({
      datasets: peopleDataset.replace(' }', ', write: upsert, key: [id] }'),
    });
    project.drop('c.csv', 'id;name\n5;Barbara L.\n');
    expect((await run('ingest')).code).toBe(0);
    expect(await database.query('SELECT name FROM $people WHERE id = 5')).toEqual([
      { name: 'Barbara L.' },
    ]);
  });

  /** These read what is published, and often without a right to the folders of the input. */
  const readers = [
    ['query', 'SELECT 1'],
    ['report'],
    ['profile', Object.keys(loads)[0]!],
    ['rehearse', 'schema/schema.yaml'],
  ];

  const refusal = 'was written by csv-hopper 9.0.0 in format 2; this one, 0.1.0, reads up to 1.';

  test.each(['output_parquet', 'input_csv/.processing'])(
    'refuses that of a newer one in %s, and changes nothing of it',
    async (folder) => {
      project.drop('a.csv', a);
      expect((await run('ingest')).code).toBe(0);
      project.drop('b.csv', b);
      mkdirSync(join(project.root, folder), { recursive: true });
      const mark = join(project.root, folder, '.format.json');
      writeFileSync(mark, '{"format":2,"version":"9.0.0"}\n');
      const { log: before, ...stateBefore } = withoutLog();
      const commands = [
        ['start'],
        ['ingest'],
        ['ingest', '--lost'],
        ['undo', Object.keys(loads)[0]!],
        ['check'],
        ['check', '--ledger'],
        ['status'],
        ['status', '--json'],
        ['retry', '--all'],
        ...(folder === 'output_parquet' ? readers : []),
      ];
      for (const words of commands) {
        const { code, stdout, stderr } = await run(...words);
        expect({ code, said: stdout + stderr }, words.join(' ')).toEqual({
          code: 2,
          said: expect.stringContaining(refusal) as string,
        });
        expect(stdout + stderr).toContain('restore the backup from before the upgrade');
      }
      // Events are of no state: whatever wrote them, they tell what happened.
      expect(await run('log')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('a.csv') as string,
      });
      const { log, ...state } = withoutLog();
      expect({ state, isLonger: log.length >= before.length }).toEqual({
        state: stateBefore,
        isLonger: true,
      });
      writeFileSync(mark, 'torn');
      expect((await run('ingest')).stderr).toContain('in format unknown');
    },
  );

  /** Times of folders change by the lock that comes and goes. */
  function withoutLog(): Record<string, string> & { log: string } {
    const all = Object.entries(snapshot(project.root));
    const state = all.filter(([path, what]) => !path.startsWith('logs') && !what.endsWith(' '));
    return { ...Object.fromEntries(state), log: JSON.stringify(project.events()) };
  }

  test('lets files wait where the ledger is of a newer one, and says so', async () => {
    project.drop('a.csv', people(0, 3));
    expect((await run('ingest')).code).toBe(0);
    await database.query("ALTER TABLE $csv_hopper_ledger COMMENT = 'csv-hopper format 2'");
    project.drop('b.csv', people(10, 4));
    const { code } = await run('ingest');
    expect(code).toBe(1);
    const { err, reason } = await project.event('parked', 'b.csv');
    expect(err).toMatchObject({ code: 'state_newer' });
    expect(reason).toContain('csv_hopper_ledger was written by a newer csv-hopper in format 2');
    for (const words of [['check'], ['check', '--ledger'], ['ingest', '--lost']]) {
      const { code: ended, stdout, stderr } = await run(...words);
      expect(ended, words.join(' ')).not.toBe(0);
      expect(stdout + stderr).toContain('in format 2; this one');
    }
    const [first] = await receiptsIn(project, 'people');
    expect((await run('undo', first!.loadId)).stderr).toContain('in format 2; this one');
    expect(await database.ledgerRows('people')).toEqual({ [first!.loadId]: 3 });
    await database.query("ALTER TABLE $csv_hopper_ledger COMMENT = 'ours, do not drop'");
    expect((await run('ingest')).stdout).toContain('1 finished');
  });
});
