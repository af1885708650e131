import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareNaturally } from '../../../src/intake/natural-order.ts';

test('copy2 comes before copy10', () => {
  const names = ['copy10.csv', 'copy2.csv', 'copy1.csv'];
  expect(names.sort(compareNaturally)).toEqual(['copy1.csv', 'copy2.csv', 'copy10.csv']);
});

test('different names are never equal, and the order is the same both ways round', () => {
  const name = fc.stringMatching(/^[aA0-2é_.]{0,6}$/);
  fc.assert(
    fc.property(name, name, (a, b) => {
      expect(compareNaturally(a, b) === 0).toBe(a === b);
      expect(Math.sign(compareNaturally(a, b)) + Math.sign(compareNaturally(b, a))).toBe(0);
    }),
  );
});
