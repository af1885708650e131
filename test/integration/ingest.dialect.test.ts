import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand } from '../support/command-run.ts';
import { HopperProject } from '../support/hopper-project.ts';

const dataset = `datasets:
  - name: people
    match: '*.csv'
    schema: schema/people.yaml
    dialect: { quote: "'", escape: '\\', comment: '#', delimiter: '||', skip_lines: 2 }
`;
const banner = "Export of people || 'all\r\n----\r\n# id and name\r\nName||ID\r\n";

let project: HopperProject;
beforeEach(() => {
  project = new HopperProject({ datasets: dataset });
});
afterEach(() => project.remove());

test('a file in the dialect of its dataset becomes rows in Parquet', async () => {
  const rows =
    "'O\\'Neill || Sons'||1\r\n# a comment, 'open\r\nback\\slash||2\r\r\n'two\r\nlines'||3";
  project.drop('a.csv', banner + rows);
  expect(await runCommand(project, ['ingest'])).toMatchObject({ code: 0, stderr: '' });
  const sql = 'SELECT id, name FROM people ORDER BY id';
  const asked = await runCommand(project, ['query', sql, '--format', 'json']);
  expect(JSON.parse(asked.stdout)).toEqual([
    { id: 1, name: "O'Neill || Sons" },
    { id: 2, name: 'back\\slash' },
    { id: 3, name: 'two\r\nlines' },
  ]);
});

test('what is wrong in such a file is told with the line that an editor shows', async () => {
  project.drop('a.csv', `${banner}'a\r\nb'||x\r\n'c' d||2\r\n#\r\ne||3||4\r\nf||4\r\n`);
  expect(await runCommand(project, ['ingest'])).toMatchObject({ code: 1 });
  const report = JSON.parse(readFileSync(join(project.failed, 'a.csv.report.json'), 'utf8')) as {
    rowsRead: number;
    problems: { line: number; column: string; rule: string; hint: string }[];
  };
  expect(report.rowsRead).toBe(4);
  expect(report.problems).toMatchObject([
    { line: 6, column: 'id', rule: 'type' },
    { line: 7, column: 'name', rule: 'quote' },
    { line: 9, column: null, rule: 'field_count' },
  ]);
  expect(report.problems[1]?.hint).toContain(
    "put \\ before the quotes inside the value ('12\\' pipe')",
  );
});
