import { expect, test } from 'vitest';
import { columnTypes, decimalWidth } from '../../../src/schema/column-types.ts';

test('no two types share a name', () => {
  const names = Object.entries(columnTypes).flatMap(([name, { aliases }]) => [name, ...aliases]);
  expect(new Set(names).size).toBe(names.length);
});

test('a decimal has the fewest bytes that hold its digits with a sign', () => {
  for (let precision = 1; precision <= 38; precision++) {
    const largest = 10n ** BigInt(precision) - 1n;
    const width = decimalWidth(precision);
    // The largest magnitude that a signed number of so many bytes can hold.
    const most = (bytes: number) => 2n ** BigInt(8 * bytes) / 2n - 1n;
    expect(most(width) >= largest).toBe(true);
    expect(most(width - 1) >= largest).toBe(false);
  }
});
