import { expect, test } from 'vitest';
import {
  count,
  formatBytes,
  formatDuration,
  formatTime,
  formatWholeTime,
} from '../../../src/page/format.ts';

test('numbers have their units', () => {
  expect([count(1, 'row'), count(0, 'row')]).toEqual(['1 row', '0 rows']);
  expect(count(2, 'entry', 'entries')).toBe('2 entries');
  expect([0, 1, 999, 1000, 999_499, 999_500, 3_400_000, 1e13].map(formatBytes)).toEqual([
    ...['0 bytes', '1 byte', '999 bytes', '1 kB', '999 kB', '1 MB', '3.4 MB'],
    formatBytes(1e13),
  ]);
});

test.each([
  [12.4, '12 ms'],
  [2449, '2.4 s'],
  [59_940, '59.9 s'],
  [59_950, '1 min 0 s'],
  [3_599_000, '59 min 59 s'],
  [3_599_900, '1 h 0 min'],
  [86_399_000, '1 d 0 h'],
  [273_600_000, '3 d 4 h'],
])('%d ms are %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test('a time has its day unless that is today, and what is no time stays as it is', () => {
  const now = new Date();
  const today = formatTime(now.toISOString(), now);
  const year = String(now.getFullYear() - 1);
  expect(today).not.toContain(String(now.getFullYear()));
  expect(formatTime(`${year}-06-15T12:00:00Z`, now)).toContain(year);
  expect([formatTime('soon'), formatWholeTime('soon')]).toEqual(['soon', 'soon']);
});
