import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand } from '../support/command-run.ts';
import { repository } from '../support/hopper-process.ts';
import { HopperProject } from '../support/hopper-project.ts';

let project: HopperProject;
beforeEach(() => {
  project = new HopperProject({
    datasets:
      "datasets:\n  - { name: students, match: 's*.csv', schema: schema/s.yaml, clean: { trim: true } }\n",
  });
});
afterEach(async () => {
  await project.remove();
});

const doc = readFileSync(join(repository, 'docs/SCHEMA.md'), 'utf8');

/** A block of code of a language, the first by default. */
function block(language: string, index = 0): string {
  const found = [...doc.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))][index];
  if (found === undefined) throw new Error(`docs/SCHEMA.md has no such block of ${language}.`);
  return found[1]!;
}

interface Report {
  problems: {
    line: number;
    column: string | null;
    value: string | null;
    rule: string;
    check?: string;
    message: string;
    hint: string;
    cells?: { column: string; value: string }[];
  }[];
  groups: { rule: string; column: string | null; check?: string; count: number }[];
}

async function ingest(content: string): Promise<{ code: unknown; report: () => Report }> {
  writeFileSync(join(project.input, 'students.csv'), content);
  const { code } = await runCommand(project, ['ingest']);
  const path = join(project.failed, 'students.csv.report.json');
  return { code, report: () => JSON.parse(readFileSync(path, 'utf8')) as Report };
}

async function check(content: string) {
  writeFileSync(join(project.root, 'students.csv'), content);
  return runCommand(project, ['check', 'students.csv']);
}

test('the example of docs/SCHEMA.md gets the verdict that stands there, from check and from ingest', async () => {
  writeFileSync(join(project.root, 'schema/s.yaml'), block('yaml'));
  const checked = await check(block('csv'));
  expect(checked).toMatchObject({ code: 1, stdout: block('text') });

  const { code, report } = await ingest(block('csv'));
  expect(code).toBe(1);
  const { problems } = report();
  const lines = problems.map(
    ({ line, message, hint }) => `        line ${line}: ${message} ${hint}`,
  );
  expect(`${lines.join('\n')}\n`).toBe(block('text').split('\n').slice(1).join('\n'));
  expect(problems.map(({ column, value, rule }) => [column, value, rule])).toEqual([
    ['school', 'XX', 'enum'],
    ['age', '23', 'max'],
    ['code', 'ab-125', 'pattern'],
    ['born', '1989-12-31', 'min'],
    ['nickname', 'B', 'min_length'],
    ['school', '', 'nullable'],
  ]);
});

test('the example of checks gets its verdict too, and the report says what the rows have', async () => {
  writeFileSync(join(project.root, 'schema/s.yaml'), block('yaml', 1));
  expect(await check(block('csv', 1))).toMatchObject({ code: 1, stdout: block('text', 1) });

  const { code, report } = await ingest(block('csv', 1));
  expect(code).toBe(1);
  const { problems, groups } = report();
  expect(problems).toMatchObject([
    {
      ...{ line: 3, column: null, value: null, rule: 'check', check: 'end_date >= start_date' },
      cells: [
        { column: 'end_date', value: '2024-01-30' },
        { column: 'start_date', value: '2024-01-31' },
      ],
    },
    {
      ...{ line: 4, rule: 'check', check: 'settled_is_paid', hint: 'Ask accounting.' },
      cells: [
        { column: 'state', value: 'settled' },
        { column: 'paid', value: '9.99' },
        { column: 'price', value: '10.00' },
      ],
    },
  ]);
  expect(groups).toMatchObject([
    { rule: 'check', column: null, check: 'end_date >= start_date', count: 1 },
    { rule: 'check', column: null, check: 'settled_is_paid', count: 1 },
  ]);
  const page = readFileSync(join(project.failed, 'students.csv.report.html'), 'utf8');
  expect(page).toContain('end_date: 2024-01-30, start_date: 2024-01-31');
  expect(readFileSync(join(project.root, 'logs/conversion_log.jsonl'), 'utf8')).not.toContain(
    '2024-01-30',
  );
});

test('the example of unique keys gets its verdict too', async () => {
  writeFileSync(join(project.root, 'schema/s.yaml'), block('yaml', 2));
  expect(await check(block('csv', 2))).toMatchObject({ code: 1, stdout: block('text', 2) });
  const { code, report } = await ingest(block('csv', 2));
  expect(code).toBe(1);
  expect(report().problems).toMatchObject([
    { line: 4, column: 'id', value: '+1', rule: 'unique' },
    {
      ...{ line: 5, column: null, value: null, rule: 'unique', check: 'school, number' },
      cells: [
        { column: 'school', value: 'GP' },
        { column: 'number', value: '2' },
      ],
    },
  ]);
});

test('a redacted report names the check and the columns, but no value', async () => {
  writeFileSync(join(project.root, 'schema/s.yaml'), block('yaml', 1));
  project.configure({ more: 'report: { values: redacted }' });
  const { report } = await ingest(block('csv', 1));
  expect(JSON.stringify(report())).not.toMatch(/2024-01|9\.99/);
  expect(report().problems.map((problem) => problem.check)).toEqual([
    'end_date >= start_date',
    'settled_is_paid',
  ]);
});

test('cells that are written in another way become the values that docs/SCHEMA.md shows', async () => {
  writeFileSync(join(project.root, 'schema/s.yaml'), block('yaml', 3));
  expect((await ingest(block('csv', 3))).code).toBe(0);
  const sql = 'SELECT day, price, paid, discount FROM students ORDER BY day';
  const { stdout } = await runCommand(project, ['query', sql, '--format', 'csv']);
  expect(stdout.replaceAll('\r\n', '\n')).toBe(block('csv', 4));
});

test('a file that keeps all rules is loaded', async () => {
  writeFileSync(join(project.root, 'schema/s.yaml'), block('yaml'));
  const good = block('csv').split('\n').slice(0, 2).join('\n');
  expect(await check(good)).toMatchObject({ code: 0 });
  expect((await ingest(good)).code).toBe(0);
});

test('a rule that is broken late in a large file is found by whichever thread reads it', async () => {
  const schema = 'id: {type: BIGINT, max: 700000}\nn: TEXT\n$checks: [id <> 699999]\n';
  writeFileSync(join(project.root, 'schema/s.yaml'), schema);
  const rows = Array.from({ length: 700_002 }, (_, i) => `${i},text of row ${i}`);
  const content = `id,n\n${rows.join('\n')}\n`;
  expect((await check(content)).stdout).toMatch(
    / 2 problems .*\n {8}line 700001: The row breaks the check id <> 699999.*\n {8}line 700003: id is greater/,
  );
  const { report } = await ingest(content);
  expect(report().problems).toMatchObject([
    { line: 700_001, column: 'id', value: null, rule: 'check' },
    { line: 700_003, value: '700001', rule: 'max' },
  ]);
});

test('a bad rule stops the start, named by file, line and key', async () => {
  writeFileSync(
    join(project.root, 'schema/s.yaml'),
    'id: BIGINT\nn:\n  type: TEXT\n  pattern: (\n',
  );
  const { code, stdout, stderr } = await runCommand(project, ['ingest']);
  expect(code).toBe(2);
  expect(stdout + stderr).toContain('schema/s.yaml:4: n: pattern has a "(" without its ")"');
});
