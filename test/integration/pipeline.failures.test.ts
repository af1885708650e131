import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { shortLoadId } from '../../src/core/load.ts';
import type { FailureReport } from '../../src/pipeline/failure-report.ts';
import { expectExactlyOnce, expectNothingLeft, loadIdFor } from '../support/exactly-once.ts';
import { filesIn, HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { describeWithMariadb, type Mariadb, startMariadb } from '../support/mariadb.ts';
import { duplicateEntry } from '../support/server-program.ts';
import { TestDatabase } from '../support/test-database.ts';

let project: HopperProject;
afterEach(() => project.remove());

function reportOn(name: string): FailureReport {
  const text = readFileSync(join(project.failed, `${name}.report.json`), 'utf8');
  return JSON.parse(text) as FailureReport;
}

describe('a file whose content is at fault', () => {
  const header = 'id;name\n';
  const cases: [what: string, content: string | Buffer, rule: string, line: number][] = [
    ['lacks a column', 'id;names\n1;Ann\n', 'header_missing_column', 1],
    ['has a column too many', 'id;name;age\n1;Ann;30\n', 'header_extra_column', 1],
    ['has a wrong value', `${header}1;Ann\n2;Bob\nthree;Cid\n`, 'type', 4],
    ['has a value that is too long', `${header}1;${'n'.repeat(41)}\n`, 'length', 2],
    ['has a field too many', `${header}1;Ann\n2;Bob;x\n`, 'field_count', 3],
    [
      'is not UTF-8',
      Buffer.concat([Buffer.from(`${header}1;Ann\n2;`), Buffer.from([0xff, 0xfe, 10])]),
      'encoding',
      3,
    ],
    ['is empty', '', 'empty_file', 0],
  ];

  test('is in the failed folder byte for byte, with a report that names rule and line', async () => {
    project = new HopperProject({ datasets: peopleDataset });
    await project.start();
    for (const [n, [, content]] of cases.entries()) project.drop(`case-${n}.csv`, content);
    await project.ends(cases.length);
    for (const [n, [what, content, rule, line]] of cases.entries()) {
      const name = `case-${n}.csv`;
      const bytes = readFileSync(join(project.failed, name));
      expect(bytes.equals(Buffer.from(content)), what).toBe(true);
      const report = reportOn(name);
      expect(report.problems[0], what).toMatchObject({ rule, line });
      expect(report, what).toMatchObject({
        verdict: 'failed',
        code: 'content_invalid',
        file: name,
        loadId: loadIdFor('people', name, content),
        problemsTotal: report.problems.length,
      });
    }
    expect(filesIn(join(project.output, 'people'))).toEqual([]);
    await expectNothingLeft(project);
  });

  test('may have a name as long as the file system allows', async () => {
    project = new HopperProject({ datasets: peopleDataset });
    await project.start();
    const name = `${'n'.repeat(251)}.csv`;
    writeFileSync(join(project.input, name), 'id;names\n1;Ann\n');
    await project.event('failed', name);
    expect(filesIn(project.failed)).toContain(name);
    await expectNothingLeft(project);
  });

  test('has all its problems counted and as many listed as are configured', async () => {
    project = new HopperProject({
      datasets: peopleDataset,
      more: 'intake: { quiet_ms: 100 }\nconvert: { problems_max: 5 }',
    });
    await project.start();
    const rows = Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? `${n};Ann\n` : `x;Bob\n`));
    project.drop('many.csv', header + rows.join(''));
    await project.event('failed', 'many.csv');
    const report = reportOn('many.csv');
    expect(report).toMatchObject({ problemsTotal: 20, problemsShown: 5, problemsMax: 5 });
    expect(report).toMatchObject({ rowsRead: 40, rowsRejected: 20 });
    expect(report.problems.map(({ line }) => line)).toEqual([3, 5, 7, 9, 11]);
    expect(report.problems[0]).toMatchObject({ column: 'id', value: 'x' });
  });

  test('is loaded when it is repaired and dropped again under its name', async () => {
    project = new HopperProject({ datasets: peopleDataset });
    await project.start();
    project.drop('a.csv', 'id;name\nnone;Ann\n');
    await project.event('failed', 'a.csv');
    project.drop('a.csv', 'id;name\n1;Ann\n');
    await project.event('finished', 'a.csv');
    await expectExactlyOnce(project, 'people', new Map([['a.csv', 'id;name\n1;Ann\n']]));
  });

  test('is kept beside another that failed under the same name, and replaces one that is equal', async () => {
    project = new HopperProject({ datasets: peopleDataset });
    await project.start();
    const contents = ['id;name\nnone;Ann\n', 'id;name\nnone;Bob\n', 'id;name\nnone;Ann\n'];
    for (const [n, content] of contents.entries()) {
      project.drop('a.csv', content);
      await project.event('failed', 'a.csv', n + 1);
    }
    const second = `a-${shortLoadId(loadIdFor('people', 'a.csv', contents[1] ?? ''))}.csv`;
    const names = ['a.csv', second].flatMap((name) => [
      name,
      `${name}.report.html`,
      `${name}.report.json`,
    ]);
    expect(filesIn(project.failed)).toEqual(names.sort());
    expect(readFileSync(join(project.failed, 'a.csv'), 'utf8')).toBe(contents[0]);
    expect(readFileSync(join(project.failed, second), 'utf8')).toBe(contents[1]);
  });
});

describeWithMariadb('a file whose rows the table refuses', () => {
  let server: Mariadb;
  let database: TestDatabase;
  beforeAll(async () => {
    server = await startMariadb();
    database = await TestDatabase.create(server);
  });
  afterAll(() => server.stop());

  test('is failed with its Parquet file withdrawn, the rest of its group is loaded, and it loads when repaired', async () => {
    project = new HopperProject({ datasets: peopleDataset, database: database.config() });
    await database.query(
      'CREATE TABLE $people (id INT, name VARCHAR(40), _load_id CHAR(32), UNIQUE KEY one_id (id))',
    );
    const files = new Map<string, string>();
    for (let n = 0; n < 12; n++) files.set(`file-${n}.csv`, people(n * 5, 5));
    const refused = 'id;name\n100;Ann\n100;Bob\n';
    for (const [n, [name, content]] of [...files].entries()) {
      if (n === 6) project.drop('twice.csv', refused);
      project.drop(name, content);
    }
    await project.start();
    await project.ends(13);
    expect(project.stepsOf('twice.csv').at(-1)).toBe('failed');
    expect(readFileSync(join(project.failed, 'twice.csv'), 'utf8')).toBe(refused);
    const report = reportOn('twice.csv');
    expect(report).toMatchObject({ code: 'rows_refused', problemsTotal: 1 });
    expect(report.problems[0]).toMatchObject({
      rule: 'database',
      value: duplicateEntry('100', 'people', 'one_id'),
    });
    expect(report.problems[0]?.message).not.toContain('100');
    await expectExactlyOnce(project, 'people', files, database);

    files.set('twice.csv', 'id;name\n100;Ann\n101;Bob\n');
    project.drop('twice.csv', 'id;name\n100;Ann\n101;Bob\n');
    await project.event('finished', 'twice.csv');
    await expectExactlyOnce(project, 'people', files, database);
  });
});
