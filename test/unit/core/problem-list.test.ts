import { expect, test } from 'vitest';
import type { Problem } from '../../../src/core/problem.ts';
import { ProblemList } from '../../../src/core/problem-list.ts';

function problemOn(line: number): Problem {
  return { line, column: null, value: null, rule: 'quote', message: '', hint: '' };
}

test('all problems are counted and the first are kept', () => {
  const list = new ProblemList(2);
  list.add(problemOn(1));
  expect(list.open).toBe(true);
  list.add(problemOn(2));
  expect(list.open).toBe(false);
  list.add(problemOn(3));
  list.count(4);
  expect(list.items.map(({ line }) => line)).toEqual([1, 2]);
  expect(list.total).toBe(7);
});
