import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimalParser } from '../../../../src/schema/parsers/decimal.ts';
import { parseCell } from './parse-cell.ts';

/** The text of an unscaled value as MySQL shows it. */
function textOf(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale);
  return `${unscaled < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${fraction}`}`;
}

/** An unscaled value as the storage of its precision has it. */
function valueOf(unscaled: bigint, precision: number): number | bigint {
  return precision <= 9 ? Number(unscaled) : unscaled;
}

const shape = fc
  .integer({ min: 1, max: 38 })
  .chain((precision) =>
    fc.record({ precision: fc.constant(precision), scale: fc.integer({ min: 0, max: precision }) }),
  );

describe('a decimal', () => {
  test('is exact to its last digit, in every precision and scale', () => {
    const sized = shape.chain(({ precision, scale }) => {
      const max = 10n ** BigInt(precision) - 1n;
      const unscaled = fc.oneof(fc.constantFrom(max, -max, 0n, 1n, -1n), fc.bigInt(-max, max));
      return fc.record({ precision: fc.constant(precision), scale: fc.constant(scale), unscaled });
    });
    fc.assert(
      fc.property(sized, ({ precision, scale, unscaled }) => {
        const text = textOf(unscaled, scale);
        expect(parseCell(decimalParser(precision, scale), text)).toEqual({
          value: valueOf(unscaled, precision),
          text,
        });
      }),
      { numRuns: 2000 },
    );
  });

  test('has one canonical text however it is written', () => {
    const way = fc.record({ before: fc.nat(20), after: fc.nat(20), plus: fc.boolean() });
    fc.assert(
      fc.property(fc.bigInt(-99999n, 99999n), way, (unscaled, { before, after, plus }) => {
        const text = textOf(unscaled, 2);
        const sign = unscaled < 0n ? '-' : plus ? '+' : '';
        const cell = `${sign}${'0'.repeat(before)}${text.replace('-', '')}${'0'.repeat(after)}`;
        expect(parseCell(decimalParser(5, 2), cell)).toEqual({ value: Number(unscaled), text });
      }),
    );
  });

  test.each([
    ['5', 5_00, '5.00'],
    ['5.', 5_00, '5.00'],
    ['.5', 50, '0.50'],
    ['-.5', -50, '-0.50'],
    ['-0', 0, '0.00'],
    ['-.00', 0, '0.00'],
    ['000', 0, '0.00'],
    ['1.1000000000000000000000000000', 1_10, '1.10'],
  ])('of scale 2 may be written %j', (cell, value, text) => {
    expect(parseCell(decimalParser(9, 2), cell)).toEqual({ value, text });
  });

  test('may be all fraction', () => {
    const parser = decimalParser(2, 2);
    expect(parseCell(parser, '0.55')).toEqual({ value: 55, text: '0.55' });
    expect(parseCell(parser, '.5')).toEqual({ value: 50, text: '0.50' });
    expect(parseCell(parser, '1')).toBe('range');
  });

  test('of scale 0 has no point in its canonical text', () => {
    expect(parseCell(decimalParser(20, 0), '7.000')).toEqual({ value: 7n, text: '7' });
    expect(parseCell(decimalParser(20, 0), '-0.')).toEqual({ value: 0n, text: '0' });
  });

  test('is never rounded: digits beyond the scale or the precision are out of range', () => {
    const parser = decimalParser(5, 2);
    for (const cell of ['1.005', '0.001', '-0.0000000000000000000001', '1000', '-1000.00']) {
      expect(parseCell(parser, cell)).toBe('range');
    }
    expect(parseCell(decimalParser(38, 0), '1'.repeat(39))).toBe('range');
  });

  test.each(['.', '-', '+', '-.', '1.2.3', '1e5', '--1', '1,5', 'NaN', 'Infinity', '0x1', '1-'])(
    'is not %j',
    (cell) => {
      expect(parseCell(decimalParser(38, 10), cell)).toBe('type');
    },
  );
});
