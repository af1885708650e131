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
    column: string;
    value: string;
    rule: string;
    message: string;
    hint: string;
  }[];
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

test('cells that are written in another way become the values that docs/SCHEMA.md shows', async () => {
  writeFileSync(join(project.root, 'schema/s.yaml'), block('yaml', 1));
  expect((await ingest(block('csv', 1))).code).toBe(0);
  const sql = 'SELECT day, price, paid, discount FROM students ORDER BY day';
  const { stdout } = await runCommand(project, ['query', sql, '--format', 'csv']);
  expect(stdout.replaceAll('\r\n', '\n')).toBe(block('csv', 2));
});

test('a file that keeps all rules is loaded', async () => {
  writeFileSync(join(project.root, 'schema/s.yaml'), block('yaml'));
  const good = block('csv').split('\n').slice(0, 2).join('\n');
  expect(await check(good)).toMatchObject({ code: 0 });
  expect((await ingest(good)).code).toBe(0);
});

test('a rule that is broken late in a large file is found by whichever thread reads it', async () => {
  writeFileSync(join(project.root, 'schema/s.yaml'), 'id: {type: BIGINT, max: 700000}\nn: TEXT\n');
  const rows = Array.from({ length: 700_002 }, (_, i) => `${i},text of row ${i}`);
  const content = `id,n\n${rows.join('\n')}\n`;
  expect((await check(content)).stdout).toMatch(/ 1 problem .*\n {8}line 700003: id is greater/);
  const { report } = await ingest(content);
  expect(report().problems).toMatchObject([{ line: 700_003, value: '700001', rule: 'max' }]);
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
