import { expect, test } from 'vitest';
import { RateLimit } from '../../../src/serve/rate-limit.ts';

test('a burst is let through, then so many a second, each caller for itself', () => {
  const limit = new RateLimit(3, 2);
  expect([0, 0, 0, 0].map((ms) => limit.take('a', ms))).toEqual([0, 0, 0, 1]);
  expect(limit.take('b', 0)).toBe(0);
  expect(limit.take('a', 499)).toBe(1);
  expect(limit.take('a', 500)).toBe(0);
  expect(limit.take('a', 500)).toBe(1);
  expect([1, 2, 3, 4].map(() => limit.take('a', 60_000))).toEqual([0, 0, 0, 1]);
});

test('looking how long to wait takes nothing', () => {
  const limit = new RateLimit(1, 0.1);
  expect([limit.wait('a', 0), limit.wait('a', 0), limit.take('a', 0)]).toEqual([0, 0, 0]);
  expect(limit.wait('a', 0)).toBe(10);
});

test('callers without number take no memory without end, and do not free whoever calls on and on', () => {
  const limit = new RateLimit(1, 0.001);
  limit.take('busy', 0);
  for (let n = 0; n < 5000; n++) {
    limit.take(`caller ${n}`, 0);
    if (n % 500 === 0) expect(limit.take('busy', 0)).toBeGreaterThan(0);
  }
  expect(limit.take('caller 0', 0)).toBe(0);
});
