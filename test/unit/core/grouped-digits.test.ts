import fc from 'fast-check';
import { expect, test } from 'vitest';
import { groupedDigits } from '../../../src/core/grouped-digits.ts';

test('whole numbers are written as in English', () => {
  const whole = fc.oneof(fc.integer(), fc.maxSafeInteger());
  fc.assert(
    fc.property(whole, (n) => {
      expect(groupedDigits(n)).toBe(n.toLocaleString('en'));
    }),
    { examples: [[0], [999], [1000], [-1000], [123_456_789]] },
  );
});
