import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { shortLoadId } from '../../../src/core/load.ts';
import { loadIdOf } from '../../../src/core/load-id.ts';
import type { Problem } from '../../../src/core/problem.ts';
import { listProblems } from '../../../src/core/problem-list.ts';
import { type FailureReport, failureReport } from '../../../src/pipeline/failure-report.ts';
import { putRejects, putWithReport } from '../../../src/pipeline/put-with-report.ts';
import { PAGE_START, pagePath, reportPath } from '../../../src/pipeline/report-files.ts';

let folder: string;
let failed: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'csv-hopper-failed-'));
  failed = join(folder, 'failed');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const problem: Problem = {
  line: 7,
  column: 'age',
  value: 'Xsecretx',
  rule: 'type',
  message: 'age is not an INTEGER.',
  hint: 'Correct it.',
};

interface Options {
  file?: string;
  problems?: Problem[];
  total?: number;
}

/** The report on a file of this content. */
function reportOf(content: string, options: Options = {}): FailureReport {
  const { file = 'a.csv', problems = [problem], total = 1 } = options;
  const sha256 = createHash('sha256').update(content).digest('hex');
  return failureReport(
    {
      verdict: 'failed',
      code: 'content_invalid',
      loadId: loadIdOf('people', file, sha256),
      dataset: 'people',
      file,
      sha256,
      bytes: Buffer.byteLength(content),
      ...{ rowsRead: 9, rowsAccepted: 0, rowsRejected: 9 },
      ...{ rowsDroppedNull: 0, rowsDroppedDuplicate: 0 },
      delimiter: 'semicolon',
      problemsMax: 1000,
      ...listProblems(problems),
      problemsTotal: total,
      schema: { columns: [], write: { mode: 'append' } },
      values: 'shown',
    },
    new Date('2026-01-02T03:04:05Z'),
  );
}

/** Fails a file of this content; its name in the failed folder. */
async function put(content: string, file = 'a.csv'): Promise<string> {
  const source = join(folder, 'source.csv');
  writeFileSync(source, content);
  return basename(await putWithReport(source, failed, reportOf(content, { file })));
}

function marked(content: string): string {
  return `a-${shortLoadId(reportOf(content).loadId ?? '')}`;
}

function contentOf(name: string): string {
  return readFileSync(join(failed, name), 'utf8');
}

function reportBeside(name: string): unknown {
  return JSON.parse(readFileSync(reportPath(join(failed, name)), 'utf8'));
}

test('a report counts what it shows and what there is', () => {
  expect(reportOf('abc', { total: 5 })).toMatchObject({
    verdict: 'failed',
    time: '2026-01-02T03:04:05.000Z',
    problemsShown: 1,
    problemsTotal: 5,
    reason: 'line 7: age is not an INTEGER. (and 4 more)',
  });
});

test('file and report lie side by side, in a folder that is made', async () => {
  expect(await put('one')).toBe('a.csv');
  expect(contentOf('a.csv')).toBe('one');
  expect(reportPath(join(failed, 'a.csv'))).toBe(join(failed, 'a.csv.report.json'));
  expect(reportBeside('a.csv')).toEqual(reportOf('one'));
});

test('another content of the same name gets its load id into the name, and the same content replaces itself', async () => {
  await put('one');
  const second = await put('two');
  await put('two');
  expect(await put('one')).toBe('a.csv');
  expect(second).toBe(`${marked('two')}.csv`);
  expect(readdirSync(failed).sort()).toEqual(
    ['a.csv', second]
      .flatMap((name) => [name, `${name}.report.html`, `${name}.report.json`])
      .sort(),
  );
  expect(contentOf('a.csv')).toBe('one');
});

test('a file that failed under the name of a report is not overwritten by the report on another', async () => {
  expect(await put('mine', 'a.csv.report.json')).toBe('a.csv.report.json');
  expect(await put('one')).toBe(`${marked('one')}.csv`);
  expect(contentOf('a.csv.report.json')).toBe('mine');
});

test('a file that failed under the name of a page is not overwritten by the page on another', async () => {
  expect(await put('mine', 'a.csv.report.html')).toBe('a.csv.report.html');
  expect(await put('one')).toBe(`${marked('one')}.csv`);
  expect(contentOf('a.csv.report.html')).toBe('mine');
  expect(existsSync(join(failed, 'a.csv.report.json'))).toBe(false);
});

