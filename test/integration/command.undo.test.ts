import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { shortLoadId } from '../../src/core/load.ts';
import type { Receipt } from '../../src/pipeline/receipt-book.ts';
import { runCommand, snapshot } from '../support/command-run.ts';
import { eachWithDatabase } from '../support/database-project.ts';
import { loadIdFor, parquetRows, receiptsIn, type RowsByLoad } from '../support/exactly-once.ts';
import { HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { describeWithMariadb, type Mariadb } from '../support/mariadb.ts';
import { asPlainUser } from '../support/plain-user.ts';
import type { TestDatabase } from '../support/test-database.ts';

const files: [name: string, content: string][] = [
  ['a.csv', people(0, 5)],
  ['b.csv', people(100, 6)],
];
const [kept, undone] = files.map(([name, content]) => loadIdFor('people', name, content)) as [
  string,
  string,
];
const bothLoads: RowsByLoad = { [kept]: 5, [undone]: 6 };
const keptLoad: RowsByLoad = { [kept]: 5 };

let project: HopperProject;
afterEach(() => project.remove());

async function ingestBoth(): Promise<void> {
  for (const [name, content] of files) project.drop(name, content);
  expect((await runCommand(project, ['ingest'])).code).toBe(0);
}

function undo(id = undone, under: string[] = []) {
  return runCommand(project, ['undo', id], { under });
}

function archived(loadId: string, name: string): string {
  return join(project.archive, 'people', `${name}-${shortLoadId(loadId)}.csv`);
}

function journal(): string {
  return join(project.output, 'people', '.receipts.jsonl');
}

async function checkLedger(): Promise<string> {
  return (await runCommand(project, ['check', '--ledger'])).stdout;
}

async function standing(): Promise<string[]> {
  return (await receiptsIn(project, 'people')).map(({ loadId }) => loadId).sort();
}

describeWithMariadb('undo', () => {
  let server: Mariadb;
  let database: TestDatabase;
  eachWithDatabase(async (made) => {
    ({ server, database, project } = made);
    await ingestBoth();
  });

  async function expectLoads(loads: RowsByLoad): Promise<void> {
    expect(await database.tableRows('people')).toEqual(loads);
    expect(await database.ledgerRows('people')).toEqual(loads);
    expect(await parquetRows(project, 'people')).toEqual(loads);
    expect(await standing()).toEqual(Object.keys(loads).sort());
    expect(await checkLedger()).toMatch(/^\d loads? compared, no differences\n$/);
  }

  test('takes exactly one load out of the table, the ledger, the receipts and the Parquet files', async () => {
    const { code, stdout, stderr } = await undo(shortLoadId(undone));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const source = archived(undone, 'b');
    expect(stdout).toBe(
      `b.csv, load ${undone}: 6 rows taken out of table people and the Parquet files\n` +
        `Its source stays in ${source}; copied into the input folder as b.csv it is loaded again.\n`,
    );
    await expectLoads(keptLoad);
    expect(readFileSync(source, 'utf8')).toBe(files[1]![1]);
    expect(project.events().at(-1)).toMatchObject({
      event: 'undone',
      loadId: undone,
      dataset: 'people',
      file: 'b.csv',
      rowsAccepted: 6,
      table: 'people',
    });
    const { stdout: status } = await runCommand(project, ['status']);
    expect(status).toContain('last loads: 1');
  });

  test('what was taken back is loaded when it is dropped again, and can be taken back again', async () => {
    await undo();
    copyFileSync(archived(undone, 'b'), join(project.input, 'b.csv'));
    expect((await runCommand(project, ['ingest'])).stdout).toContain('1 finished');
    await expectLoads(bothLoads);
    expect((await undo()).code).toBe(0);
    await expectLoads(keptLoad);
    // ingest --lost does not bring it back: it is not lost.
    await runCommand(project, ['ingest', '--lost']);
    await expectLoads(keptLoad);
  });

  test('is refused while a csv-hopper is at work on the folder, and changes nothing', async () => {
    await project.start();
    const { code, stderr } = await undo();
    expect(code).toBe(2);
    expect(stderr).toContain('Another csv-hopper');
    await expectLoads(bothLoads);
  });

  test('is refused where the table has another number of its rows, and changes nothing', async () => {
    await database.query('DELETE FROM $people WHERE id = 101');
    const { code, stderr } = await undo();
    expect(code).toBe(1);
    expect(stderr).toContain('Table people has 5 rows of b.csv instead of 6; nothing was deleted.');
    expect(await database.tableRows('people')).toEqual({ [kept]: 5, [undone]: 5 });
    expect(await database.ledgerRows('people')).toEqual(bothLoads);
    expect(await parquetRows(project, 'people')).toEqual(bothLoads);
    expect(await standing()).toEqual([kept, undone].sort());
  });

  test('is refused for a table whose rows do not name their load', async () => {
    await database.query('ALTER TABLE $people DROP COLUMN _load_id');
    const { code, stderr } = await undo();
    expect(code).toBe(1);
    expect(stderr).toContain('Table people has no column _load_id');
    expect(await database.ledgerRows('people')).toEqual(bothLoads);
    expect(await parquetRows(project, 'people')).toEqual(bothLoads);
  });

  test('says which right is missing, and changes nothing', async () => {
    await server.query(`CREATE USER loader_${database.name}@'%' IDENTIFIED BY 'secret'`);
    await server.query(
      `GRANT SELECT, INSERT, CREATE ON ${database.name}.* TO loader_${database.name}@'%'`,
    );
    const config = database.config({ user: `loader_${database.name}`, password: 'secret' });
    project.configure({ database: config });
    const { code, stderr } = await undo();
    expect(code).toBe(1);
    expect(stderr).toContain('DELETE command denied');
    project.configure({ database: database.config() });
    await expectLoads(bothLoads);
  });

  test('a database that is away changes nothing', async () => {
    project.configure({ database: database.config({ port: 1 }) });
    const { code, stderr } = await undo();
    expect(code).not.toBe(0);
    expect(stderr).toContain('ECONNREFUSED');
    project.configure({ database: database.config() });
    await expectLoads(bothLoads);
  });

  test.each([
    ['the journal of receipts', (): string => journal(), 0o444],
    ['the Parquet folder', (): string => join(project.output, 'people'), 0o555],
  ])('where %s cannot be written, the next call does the rest', async (_what, path, mode) => {
    chmodSync(path(), mode);
    expect((await undo(undone, asPlainUser)).code).not.toBe(0);
    expect(await database.tableRows('people')).toEqual(keptLoad);
    chmodSync(path(), 0o755);
    expect((await undo()).code).toBe(0);
    await expectLoads(keptLoad);
  });

  test('an id that is unknown, no id, or the beginning of two is wrong usage', async () => {
    const [receipt] = await receiptsIn(project, 'people');
    const twin: Receipt = { ...receipt!, loadId: `${shortLoadId(undone)}${'0'.repeat(24)}` };
    appendFileSync(journal(), `${JSON.stringify(twin)}\n`);
    const before = snapshot(project.output);
    for (const [id, reason] of [
      ['0'.repeat(32), `No load ${'0'.repeat(32)} is known.`],
      ['abc', 'abc is no load id'],
      ['b.csv', 'b.csv is no load id'],
      [shortLoadId(undone), `2 loads begin with ${shortLoadId(undone)}`],
    ] as const) {
      const { code, stderr } = await undo(id);
      expect({ id, code }).toEqual({ id, code: 2 });
      expect(stderr).toContain(reason);
    }
    expect(snapshot(project.output)).toEqual(before);
  });

  test('a load that is still under way is not taken back', async () => {
    project.drop('c.csv', people(200, 7));
    const { code } = await runCommand(project, ['ingest'], { crash: { event: 'loaded' } });
    expect(code).toBe('SIGKILL');
    const third = loadIdFor('people', 'c.csv', people(200, 7));
    const { code: refused, stderr } = await undo(third);
    expect(refused).toBe(1);
    expect(stderr).toContain('is still under way');
    await runCommand(project, ['ingest']);
    expect((await undo(third)).code).toBe(0);
    await expectLoads(bothLoads);
  });
});

describe('undo without a database', () => {
  beforeEach(async () => {
    project = new HopperProject({ datasets: peopleDataset });
    await ingestBoth();
  });

  test('takes the load out of the receipts and the Parquet files', async () => {
    const { code, stdout } = await undo();
    expect(code).toBe(0);
    expect(stdout).toContain('6 rows taken out of the Parquet files');
    expect(await parquetRows(project, 'people')).toEqual(keptLoad);
    expect(await standing()).toEqual([kept]);
    copyFileSync(archived(undone, 'b'), join(project.input, 'b.csv'));
    expect((await runCommand(project, ['ingest'])).stdout).toContain('1 finished');
    expect(await parquetRows(project, 'people')).toEqual(bothLoads);
  });

  test('names the loads of repaired rows that stay', async () => {
    const schema = 'schema: schema/people.yaml, on_invalid_rows: divert';
    project.configure({ datasets: `datasets:\n  - { name: people, match: '*.csv', ${schema} }\n` });
    project.drop('c.csv', 'id;name\n1;Ann\nx;Bob\ny;Cyd\n');
    await runCommand(project, ['ingest']);
    const rejects = join(project.failed, 'c.csv.rejects.csv');
    for (const [broken, repaired] of [
      ['x;', '2;'],
      ['y;', '3;'],
    ] as const) {
      const content = readFileSync(rejects, 'utf8').replace(`\n${broken}`, `\n${repaired}`);
      writeFileSync(rejects, content);
      await runCommand(project, ['retry', 'c.csv.rejects.csv']);
      await runCommand(project, ['ingest']);
    }
    const ofFile = (await receiptsIn(project, 'people')).filter(({ file }) => file.startsWith('c'));
    const [load, first, second] = ofFile.map(({ loadId }) => loadId);
    const named = async (id: string | undefined): Promise<string[]> => {
      const { stdout } = await undo(id);
      return [...stdout.matchAll(/^Rows of it that were repaired stay: (.*?)\. /gm)].map(
        ([, name]) => name!,
      );
    };
    // The second came of the reject file of the first.
    expect(await named(first)).toEqual([`c.csv.rejects.csv, load ${second!}`]);
    expect(await named(load)).toEqual([`c.csv.rejects.csv, load ${second!}`]);
    expect(await named(second)).toEqual([]);
  });

  test('without an archive it says that the source is gone', async () => {
    project.configure({ folders: 'folders: { archive: null }' });
    const { code, stdout } = await undo();
    expect(code).toBe(0);
    expect(stdout).toContain('Its source is not in the archive.');
    expect(existsSync(archived(undone, 'b'))).toBe(true);
  });
});
