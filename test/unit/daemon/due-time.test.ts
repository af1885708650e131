import { describe, expect, test } from 'vitest';
import { dueTimes } from '../../../src/daemon/due-time.ts';

const daily = { everyDays: 1, by: 360, timezone: 'UTC' };

function due(lastFile: string | null, now: string, expected = daily, since = now) {
  const ms = (time: string): number => Date.parse(time);
  const found = dueTimes(expected, lastFile === null ? null : ms(lastFile), ms(since), ms(now));
  const text = (time: number | null): string | null =>
    time === null ? null : new Date(time).toISOString().slice(0, 16);
  return { first: text(found.first), missed: text(found.missed), next: text(found.next) };
}

describe('a file meets the due time nearest to it', () => {
  test.each([
    ['in time', '2024-05-01T05:30Z', '2024-05-02T06:00'],
    ['late', '2024-05-01T09:00Z', '2024-05-02T06:00'],
    ['the evening before', '2024-04-30T23:30Z', '2024-05-02T06:00'],
  ])('%s', (_, file, first) => {
    expect(due(file, '2024-05-01T12:00Z').first).toBe(first);
  });
});

test('every other day', () => {
  const expected = { ...daily, everyDays: 2 };
  expect(due('2024-05-01T05:30Z', '2024-05-03T05:59Z', expected)).toEqual({
    ...{ first: '2024-05-03T06:00', missed: null, next: '2024-05-03T06:00' },
  });
  expect(due('2024-05-01T05:30Z', '2024-05-03T06:00Z', expected)).toEqual({
    ...{ first: '2024-05-03T06:00', missed: '2024-05-03T06:00', next: '2024-05-05T06:00' },
  });
});

test('after a long time the last that was missed is known', () => {
  expect(due('2014-05-01T05:30Z', '2024-05-03T12:00Z')).toEqual({
    ...{ first: '2014-05-02T06:00', missed: '2024-05-03T06:00', next: '2024-05-04T06:00' },
  });
});

test('without any file it is due so many days after the waiting began', () => {
  const expected = { ...daily, everyDays: 2 };
  expect(due(null, '2024-05-01T12:00Z', expected).first).toBe('2024-05-03T06:00');
  expect(due(null, '2024-05-01T05:00Z', daily).first).toBe('2024-05-01T06:00');
});

test('the clocks of the zone count, also when they are changed', () => {
  const berlin = { ...daily, timezone: 'Europe/Berlin' };
  expect(due('2024-03-30T04:50Z', '2024-03-30T12:00Z', berlin).first).toBe('2024-03-31T04:00');
  expect(due('2024-10-26T03:50Z', '2024-10-26T12:00Z', berlin).first).toBe('2024-10-27T05:00');
});
