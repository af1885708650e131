import { expect, test } from 'vitest';
import { counted } from '../../../src/core/counted.ts';

test('a count has its noun in the singular for one alone', () => {
  expect([0, 1, 2, 1234].map((n) => counted(n, 'row'))).toEqual([
    '0 rows',
    '1 row',
    '2 rows',
    '1,234 rows',
  ]);
  expect([1, 2].map((n) => counted(n, 'row is', 'rows are'))).toEqual(['1 row is', '2 rows are']);
});
