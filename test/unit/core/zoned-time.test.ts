import { expect, test } from 'vitest';
import { dayAt, instantOf, zonedText } from '../../../src/core/zoned-time.ts';

const BERLIN = 'Europe/Berlin';

function at(date: string, minutes: number, zone: string): string {
  return new Date(
    instantOf(Date.parse(`${date}T00:00:00Z`) / 86_400_000, minutes, zone),
  ).toISOString();
}

test.each([
  ['winter', '2024-01-15', 6 * 60, BERLIN, '2024-01-15T05:00:00.000Z'],
  ['summer', '2024-07-15', 6 * 60, BERLIN, '2024-07-15T04:00:00.000Z'],
  [
    'the morning of the day that is an hour short',
    '2024-03-31',
    360,
    BERLIN,
    '2024-03-31T04:00:00.000Z',
  ],
  ['a time that is passed over', '2024-03-31', 150, BERLIN, '2024-03-31T01:30:00.000Z'],
  ['a time that comes twice', '2024-10-27', 150, BERLIN, '2024-10-27T00:30:00.000Z'],
  ['a zone of half an hour', '2024-07-01', 0, 'Asia/Kolkata', '2024-06-30T18:30:00.000Z'],
  [
    'a clock put forward at midnight',
    '2024-09-08',
    30,
    'America/Santiago',
    '2024-09-08T04:30:00.000Z',
  ],
  ['across the date line', '2024-01-01', 360, 'Pacific/Auckland', '2023-12-31T17:00:00.000Z'],
])('%s', (_, date, minutes, zone, instant) => {
  expect(at(date, minutes, zone)).toBe(instant);
});

test('an instant has a day and a text in its zone', () => {
  const late = Date.parse('2024-01-01T23:30:00Z');
  expect(dayAt(late, BERLIN) - dayAt(late, 'UTC')).toBe(1);
  expect(zonedText(late, BERLIN)).toBe('2024-01-02 00:30');
});
