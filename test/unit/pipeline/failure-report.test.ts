import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Problem } from '../../../src/core/problem.ts';
import {
  type FailureReport,
  failureReport,
  putWithReport,
  reportPath,
  summary,
} from '../../../src/pipeline/failure-report.ts';

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

function reportOf(sha256: string, problems: Problem[] = [problem], total = 1): FailureReport {
  return failureReport(
    {
      code: 'content_invalid',
      loadId: `${sha256}0123456789`.slice(0, 10),
      dataset: 'people',
      file: 'a.csv',
      sha256,
      bytes: 3,
      ...{ rowsRead: 9, rowsAccepted: 0, rowsRejected: 9 },
      ...{ rowsDroppedNull: 0, rowsDroppedDuplicate: 0 },
      delimiter: 'semicolon',
      problemsTotal: total,
      problemsMax: 1000,
      problems,
    },
    new Date('2026-01-02T03:04:05Z'),
  );
}

function put(content: string, report: FailureReport): Promise<string> {
  const source = join(folder, 'source.csv');
  writeFileSync(source, content);
  return putWithReport(source, failed, report);
}

test('a summary names line and message of the first problem and how many more there are, and no value', () => {
  expect(summary([problem], 1)).toBe('line 7: age is not an INTEGER.');
  expect(summary([problem, problem], 12)).toBe('line 7: age is not an INTEGER. (and 11 more)');
  expect(summary([{ ...problem, line: 0, message: 'The file is empty.' }], 1)).toBe(
    'The file is empty.',
  );
  expect(summary([], 0)).not.toBe('');
});

test('a header that may be data is not quoted in the summary', () => {
  const message = 'The header has "Xsecretx".';
  const text = summary([{ ...problem, rule: 'header_delimiter', message }], 1);
  expect(text).not.toContain('Xsecretx');
});

test('a report counts what it shows and what there is', () => {
  expect(reportOf('abc', [problem], 5)).toMatchObject({
    verdict: 'failed',
    time: '2026-01-02T03:04:05.000Z',
    problemsShown: 1,
    problemsTotal: 5,
    reason: 'line 7: age is not an INTEGER. (and 4 more)',
  });
});

test('file and report lie side by side, in a folder that is made', async () => {
  const path = await put('one', reportOf('aaaa'));
  expect(path).toBe(join(failed, 'a.csv'));
  expect(readFileSync(path, 'utf8')).toBe('one');
  expect(JSON.parse(readFileSync(reportPath(path), 'utf8'))).toEqual(reportOf('aaaa'));
});

test('another content of the same name gets its load id into the name, and the same content replaces itself', async () => {
  await put('one', reportOf('aaaa'));
  const second = await put('two', reportOf('bbbb'));
  await put('two', reportOf('bbbb'));
  expect(await put('one', reportOf('aaaa'))).toBe(join(failed, 'a.csv'));
  expect(second).toBe(join(failed, 'a-bbbb0123.csv'));
  const names = ['a-bbbb0123.csv', 'a-bbbb0123.csv.report.json', 'a.csv', 'a.csv.report.json'];
  expect(readdirSync(failed).sort()).toEqual(names);
  expect(readFileSync(join(failed, 'a.csv'), 'utf8')).toBe('one');
});

test('a file that lies there without a readable report is not overwritten', async () => {
  mkdirSync(failed);
  writeFileSync(join(failed, 'a.csv'), 'by hand');
  writeFileSync(join(failed, 'a.csv.report.json'), '{ torn');
  expect(await put('one', reportOf('aaaa'))).toBe(join(failed, 'a-aaaa0123.csv'));
  expect(readFileSync(join(failed, 'a.csv'), 'utf8')).toBe('by hand');
});
