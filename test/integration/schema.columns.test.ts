import { beforeEach, afterEach, expect, test } from 'vitest';
import { runCommand } from '../support/command-run.ts';
import { HopperProject } from '../support/hopper-project.ts';

let project: HopperProject;
beforeEach(() => {
  project = new HopperProject({
    datasets: `datasets:
  - name: people
    match: '*.csv'
    schema: schema/people.yaml
    missing_columns: as_null
    extra_columns: ignore
`,
  });
});
afterEach(() => project.remove());

test('files with fewer and with more columns are loaded side by side, and one with none of them fails', async () => {
  project.drop('usual.csv', 'id;name\n1;Ada\n');
  project.drop('fewer.csv', 'id\n2\n');
  project.drop('more.csv', 'born,name,id\n1912,Alan,3\n');
  project.drop('other.csv', 'order,amount\n7,1.50\n');
  const { code, stdout } = await runCommand(project, ['ingest']);
  expect({ code, last: stdout.trimEnd().split('\n').at(-1) }).toEqual({
    code: 1,
    last: '3 finished, 1 failed',
  });
  const rows = await runCommand(project, [
    ...['query', '--format', 'csv', 'SELECT id, name FROM people ORDER BY id'],
  ]);
  expect(rows.stdout.split('\r\n')).toEqual(['id,name', '1,Ada', '2,', '3,Alan', '']);
  expect(project.stepsOf('other.csv').at(-1)).toBe('failed');
});
