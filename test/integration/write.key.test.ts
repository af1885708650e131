import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FailureReport } from '../../src/pipeline/failure-report.ts';
import { type CommandRun, runCommand } from '../support/command-run.ts';
import { eachWithDatabase } from '../support/database-project.ts';
import { expectNothingLeft, parquetRows } from '../support/exactly-once.ts';
import type { HopperProject } from '../support/hopper-project.ts';
import { describeWithMariadb } from '../support/mariadb.ts';
import { duplicateEntry } from '../support/server-program.ts';
import type { TestDatabase } from '../support/test-database.ts';
import { peopleWith } from '../support/versions.ts';

let project: HopperProject;
let database: TestDatabase;

function ingest(file: string, content: string): Promise<CommandRun> {
  project.drop(file, content);
  return runCommand(project, ['ingest']);
}

async function table(): Promise<string[]> {
  const found = await database.query('SELECT id, name FROM $people ORDER BY id, name');
  return found.map(({ id, name }) => `${String(id)} ${String(name)}`);
}

function textOf(name: string): string {
  return readFileSync(join(project.failed, name), 'utf8');
}

describeWithMariadb('a key with write: append', () => {
  eachWithDatabase((made) => {
    ({ database, project } = made);
  });

  test('makes the table with a unique key, and a file with a key that it has fails, with the lines named', async () => {
    project.configure({ datasets: peopleWith('key: [id]') });
    await ingest('a.csv', 'id;name\n1;Ann\n2;Bob\n');
    const [made] = await database.query('SHOW CREATE TABLE $people');
    expect(made?.['Create Table']).toContain('UNIQUE KEY `id` (`id`)');
    expect(made?.['Create Table']).toMatch(/`id` int(\(11\))? NOT NULL/);

    expect((await ingest('b.csv', 'id;name\n3;Cyd\n2;Bob\n4;Dan\n4;Eve\n')).code).toBe(1);
    const report = JSON.parse(textOf('b.csv.report.json')) as FailureReport;
    expect(report).toMatchObject({ code: 'rows_refused', rowsAccepted: 2, rowsRejected: 2 });
    const message =
      'Table people has a row with the same id already, of another load or of an earlier line.';
    expect(report.problems).toMatchObject([
      { line: 3, column: 'id', rule: 'database', message },
      { line: 5, column: 'id', rule: 'database', message },
    ]);
    expect(await table()).toEqual(['1 Ann', '2 Bob']);

    const nothing = await ingest('c.csv', 'id;name\n;Fay\n');
    expect(nothing.code).toBe(1);
    expect(textOf('c.csv.report.json')).toContain('id has no value and must have one');
  });

  test('diverts such rows, over several columns as the table compares them, and loads the others', async () => {
    project.configure({ datasets: peopleWith('key: [id, name], on_invalid_rows: divert') });
    await ingest('a.csv', 'id;name\n1;Ann\n2;Bob\n');
    expect((await ingest('b.csv', 'id;name\n1;ANN\n1;Cyd\n2;Bob\n3;Bob\n')).code).toBe(0);
    expect(await table()).toEqual(['1 Ann', '1 Cyd', '2 Bob', '3 Bob']);
    expect(Object.values(await parquetRows(project, 'people')).sort()).toEqual([2, 2]);
    const [, ...rejects] = textOf('b.csv.rejects.csv').split('\n');
    const said = (name: string, line: number): string =>
      `${name};${line};"";"${duplicateEntry(name.replace(';', '-'), 'people', 'id')}";"database";"Table people has a row with the same id and name already, of another load or of an earlier line.";"Leave the row out if it was delivered before, or correct its key."`;
    expect(rejects).toEqual([said('1;ANN', 2), said('2;Bob', 4), '']);
    await expectNothingLeft(project);
  });

  test('whose rows were all delivered before fails the file, also where rows are diverted', async () => {
    project.configure({ datasets: peopleWith('key: [id], on_invalid_rows: divert') });
    await ingest('a.csv', 'id;name\n1;Ann\n2;Bob\n');
    expect((await ingest('b.csv', 'id;name\n2;Bob\n1;Ann\n')).code).toBe(1);
    expect(textOf('b.csv.report.json')).toContain(
      'All of its rows break the schema or are refused by the table.',
    );
    // Taken back, the first load lets the second in.
    const { loadId } = JSON.parse(
      readFileSync(join(project.output, 'people/.receipts.jsonl'), 'utf8').split('\n')[0]!,
    ) as { loadId: string };
    await runCommand(project, ['undo', loadId]);
    expect((await ingest('b.csv', 'id;name\n2;Bob\n1;Ann\n')).code).toBe(0);
    expect(await table()).toEqual(['1 Ann', '2 Bob']);
  });

  test('needs a unique key of a table that is there, and check gives the statement that adds it', async () => {
    project.configure({ datasets: peopleWith('key: [id]') });
    await database.query('CREATE TABLE $people (id INT, name VARCHAR(40), _load_id CHAR(32))');
    const { code, stdout } = await runCommand(project, ['check']);
    expect(code).not.toBe(0);
    const words =
      'its key needs a unique key over exactly (id), which it does not have: ALTER TABLE `people` ADD UNIQUE KEY (`id`)';
    expect(stdout).toContain(words);
    project.drop('a.csv', 'id;name\n1;Ann\n');
    await runCommand(project, ['ingest']);
    expect(project.events().some(({ reason }) => reason?.includes(words))).toBe(true);
    await database.query('ALTER TABLE $people ADD UNIQUE KEY (id)');
    expect((await runCommand(project, ['check'])).stdout).not.toContain('ALTER TABLE');
    expect((await runCommand(project, ['ingest'])).code).toBe(0);
    expect(await table()).toEqual(['1 Ann']);
  });
});
