import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numberWidth, secondsWidth } from '../../../src/query/bar-width.ts';

test.each([
  [0, 20, true, 1],
  [15, 22, true, 1],
  [0, 75, true, 5],
  [0, 198.04, false, 10],
  [0, 1, false, 0.05],
  [5, 5, false, 1],
  [-1.7e308, 1.7e308, false, 2e307],
  [-7.4e-323, 6e-323, false, 1],
  [0, 2e38, false, 1e37],
])('bars for numbers from %d to %d (whole: %s) are %d wide', (min, max, isWhole, width) => {
  expect(numberWidth(min, max, isWhole)).toBe(width);
});

test.each([
  [0, 3600, false, 300],
  [0, 86_400 * 100, true, 86_400 * 7],
  [0, 0, true, 86_400],
])('bars for seconds from %d to %d (date: %s) are %d wide', (min, max, isDate, width) => {
  expect(secondsWidth(min, max, isDate)).toBe(width);
});

test('there are never more bars than a plot has room for', () => {
  const anyNumber = fc.double({ noNaN: true, noDefaultInfinity: true });
  const anySeconds = fc.double({ min: -1e13, max: 1e13, noNaN: true });
  fc.assert(
    fc.property(anyNumber, anyNumber, fc.boolean(), (a, b, flag) => {
      const [min, max] = [Math.min(a, b), Math.max(a, b)];
      const width = numberWidth(min, max, flag);
      expect(width).toBeGreaterThan(0);
      expect(width).toBeLessThan(Infinity);
      // Halved: between the least and the greatest double is more than a double holds.
      expect((max / 2 - min / 2) / width).toBeLessThanOrEqual(13);
    }),
  );
  fc.assert(
    fc.property(anySeconds, anySeconds, fc.boolean(), (a, b, flag) => {
      const [min, max] = [Math.min(a, b), Math.max(a, b)];
      const width = secondsWidth(min, max, flag);
      expect(width).toBeGreaterThan(0);
      expect((max - min) / width).toBeLessThanOrEqual(26);
    }),
  );
});
