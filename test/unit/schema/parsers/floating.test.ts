import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { doubleParser, floatParser } from '../../../../src/schema/parsers/floating.ts';
import { parseCell } from './parse-cell.ts';

const finite = { noNaN: true, noDefaultInfinity: true };

describe('a floating point number', () => {
  test('of 64 bits reads back from its shortest text and from its exponent form', () => {
    fc.assert(
      fc.property(fc.double(finite), (x) => {
        const expected = { value: x + 0, text: String(x + 0) };
        expect(parseCell(doubleParser, String(x))).toEqual(expected);
        expect(parseCell(doubleParser, x.toExponential())).toEqual(expected);
        expect(parseCell(doubleParser, `+${Math.abs(x)}`)).toEqual({
          value: Math.abs(x),
          text: String(Math.abs(x)),
        });
      }),
      { numRuns: 500 },
    );
  });

  test('of 32 bits reads back from the nine digits that tell it from every other', () => {
    fc.assert(
      fc.property(fc.float(finite), (x) => {
        const typed = parseCell(floatParser, x.toPrecision(9));
        expect(typed).toEqual({ value: x + 0, text: String(x + 0) });
      }),
      { numRuns: 500 },
    );
  });

  test('of 32 bits is the nearest to what is written', () => {
    expect(parseCell(floatParser, '0.1')).toMatchObject({ value: Math.fround(0.1) });
    expect(parseCell(floatParser, '16777217')).toMatchObject({ value: 16777216 });
  });

  test('has one canonical text for one value, and no minus zero', () => {
    for (const cell of ['1', '1.', '1.0', '+1', '01', '1e0', '10E-1', '.1e+1']) {
      expect(parseCell(doubleParser, cell)).toEqual({ value: 1, text: '1' });
    }
    for (const cell of ['0', '-0', '-0.0e5', '.0']) {
      expect(parseCell(doubleParser, cell)).toEqual({ value: 0, text: '0' });
      expect(parseCell(floatParser, cell)).toEqual({ value: 0, text: '0' });
    }
  });

  test('beyond the largest is out of range', () => {
    expect(parseCell(doubleParser, String(Number.MAX_VALUE))).toMatchObject({
      value: Number.MAX_VALUE,
    });
    expect(parseCell(doubleParser, '-1.8e308')).toBe('range');
    expect(parseCell(floatParser, '3.4028234e38')).toMatchObject({ value: 3.4028234663852886e38 });
    expect(parseCell(floatParser, '3.5e38')).toBe('range');
  });

  test.each([
    ...[
      'NaN',
      'nan',
      'Infinity',
      '-inf',
      '.',
      '+',
      '1e',
      '1e+',
      'e5',
      '1.5.',
      '0x10',
      '1_0',
      '1,5',
    ],
    ...['1 ', '--1', '1f'],
  ])('is not %j', (cell) => {
    expect(parseCell(doubleParser, cell)).toBe('type');
    expect(parseCell(floatParser, cell)).toBe('type');
  });
});
