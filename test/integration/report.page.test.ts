import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { FailureReport } from '../../src/pipeline/failure-report.ts';
import { runCommand } from '../support/command-run.ts';
import { filesIn, HopperProject } from '../support/hopper-project.ts';

const datasets = `datasets:
  - { name: sales, match: '*.csv', schema: schema/sales.yaml }
`;
const schema = `id: INTEGER
name: { type: VARCHAR(12), nullable: false }
price: DECIMAL(10,2)
sold: DATE
`;
const more = 'intake: { quiet_ms: 100, sweep_ms: 300 }\nconvert: { workers: 2, problems_max: 6 }';

/** What spreadsheets, programs and people make of a file; each cell that is wrong has an X in it, or is a number or date. */
const content = [
  'id;name;price;sold',
  '1;Ada;9.50;2025-01-31',
  '2;Bob;9,50;31.12.2025',
  '3000000000;Cy;1.234,50;12/31/2025',
  '4;;10;03/04/2025',
  '5;<script>Xlong()</script>;10;45000',
  'id;name;price;sold',
  '7;Ann;10;2025-01-31;Xsurplus',
  '1.5E+12;Eve;#N/A;XnoDate\u202eX',
  ...Array.from({ length: 20 }, (_, i) => `${i + 8};Zoe;Xprice;2025-01-31`),
  '',
].join('\n');

let project: HopperProject;
afterEach(() => project.remove());

async function failFile(settings: string): Promise<{ report: FailureReport; page: string }> {
  project = new HopperProject({ datasets, more: `${more}\n${settings}` });
  writeFileSync(join(project.root, 'schema/sales.yaml'), schema);
  await project.start();
  project.drop('a.csv', content);
  await project.event('failed', 'a.csv');
  const text = readFileSync(join(project.failed, 'a.csv.report.json'), 'utf8');
  const page = readFileSync(join(project.failed, 'a.csv.report.html'), 'utf8');
  return { report: JSON.parse(text) as FailureReport, page };
}

/** Of all that csv-hopper says for itself. */
function expectNoValueInLogs(): void {
  for (const name of ['conversion_log.jsonl', 'conversion_log.txt']) {
    const log = readFileSync(join(project.logs, name), 'utf8');
    expect(log).not.toMatch(/Xlong|Xsurplus|XnoDate|Xprice|9,50|31\.12|45000|3000000000/);
  }
}

test('a failed file has a page that counts each kind of problem, beyond what the report lists', async () => {
  const { report, page } = await failFile('');
  expect(report).toMatchObject({ values: 'shown', problemsShown: 6, problemsMax: 6 });
  const counts = report.groups.map(({ rule, column, count, firstLine }) => [
    rule,
    column,
    count,
    firstLine,
  ]);
  expect(counts).toEqual([
    ['type', 'price', 24, 3],
    ['type', 'sold', 6, 3],
    ['range', 'id', 1, 4],
    ['nullable', 'name', 1, 5],
    ['length', 'name', 1, 6],
    ['type', 'id', 2, 7],
    ['field_count', null, 1, 8],
  ]);
  const total = report.groups.reduce((sum, { count }) => sum + count, 0);
  expect(total).toBe(report.problemsTotal);
  for (const shown of [
    '<bdi><code>31.12.2025</code></bdi>',
    '<bdi><code>2025-12-31</code></bdi>',
    'decimal comma',
    'header repeated among the rows',
    '&lt;script&gt;Xlong()&lt;/script&gt;',
    'csv-hopper retry a.csv',
    'name: VARCHAR(30)   # was { type: VARCHAR(12), nullable: false }',
  ]) {
    expect(page).toContain(shown);
  }
  expect(page).not.toContain('<script');
  expectNoValueInLogs();

  const { stdout } = await runCommand(project, ['status', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ failed: [{ file: 'a.csv' }] });
  writeFileSync(join(project.failed, 'a.csv'), 'id;name;price;sold\n1;Ada;9.50;2025-01-31\n');
  expect((await runCommand(project, ['retry', '--all'])).stdout).toBe(
    'a.csv: back in the input folder\n',
  );
  await project.event('finished', 'a.csv');
  expect(filesIn(project.failed)).toEqual([]);
});

test('where values are redacted neither report nor page nor log has one', async () => {
  const { report, page } = await failFile('report: { values: redacted }');
  expect(report).toMatchObject({ values: 'redacted', problemsTotal: 36 });
  expect(report.problems.every(({ value, repairs }) => value === null && !repairs)).toBe(true);
  for (const text of [JSON.stringify(report), page]) {
    expect(text).not.toMatch(/Xlong|Xsurplus|XnoDate|Xprice|9,50|31\.12|45000|3000000000|#N\/A/);
  }
  expect(page).toContain('It looks like a date as day.month.year.');
  expectNoValueInLogs();
});

test('a first line of data is told of, and quoted only where values are shown', async () => {
  for (const settings of ['', 'report: { values: redacted }']) {
    project = new HopperProject({ datasets, more: `${more}\n${settings}` });
    writeFileSync(join(project.root, 'schema/sales.yaml'), schema);
    await project.start();
    project.drop('b.csv', '1;Xada;9.50;2025-01-31\n');
    await project.event('failed', 'b.csv');
    const page = readFileSync(join(project.failed, 'b.csv.report.html'), 'utf8');
    const text = readFileSync(join(project.failed, 'b.csv.report.json'), 'utf8');
    expect(page).toContain('such as id;name;price;sold if they are in the order of the schema');
    for (const written of [page, text]) {
      expect(written.includes('xada')).toBe(settings === '');
    }
    const log = readFileSync(join(project.logs, 'conversion_log.jsonl'), 'utf8');
    expect(log.toLowerCase()).not.toContain('xada');
    await project.remove();
  }
});
