import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { runCommand } from '../support/command-run.ts';
import { eachWithDatabase } from '../support/database-project.ts';
import { repository } from '../support/hopper-process.ts';
import { HopperProject } from '../support/hopper-project.ts';
import { describeWithMariadb } from '../support/mariadb.ts';
import type { TestDatabase } from '../support/test-database.ts';

const datasets = `datasets:
  - name: people
    match: '*.csv'
    schema: schema/people.yaml
    extra_columns: json
    extra_json_column: beside
    on_invalid_rows: divert
    profile: true
`;
const towns = 'id;name;Town;note\n1;Ann;"Bonn ""am"" Rhein\\";\n2;Bo;;\nx;Cy;Ulm;\n';

let project: HopperProject;

async function run(...words: string[]) {
  return runCommand(project, words);
}

/** The rows that SQL over the Parquet files gives. */
async function query(sql: string): Promise<string[]> {
  const { stdout } = await run('query', '--format', 'csv', sql);
  return stdout.trimEnd().split('\r\n').slice(1);
}

test('every command that reads a file knows the column that has what is beside the others', async () => {
  project = new HopperProject({ datasets });
  try {
    project.drop('towns.csv', towns);
    project.drop('usual.csv', 'id;name\n5;Eve\n');
    const before = await run('check', join(project.input, 'towns.csv'));
    expect(before.stdout).toContain('line 4: id is not an INTEGER.');
    expect((await run('ingest')).code).toBe(0);
    expect(await query("SELECT id, beside->>'$.town' FROM people ORDER BY id")).toEqual([
      ...['1,"Bonn ""am"" Rhein\\"', '2,', '5,'],
    ]);
    writeFileSync(join(project.root, 'usual.csv'), 'id;name\n5;Eve\n');
    const profile = await run('profile', 'usual.csv');
    expect(profile.stdout).toContain('1 row, 3 columns');
    expect(profile.stdout).toMatch(/beside {2}JSON\n {2}values {5}0 different, 1 missing/);
    const stricter = join(project.root, 'schema/stricter.yaml');
    writeFileSync(stricter, 'id: { type: INTEGER, min: 5 }\nname: VARCHAR(40)\n');
    const rehearsed = await run('rehearse', 'schema/stricter.yaml');
    expect(rehearsed.stdout).toContain('min in id: 2 problems in 1 file');
    writeFileSync(stricter, 'id: INTEGER\nname: VARCHAR(40)\nbeside: JSON\n');
    const clashing = await run('rehearse', 'schema/stricter.yaml');
    expect(clashing.code).toBe(2);
    expect(clashing.stderr).toContain('names beside, which is a column of the schema');
  } finally {
    await project.remove();
  }
});

test('the example of docs/SCHEMA.md is kept as it says', async () => {
  const doc = readFileSync(join(repository, 'docs/SCHEMA.md'), 'utf8');
  const section = doc.slice(doc.indexOf('## Columns that the schema does not know'));
  const [yaml = '', sent = '', found = ''] = [
    ...section.matchAll(/```(?:yml|csv)\n([^]*?)```/g),
  ].map(([, text]) => text!);
  project = new HopperProject({ datasets: yaml });
  try {
    project.drop('people.csv', sent);
    expect((await run('ingest')).code).toBe(0);
    const { stdout } = await run(
      ...['query', '--format', 'csv', 'SELECT * FROM people ORDER BY id'],
    );
    expect(stdout.replaceAll('\r', '')).toBe(found);
  } finally {
    await project.remove();
  }
});

describeWithMariadb('in the table', () => {
  let database: TestDatabase;
  eachWithDatabase((made) => {
    ({ project, database } = made);
    project.configure({ datasets });
  });
  afterEach(() => project.stopAll());

  test('it is a column of JSON, which a table made by hand needs too', async () => {
    project.drop('towns.csv', towns);
    expect((await run('ingest')).code).toBe(0);
    const rows = await database.query('SELECT beside FROM $people ORDER BY id');
    expect(rows).toEqual([{ beside: { town: 'Bonn "am" Rhein\\' } }, { beside: null }]);
    expect(
      await database.query('SELECT JSON_VALID(beside) AS ok FROM $people WHERE id = 1'),
    ).toEqual([{ ok: 1 }]);
    await database.query('ALTER TABLE $people DROP COLUMN beside');
    const checked = await run('check');
    expect(checked.code).toBe(2);
    expect(`${checked.stdout}${checked.stderr}`).toContain('column beside (json) is missing');
  });
});
