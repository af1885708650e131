import { expect, test } from 'vitest';
import { compact } from '../../../src/page/data/compact.ts';

test('a number in a plot is short, however large it is', () => {
  for (const value of [0, 0.1 + 0.2, 12_345, 2_240_000, 1e15, -1.7e308, 2 ** 63, 5e-324]) {
    expect(compact(value).replace('-', '').length).toBeLessThanOrEqual(8);
  }
  expect([12_345, 2_240_000, 1.7e308].map(compact)).toEqual(['12,345', '2.24M', '1.7E308']);
});
