import { expect, test } from 'vitest';
import { firstThatFit } from '../../../src/core/one-screen.ts';

const lines = (count: number, length: number) =>
  Array.from({ length: count }, () => 'x'.repeat(length));

test('a list that fits is left as it is, and a longer one is cut and the rest counted', () => {
  expect(firstThatFit(lines(18, 80))).toEqual(lines(18, 80));
  expect(firstThatFit(lines(500, 10))).toEqual([...lines(18, 10), 'and 482 more']);
  expect(firstThatFit(lines(3, 10), 500)).toEqual([...lines(3, 10), 'and 497 more']);
});

test('a long line counts as the rows that it takes', () => {
  expect(firstThatFit(lines(500, 81))).toEqual([...lines(9, 81), 'and 491 more']);
  expect(firstThatFit(lines(500, 75), 500, 8)).toHaveLength(10);
});

test('one line stays, however long', () => {
  expect(firstThatFit(lines(2, 5000))).toEqual([...lines(1, 5000), 'and 1 more']);
});
