import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { integerParser } from '../../../../src/schema/parsers/integer.ts';
import { parseCell } from './parse-cell.ts';

describe.each([8, 16, 32, 64] as const)('an integer of %i bits', (bits) => {
  const parser = integerParser(bits);
  const max = 2n ** BigInt(bits - 1) - 1n;
  const min = -max - 1n;
  const valueOf = (n: bigint) => (bits === 64 ? n : Number(n));

  test('is exact up to its bounds, and out of range beyond them', () => {
    for (const n of [min, min + 1n, -1n, 0n, 1n, max - 1n, max]) {
      expect(parseCell(parser, String(n))).toEqual({ value: valueOf(n), text: String(n) });
    }
    for (const n of [min - 1n, max + 1n, -(10n ** 40n), 10n ** 15n * max, 2n ** 64n]) {
      expect(parseCell(parser, String(n))).toBe('range');
    }
  });

  test('reads back from every way of writing it, with one canonical text', () => {
    const way = fc.record({ zeros: fc.nat(30), plus: fc.boolean(), minus: fc.boolean() });
    fc.assert(
      fc.property(
        fc.oneof(fc.bigInt(min, max), fc.constant(0n)),
        way,
        (n, { zeros, plus, minus }) => {
          const sign = n < 0n || (n === 0n && minus) ? '-' : plus ? '+' : '';
          const digits = String(n < 0n ? -n : n);
          const cell = `${sign}${'0'.repeat(zeros)}${digits}`;
          expect(parseCell(parser, cell)).toEqual({ value: valueOf(n), text: String(n) });
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each([
    ...['+', '-', '--1', '1-', '1+', '5.0', '5.', '1e5', '0x1f', '1_000', '1,000', '1 ', ' 1', 'a'],
    ...['NaN', 'Infinity', '٣', '1:', '1/', `${'9'.repeat(30)}x`],
  ])('is not %j', (cell) => {
    expect(parseCell(parser, cell)).toBe('type');
  });
});
