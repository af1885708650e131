import { expect, test } from 'vitest';
import { backoffMs } from '../../../src/core/backoff.ts';

test('the wait doubles from a quarter of a second to half a minute, and stays there', () => {
  expect([0, 1, 2, 6, 7, 8].map(backoffMs)).toEqual([250, 500, 1000, 16_000, 30_000, 30_000]);
  // A database may be away for months.
  expect(backoffMs(100_000)).toBe(30_000);
});
