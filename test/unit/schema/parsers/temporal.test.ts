import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TypedValue } from '../../../../src/columns/typed-value.ts';
import {
  dateParser,
  datetimeParser,
  timeParser,
  timestampParser,
} from '../../../../src/schema/parsers/temporal.ts';
import { ACCEPTED } from '../../../../src/schema/value-parser.ts';
import { parseCell } from './parse-cell.ts';

const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(1000, 0, 1) / DAY_MS;
const LAST_DAY = Date.UTC(9999, 11, 31) / DAY_MS;

const two = (n: number) => String(n).padStart(2, '0');

function dateText(days: number): string {
  return new Date(days * DAY_MS).toISOString().slice(0, 10);
}

/** Of microseconds since midnight, with all six digits. */
function timeText(micros: number): string {
  const seconds = Math.floor(micros / 1e6);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${two(h)}:${two(m)}:${two(s)}.${String(micros % 1e6).padStart(6, '0')}`;
}

const micros = fc.oneof(
  fc.integer({ min: 0, max: 86_400 * 1e6 - 1 }),
  fc.integer({ min: 0, max: 86_399 }).map((seconds) => seconds * 1e6),
);
const day = fc.integer({ min: FIRST_DAY, max: LAST_DAY });

describe('DATE', () => {
  test('every day from 1000 to 9999 is the one that Date knows', () => {
    // Three million days: one buffer and one sink for all of them, and no assertion a day.
    const bytes = Buffer.alloc(10);
    const values: number[] = [];
    const sink = Object.assign(new TypedValue(), {
      addInt32: (value: number) => values.push(value),
    });
    const wrong: string[] = [];
    for (let days = FIRST_DAY; days <= LAST_DAY; days++) {
      const text = dateText(days);
      bytes.write(text, 'latin1');
      values.length = 0;
      const verdict = dateParser(bytes, 0, 10, sink);
      if (verdict !== ACCEPTED || values.length !== 1 || values[0] !== days) wrong.push(text);
    }
    expect(wrong).toEqual([]);
  });

  test('a day of the calendar and no other', () => {
    const part = fc.integer({ min: 0, max: 99 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9999 }), part, part, (y, m, d) => {
        const text = `${String(y).padStart(4, '0')}-${two(m)}-${two(d)}`;
        const date = new Date(`${text}T00:00:00Z`);
        const real = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
        const expected = real && y >= 1000 ? { value: date.getTime() / DAY_MS, text } : 'range';
        expect(parseCell(dateParser, text)).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });

  test.each(['0000-00-00', '0999-12-31', '2023-02-29', '1900-02-29', '2024-04-31', '2024-13-01'])(
    '%s is out of range',
    (cell) => {
      expect(parseCell(dateParser, cell)).toBe('range');
    },
  );

  test.each([
    ...['2024-1-01', '24-01-01', '2024/01/01', '20240101', '01.02.2024', '2024-01-1x', '2024-01-0'],
    ...['2024-01-01 ', '2024-01-01 00:00', '+024-01-01', '12024-01-01', 'today'],
  ])('%j is no date', (cell) => {
    expect(parseCell(dateParser, cell)).toBe('type');
  });
});

describe('TIME', () => {
  test('is exact to the digits that its type has', () => {
    fc.assert(
      fc.property(micros, fc.integer({ min: 0, max: 6 }), (at, fraction) => {
        const unit = 10 ** (6 - fraction);
        const exact = at - (at % unit);
        const text = timeText(exact).slice(0, fraction === 0 ? 8 : 9 + fraction);
        const expected = { value: BigInt(exact), text };
        expect(parseCell(timeParser(fraction), text)).toEqual(expected);
        expect(parseCell(timeParser(fraction), `${timeText(exact)}000`)).toEqual(expected);
        // A finer value would be rounded away.
        if (at !== exact) expect(parseCell(timeParser(fraction), timeText(at))).toBe('range');
      }),
      { numRuns: 500 },
    );
  });

  test('may leave out the seconds, and end its fraction early', () => {
    expect(parseCell(timeParser(0), '07:05')).toEqual({ value: 25_500_000_000n, text: '07:05:00' });
    expect(parseCell(timeParser(3), '00:00:00.5')).toEqual({
      value: 500_000n,
      text: '00:00:00.500',
    });
  });

  test.each(['24:00', '24:00:00', '23:60', '23:59:60', '99:99:99', '00:00:00.0000001'])(
    '%s is out of range',
    (cell) => {
      expect(parseCell(timeParser(6), cell)).toBe('range');
    },
  );

  test.each([
    ...['7:05', '07:5', '07', '07:05:', '07:05:1', '07:05:01.', '07:05:01,5', '07-05', '-07:05'],
    ...['07:05:01Z', '07:05 PM', '07:05:0x', '07:05:01.5x', '070501', 'noon'],
  ])('%j is no time', (cell) => {
    expect(parseCell(timeParser(6), cell)).toBe('type');
  });
});

describe('DATETIME', () => {
  test('is exact to the microsecond from 1000 to 9999', () => {
    fc.assert(
      fc.property(day, micros, fc.constantFrom(' ', 'T'), (days, at, separator) => {
        const cell = `${dateText(days)}${separator}${timeText(at)}`;
        expect(parseCell(datetimeParser(6), cell)).toEqual({
          value: BigInt(days) * 86_400_000_000n + BigInt(at),
          text: cell.replace('T', ' '),
        });
      }),
      { numRuns: 500 },
    );
  });

  test('has one canonical text for one value', () => {
    for (const cell of ['1969-12-31 23:59', '1969-12-31T23:59:00', '1969-12-31 23:59:00.0']) {
      expect(parseCell(datetimeParser(0), cell)).toEqual({
        value: -60_000_000n,
        text: '1969-12-31 23:59:00',
      });
    }
  });

  test('is out of range where its date or its time is', () => {
    for (const cell of ['2023-02-29 00:00:00', '0000-00-00 00:00:00', '2024-01-01 24:00:00']) {
      expect(parseCell(datetimeParser(0), cell)).toBe('range');
    }
    expect(parseCell(datetimeParser(3), '2024-01-01 00:00:00.0005')).toBe('range');
  });

  test.each([
    ...['2024-01-01', '2024-01-01 7:05', '2024-01-01  07:05', '2024-01-01t07:05'],
    ...['2024-01-01 07:05:00Z', '2024-01-01 07:05:00+02:00', '2024-01-01 07:05:00 '],
  ])('%j is no datetime: it has no zone and needs a time', (cell) => {
    expect(parseCell(datetimeParser(6), cell)).toBe('type');
  });
});

describe('TIMESTAMP', () => {
  const instant = fc.integer({ min: 1, max: 2 ** 31 - 1 });
  const offset = fc.record({
    sign: fc.constantFrom(1, -1),
    hours: fc.integer({ min: 0, max: 14 }),
    minutes: fc.integer({ min: 0, max: 59 }),
  });

  test('is the instant in UTC, whatever offset it is written with', () => {
    fc.assert(
      fc.property(instant, offset, (seconds, { sign, hours, minutes }) => {
        const east = sign * (hours * 3600 + minutes * 60);
        const local = new Date((seconds + east) * 1000).toISOString().slice(0, 19);
        const zone = `${sign < 0 ? '-' : '+'}${two(hours)}:${two(minutes)}`;
        const text = new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
        const expected = { value: BigInt(seconds) * 1_000_000n, text };
        expect(parseCell(timestampParser(0), `${local}${zone}`)).toEqual(expected);
        expect(parseCell(timestampParser(0), `${text}Z`)).toEqual(expected);
        expect(parseCell(timestampParser(0), text)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test('keeps its fraction', () => {
    expect(parseCell(timestampParser(6), '1970-01-01T02:00:01.000001+02:00')).toEqual({
      value: 1_000_001n,
      text: '1970-01-01 00:00:01.000001',
    });
  });

  test('has the range that MySQL has, of the instant and not of what is written', () => {
    const parser = timestampParser(0);
    expect(parseCell(parser, '1970-01-01 00:00:01')).toMatchObject({ value: 1_000_000n });
    expect(parseCell(parser, '1970-01-01 00:00:00')).toBe('range');
    expect(parseCell(parser, '1970-01-01 01:00:00+01:00')).toBe('range');
    expect(parseCell(parser, '1969-12-31 23:00:01-01:00')).toMatchObject({ value: 1_000_000n });
    expect(parseCell(parser, '2038-01-19 03:14:07')).toMatchObject({ value: 2147483647000000n });
    expect(parseCell(parser, '2038-01-19 03:14:08')).toBe('range');
    expect(parseCell(parser, '2038-01-19 05:14:07+02:00')).toMatchObject({
      value: 2147483647000000n,
    });
  });

  test.each([
    ...['2024-01-01 07:05:00z', '2024-01-01 07:05:00+2', '2024-01-01 07:05:00+02'],
    ...['2024-01-01 07:05:00+0200', '2024-01-01 07:05:00+15:00', '2024-01-01 07:05:00+02:60'],
    ...[
      '2024-01-01 07:05:00 +02:00',
      '2024-01-01 07:05:00ZZ',
      '2024-01-01 07:05:00 UTC',
      '1704092700',
    ],
  ])('%j is no timestamp', (cell) => {
    expect(parseCell(timestampParser(0), cell)).toBe('type');
  });
});
