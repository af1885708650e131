import { copyFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { shortLoadId } from '../../src/core/load.ts';
import { type CommandRun, runCommand, snapshot } from '../support/command-run.ts';
import { eachWithDatabase } from '../support/database-project.ts';
import {
  expectNothingLeft,
  loadIdFor,
  parquetRows,
  type RowsByLoad,
} from '../support/exactly-once.ts';
import { filesIn, HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { describeWithMariadb } from '../support/mariadb.ts';
import type { TestDatabase } from '../support/test-database.ts';

// a.csv comes every day: what is brought back must not be taken for one file.
const files: [name: string, content: string][] = [
  ['a.csv', people(0, 5)],
  ['a.csv', people(100, 6)],
  ['b.csv', people(200, 7)],
  [`${'long'.repeat(60)}.csv`, people(300, 8)],
];
const idOf = (index: number): string => loadIdFor('people', ...files[index]!);
const allRows: RowsByLoad = Object.fromEntries(files.map((_, i) => [idOf(i), 5 + i]));

let project: HopperProject;
afterEach(() => project.remove());

async function ingestAll(): Promise<void> {
  const [first, ...others] = files;
  for (const together of [[first!], others]) {
    for (const [name, content] of together) project.drop(name, content);
    expect((await runCommand(project, ['ingest'])).code).toBe(0);
  }
}

/** Runs check --ledger, and proves that it wrote nothing. */
async function checkLedger(): Promise<CommandRun> {
  const before = snapshot(project.root);
  const run = await runCommand(project, ['check', '--ledger']);
  expect(snapshot(project.root)).toEqual(before);
  return run;
}

/** What it said of each load: the lines that name a difference. */
function differencesIn({ stdout }: CommandRun): string[] {
  return stdout.split('\n').filter((line) => /^(?:error|warning) /.test(line));
}

function parquetOf(index: number): string {
  const [name] = files[index]!;
  return join(
    project.output,
    'people',
    `${name.replace('.csv', '')}-${shortLoadId(idOf(index))}.parquet`,
  );
}

describeWithMariadb('check --ledger', () => {
  let database: TestDatabase;
  eachWithDatabase(async (made) => {
    ({ database, project } = made);
    await ingestAll();
  });

  async function expectAgreement(): Promise<void> {
    expect(await database.tableRows('people')).toEqual(allRows);
    expect(await database.ledgerRows('people')).toEqual(allRows);
    expect(await parquetRows(project, 'people')).toEqual(allRows);
    expect(filesIn(join(project.archive, 'people'))).toHaveLength(files.length);
    await expectNothingLeft(project);
    const { code, stdout } = await checkLedger();
    expect({ code, stdout }).toEqual({ code: 0, stdout: '4 loads compared, no differences\n' });
  }

  /** Runs the SQL that the hints give, as the administrator would. */
  async function runHintedSql({ stdout }: CommandRun): Promise<void> {
    const hints = stdout.split('\n').filter((line) => line.startsWith(' '));
    const statements = hints.flatMap((hint) => hint.match(/DELETE FROM .*?(?=[.;] )/g) ?? []);
    expect(statements.length).toBeGreaterThan(0);
    for (const statement of statements) {
      await database.query(statement.replace(/(FROM) (`?\w+`?)/g, '$1 $$$2'));
    }
  }

  async function bringBack(): Promise<CommandRun> {
    const run = await runCommand(project, ['ingest', '--lost']);
    expect(run.code, `${run.stdout}${run.stderr}`).toBe(0);
    return run;
  }

  test('finds nothing where all agree', () => expectAgreement());

  test('names every load of a database that was lost, and ingest --lost brings each back once', async () => {
    await database.query('DROP TABLE $people, $csv_hopper_ledger');
    const found = await checkLedger();
    expect(found.code).toBe(2);
    const lines = differencesIn(found);
    expect(lines).toHaveLength(files.length);
    for (const [i, [name]] of files.entries()) {
      const line = lines.find((text) => text.includes(`people: ${name}, load ${idOf(i)}: `));
      expect(line).toContain(`with ${5 + i} rows, but the database has neither its ledger row`);
    }
    expect(found.stdout).toContain('run csv-hopper ingest --lost');
    expect(found.stdout.endsWith('\n4 loads compared, 4 differences\n')).toBe(true);
    const { stdout } = await bringBack();
    expect(stdout.endsWith('4 finished\n')).toBe(true);
    await expectAgreement();
  });

  test.each([
    { event: 'found', nth: 2 },
    { event: 'claimed' },
    { event: 'published', nth: 3 },
    { event: 'loaded' },
  ] as const)(
    'a crash while they are brought back, at %o, changes nothing of that',
    async (crash) => {
      await database.query('DROP TABLE $people, $csv_hopper_ledger');
      const { code } = await runCommand(project, ['ingest', '--lost'], { crash });
      expect(code).toBe('SIGKILL');
      await bringBack();
      await expectAgreement();
    },
  );

  test('names the loads that an older backup does not have, and only they are brought back', async () => {
    const since = [idOf(2), idOf(3)].map((id) => `'${id}'`).join(', ');
    await database.query(`DELETE FROM $people WHERE _load_id IN (${since})`);
    await database.query(`DELETE FROM $csv_hopper_ledger WHERE load_id IN (${since})`);
    expect(differencesIn(await checkLedger())).toHaveLength(2);
    const { stdout } = await bringBack();
    expect(stdout.endsWith('2 finished\n')).toBe(true);
    await expectAgreement();
  });

  test('an archived file that is dropped again under its own name is loaded, where the database has lost it', async () => {
    await database.query('DROP TABLE $people, $csv_hopper_ledger');
    for (const [i, [name]] of files.entries()) {
      const archived = readdirSync(join(project.archive, 'people')).find((file) =>
        file.includes(shortLoadId(idOf(i))),
      );
      copyFileSync(join(project.archive, 'people', archived!), join(project.input, name));
      expect((await runCommand(project, ['ingest'])).code).toBe(0);
    }
    await expectAgreement();
  });

  test('a table whose rows are gone is named, and comes back after the SQL that is said', async () => {
    await database.query('TRUNCATE TABLE $people');
    const found = await checkLedger();
    expect(differencesIn(found)).toHaveLength(4);
    expect(found.stdout).toContain('the ledger has it with 5 rows, but table people has none');
    await runHintedSql(found);
    await bringBack();
    await expectAgreement();
  });

  test('a ledger that is gone is entered again, and no row is loaded twice', async () => {
    await database.query('DROP TABLE $csv_hopper_ledger');
    const found = await checkLedger();
    expect(differencesIn(found)).toHaveLength(4);
    expect(found.stdout).toContain(
      'all of it, 5 rows, is in table people, but the ledger does not',
    );
    const { stdout } = await bringBack();
    expect(stdout).toContain('4 entered in the ledger again');
    await expectAgreement();
  });

  test('rows too few, with and without a ledger row, are counted, and come back after the SQL that is said', async () => {
    await database.query('DELETE FROM $people WHERE id IN (1, 2, 201)');
    await database.query(`DELETE FROM $csv_hopper_ledger WHERE load_id = '${idOf(2)}'`);
    const found = await checkLedger();
    expect(differencesIn(found)).toHaveLength(2);
    expect(found.stdout).toContain('the ledger has it with 5 rows, but table people has 3.');
    expect(found.stdout).toContain('with 7 rows, but table people has 6 of it and the ledger');
    await runHintedSql(found);
    await bringBack();
    await expectAgreement();
  });

  test('rows of a load that nobody knows are named, and go by the SQL that is said', async () => {
    await database.query("INSERT INTO $people VALUES (1, 'x', REPEAT('f', 32))");
    const found = await checkLedger();
    expect(differencesIn(found)).toEqual([
      `error    load ${'f'.repeat(32)}: table people has 1 row of it, and it is no load that the ledger or the receipts know.`,
    ]);
    await database.query("DELETE FROM $people WHERE _load_id = REPEAT('f', 32)");
    await expectAgreement();
  });

  test('Parquet files that are missing, damaged or of no load are named; those with a source are made again', async () => {
    rmSync(parquetOf(0));
    truncateSync(parquetOf(1), 300);
    const stray = join(project.output, 'people', 'stray.parquet');
    writeFileSync(stray, 'PAR1');
    const found = await checkLedger();
    const lines = differencesIn(found).join('\n');
    expect(found.code).toBe(2);
    expect(differencesIn(found)).toHaveLength(3);
    expect(lines).toMatch(/a\.csv, load \w+: its Parquet file people\/a-\w+\.parquet is missing/);
    expect(lines).toMatch(/a-\w+\.parquet cannot be used: its end is missing\./);
    expect(lines).toContain('people/stray.parquet is of no load');
    rmSync(stray);
    rmSync(parquetOf(1));
    await bringBack();
    await expectAgreement();
  });

  test('lost receipts are a warning: the ledger knows what was loaded', async () => {
    rmSync(join(project.output, 'people', '.receipts.jsonl'));
    const found = await checkLedger();
    expect(found.code).toBe(0);
    expect(differencesIn(found).every((line) => line.startsWith('warning  people: '))).toBe(true);
    expect(differencesIn(found)).toHaveLength(4);
    rmSync(parquetOf(2));
    await bringBack();
    expect(await parquetRows(project, 'people')).toEqual(allRows);
    expect(await database.tableRows('people')).toEqual(allRows);
  });

  test('an archived source that was changed or is gone is not loaded for what it was', async () => {
    await database.query('DROP TABLE $people, $csv_hopper_ledger');
    const archive = join(project.archive, 'people');
    const archivedAs = (index: number): string =>
      readdirSync(archive).find((name) => name.includes(shortLoadId(idOf(index))))!;
    rmSync(join(archive, archivedAs(0)));
    writeFileSync(join(archive, archivedAs(1)), people(100, 7));
    expect((await checkLedger()).stdout).toContain(
      'Its source is not in the archive: get the file',
    );
    const { code, stderr } = await runCommand(project, ['ingest', '--lost']);
    expect(code).toBe(1);
    expect(stderr).toContain('is not in the archive');
    expect(stderr).toContain('is not as it was when it was loaded');
    expect(await database.tableRows('people')).toEqual({ [idOf(2)]: 7, [idOf(3)]: 8 });
    await expectNothingLeft(project);
  });

  test('a load that is under way while the database is away is no difference', async () => {
    project.configure({ database: database.config({ port: 1 }) });
    project.drop('c.csv', people(400, 9));
    const { code } = await runCommand(project, ['ingest']);
    expect(code).toBe(1);
    expect(filesIn(join(project.output, 'people'))).toHaveLength(files.length + 1);
    project.configure({ database: database.config() });
    const found = await checkLedger();
    expect(found.stdout).toBe('4 loads compared, no differences\n');
  });

  test('a database that cannot be asked is an error with the reason', async () => {
    project.configure({ database: database.config({ port: 1 }) });
    const { code, stdout } = await checkLedger();
    expect(code).toBe(2);
    expect(stdout).toContain('ECONNREFUSED');
  });
});

describe('check --ledger without a database', () => {
  beforeEach(() => {
    project = new HopperProject({ datasets: peopleDataset });
  });

  test('compares receipts and Parquet files, and what is missing is made again', async () => {
    await ingestAll();
    expect((await checkLedger()).stdout).toBe('4 loads compared, no differences\n');
    rmSync(parquetOf(2));
    expect(differencesIn(await checkLedger())).toHaveLength(1);
    expect((await runCommand(project, ['ingest', '--lost'])).code).toBe(0);
    expect(await parquetRows(project, 'people')).toEqual(allRows);
    expect((await checkLedger()).code).toBe(0);
  });

  test.each([
    ['check', '--ledger'],
    ['ingest', '--lost'],
  ])('%s %s takes no files', async (command, option) => {
    const { code, stderr } = await runCommand(project, [command, option, 'a.csv']);
    expect(code).toBe(2);
    expect(stderr).toContain(`${command} ${option} takes no files.`);
  });
});