test('a page that was itself dropped and failed is not overwritten, and a page that was left is', async () => {
  await put('one');
  const page = contentOf('a.csv.report.html');
  rmSync(failed, { recursive: true });
  expect(await put(page, 'a.csv.report.html')).toBe('a.csv.report.html');
  expect(await put('one')).toBe(`${marked('one')}.csv`);
  expect(contentOf('a.csv.report.html')).toBe(page);

  rmSync(failed, { recursive: true });
  mkdirSync(failed);
  writeFileSync(join(failed, 'a.csv.report.html'), page);
  expect(await put('two')).toBe('a.csv');
  expect(contentOf('a.csv.report.html')).not.toBe(page);
});

test('the page beside a file names it as it is called there, and starts as pages do', async () => {
  await put('one');
  const second = await put('two');
  const page = readFileSync(pagePath(join(failed, second)), 'utf8');
  expect(page.startsWith(PAGE_START)).toBe(true);
  expect(page).toContain(`csv-hopper retry ${second}`);
  expect(page).toContain('<h1><bdi>a.csv</bdi> was not loaded</h1>');
});

test('a file that lies there without a readable report is not overwritten', async () => {
  mkdirSync(failed);
  writeFileSync(join(failed, 'a.csv'), 'by hand');
  writeFileSync(join(failed, 'a.csv.report.json'), '{ torn');
  expect(await put('one')).toBe(`${marked('one')}.csv`);
  expect(contentOf('a.csv')).toBe('by hand');
});

test('a file that is being repaired there is not overwritten when its like fails again, and again', async () => {
  await put('bad');
  // Of the same length, so that only the bytes tell.
  writeFileSync(join(failed, 'a.csv'), 'fix');
  const second = await put('bad');
  expect(second).toBe(`${marked('bad')}.csv`);
  expect(await put('bad')).toBe(second);
  writeFileSync(join(failed, second), 'longer repair');
  const third = await put('bad');
  expect(third).toBe(`${marked('bad')}-2.csv`);
  expect(['a.csv', second, third].map(contentOf)).toEqual(['fix', 'longer repair', 'bad']);
  expect(reportBeside(third)).toEqual(reportOf('bad'));
});

test('a report that a crash left before its file came is used again', async () => {
  mkdirSync(failed);
  writeFileSync(join(failed, 'a.csv.report.json'), JSON.stringify(reportOf('one')));
  expect(await put('one')).toBe('a.csv');
});

test('a file of 255 bytes keeps its name, and its report has it as far as there is room', async () => {
  const name = `${'ü'.repeat(125)}x.csv`;
  expect(await put('one', name)).toBe(name);
  expect(reportBeside(name)).toEqual(reportOf('one', { file: name }));
  const cut = 'ü'.repeat(121);
  expect(readdirSync(failed).sort()).toEqual(
    [name, `${cut}.report.html`, `${cut}.report.json`].sort(),
  );
});

test('long names and contents that differ only behind the cut have a report each', async () => {
  const [one, two] = [`${'a'.repeat(250)}1.csv`, `${'a'.repeat(250)}2.csv`];
  const cases: [string, string][] = [
    ['same', one],
    ['same', two],
    ['other', one],
  ];
  const names: string[] = [];
  for (const [content, file] of cases) names.push(await put(content, file));
  expect(names[0]).toBe(one);
  for (const [i, [content, file]] of cases.entries()) {
    expect(contentOf(names[i] ?? '')).toBe(content);
    expect(reportBeside(names[i] ?? '')).toEqual(reportOf(content, { file }));
  }
  expect(readdirSync(failed)).toHaveLength(9);
});

test('a reject file that is there since an attempt which failed at its end stays, with its report', async () => {
  const rejects = join(folder, '.rejects.csv');
  writeFileSync(rejects, 'id;_line\nx;2\n');
  const report: FailureReport = { ...reportOf('id\nx\n'), verdict: 'diverted' };
  const put = await putRejects(rejects, failed, report);
  expect(await putRejects(rejects, failed, report)).toEqual(put);
  expect(readFileSync(put.rejects, 'utf8')).toBe('id;_line\nx;2\n');
  expect(readdirSync(failed).sort()).toEqual([
    'a.csv.rejects.csv',
    'a.csv.report.html',
    'a.csv.report.json',
  ]);
});

test('a reject file that is gone is not told of', async () => {
  const report: FailureReport = { ...reportOf('id\nx\n'), verdict: 'diverted' };
  await expect(putRejects(join(folder, '.rejects.csv'), failed, report)).rejects.toMatchObject({
    code: 'ENOENT',
  });
  expect(readdirSync(failed)).toEqual([]);
});
