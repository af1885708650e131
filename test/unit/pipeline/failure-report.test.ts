import { expect, test } from 'vitest';
import type { Problem } from '../../../src/core/problem.ts';
import { summary } from '../../../src/pipeline/failure-report.ts';

const problem: Problem = {
  line: 7,
  column: 'age',
  value: 'Xsecretx',
  rule: 'type',
  message: 'age is not an INTEGER.',
  hint: 'Correct it.',
};

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
