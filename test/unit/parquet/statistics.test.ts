import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundsOf, type Bounds } from '../../../src/parquet/statistics.ts';
import type { Column } from '../../../src/schema/column-type.ts';
import { bigEndian, columnOf, entriesOf, inKernel, kernel, type Value } from './batch-of.ts';

function bounds(column: Column, values: readonly Value[]): Bounds | null {
  const ids = inKernel(Int32Array.from(values.keys()));
  return boundsOf(kernel, entriesOf(column, values), ids, ids.length);
}

function textBounds(...values: string[]) {
  const found = bounds(columnOf('a', 'TEXT'), values);
  return {
    min: found && Buffer.from(found.min).toString(),
    max: found?.max ? Buffer.from(found.max).toString() : null,
    exact: [found?.minExact, found?.maxExact],
  };
}

test('only the given ids count, whatever the other entries are', () => {
  const entries = entriesOf(columnOf('a', 'INTEGER'), [-99, 3, 5, 99]);
  const found = boundsOf(kernel, entries, inKernel(Int32Array.from([2, 1, 0])), 2);
  expect(found?.min).toEqual(Uint8Array.of(3, 0, 0, 0));
  expect(found?.max).toEqual(Uint8Array.of(5, 0, 0, 0));
  expect(boundsOf(kernel, entries, inKernel(Int32Array.of(1)), 0)).toBeNull();
});

test('64-bit integers compare as such: signed high words, unsigned low words', () => {
  const column = columnOf('a', 'BIGINT');
  const int64 = fc.oneof(
    fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
    fc.bigInt(-3n, 3n),
    fc.bigInt(2n ** 31n - 2n, 2n ** 32n + 2n),
  );
  fc.assert(
    fc.property(fc.array(int64, { minLength: 1 }), (values) => {
      const sorted = BigInt64Array.from(values).sort();
      const found = bounds(column, values);
      expect(new DataView(found!.min.buffer).getBigInt64(0, true)).toBe(sorted[0]);
      expect(new DataView(found!.max!.buffer).getBigInt64(0, true)).toBe(sorted.at(-1));
    }),
  );
});

test('decimals in fixed bytes compare by their sign first', () => {
  const column = columnOf('a', 'DECIMAL', true, { precision: 38, scale: 3 });
  const found = bounds(column, [5n, -1n, 10n ** 38n - 1n, 1n - 10n ** 38n, 0n]);
  expect(found?.min).toEqual(bigEndian(1n - 10n ** 38n, 16));
  expect(found?.max).toEqual(bigEndian(10n ** 38n - 1n, 16));
});

test('one NaN leaves a column without bounds', () => {
  for (const values of [[NaN], [NaN, 1], [1, NaN], [1, NaN, 2]]) {
    expect(bounds(columnOf('a', 'DOUBLE'), values)).toBeNull();
    expect(bounds(columnOf('a', 'FLOAT'), values)).toBeNull();
  }
});

test('a zero is negative in the minimum and positive in the maximum', () => {
  const found = bounds(columnOf('a', 'DOUBLE'), [0, -0]);
  expect(found?.min).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0x80));
  expect(found?.max).toEqual(new Uint8Array(8));
  expect(bounds(columnOf('a', 'FLOAT'), [0])?.min).toEqual(Uint8Array.of(0, 0, 0, 0x80));
  expect(bounds(columnOf('a', 'FLOAT'), [-0])?.max).toEqual(new Uint8Array(4));
});

test('infinities are bounds', () => {
  const found = bounds(columnOf('a', 'DOUBLE'), [1, -Infinity, Infinity]);
  expect(new DataView(found!.min.buffer).getFloat64(0, true)).toBe(-Infinity);
  expect(new DataView(found!.max!.buffer).getFloat64(0, true)).toBe(Infinity);
});

test('false is less than true', () => {
  const column = columnOf('a', 'BOOLEAN');
  expect(bounds(column, [true, false])).toMatchObject({
    min: Uint8Array.of(0),
    max: Uint8Array.of(1),
  });
  expect(bounds(column, [true])).toMatchObject({ min: Uint8Array.of(1), max: Uint8Array.of(1) });
});

test('strings sort by bytes, a prefix first, the empty string before all', () => {
  expect(textBounds('b', 'ab', 'abc', 'a')).toMatchObject({ min: 'a', max: 'b' });
  expect(textBounds('z', 'é', '')).toMatchObject({ min: '', max: 'é' });
  // In UTF-16 the emoji would come first.
  expect(textBounds('\uffee', '😀')).toMatchObject({ min: '\uffee', max: '😀' });
});

test('64 bytes are kept, a longer bound is cut between characters, and the maximum raised', () => {
  const short = 'a'.repeat(64);
  expect(textBounds(short)).toEqual({ min: short, max: short, exact: [true, true] });
  const cut = textBounds('a'.repeat(63) + 'éé');
  expect(cut).toEqual({ min: 'a'.repeat(63), max: 'a'.repeat(62) + 'b', exact: [false, false] });
});

test('raising leaves out the surrogates and passes the last code point on', () => {
  const maxOf = (prefix: string) => textBounds(prefix.padEnd(70, 'x')).max;
  const filler = 'a'.repeat(60);
  expect(textBounds('a'.repeat(61) + '\ud7ffxx').max).toBe('a'.repeat(61) + '\ue000');
  expect(maxOf(filler + '\u{10ffff}')).toBe('a'.repeat(59) + 'b');
  expect(textBounds('\u{10ffff}'.repeat(17))).toMatchObject({ max: null, exact: [false, false] });
});

test('no string is below the minimum or above the maximum', () => {
  const long = fc
    .tuple(fc.string({ unit: 'binary', minLength: 10 }), fc.integer({ min: 0, max: 30 }))
    .map(([text, count]) => text.repeat(count));
  fc.assert(
    fc.property(fc.array(long, { minLength: 1 }), (values) => {
      const found = bounds(columnOf('a', 'TEXT'), values);
      for (const value of values) {
        expect(Buffer.compare(found!.min, Buffer.from(value))).toBeLessThanOrEqual(0);
        if (found!.max) {
          expect(Buffer.compare(found!.max, Buffer.from(value))).toBeGreaterThanOrEqual(0);
        }
      }
    }),
  );
});
