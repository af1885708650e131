import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DistinctValues } from '../../../src/infer/distinct-values.ts';

function countAll(values: readonly string[], max: number): DistinctValues {
  const distinct = new DistinctValues(max);
  for (const value of values) {
    if (distinct.isOver) break;
    const bytes = Buffer.from(`<${value}>`);
    distinct.count(bytes, 1, bytes.length - 1);
  }
  return distinct;
}

test('counts as a map does', () => {
  const few = fc.array(fc.constantFrom('', 'a', 'b', 'ab', 'ba', 'é', '0', '00', '000'));
  const many = fc.array(fc.integer({ min: 0, max: 300 }).map(String), { maxLength: 600 });
  fc.assert(
    fc.property(fc.oneof(few, many), (values) => {
      const expected = new Map<string, number>();
      for (const value of values) expected.set(value, (expected.get(value) ?? 0) + 1);
      const distinct = countAll(values, 1000);
      const found = distinct.values.map((value, i) => [
        Buffer.from(value).toString(),
        distinct.counts[i],
      ]);
      expect(found).toEqual([...expected]);
      expect(distinct.isOver).toBe(false);
    }),
  );
});

test('is over at the first value beyond the limit, and at a long one', () => {
  expect(countAll(['a', 'b', 'a', 'b'], 2).isOver).toBe(false);
  expect(countAll(['a', 'b', 'c'], 2)).toMatchObject({ isOver: true, counts: [1, 1] });
  expect(countAll(['a', 'b'.repeat(65)], 2).isOver).toBe(true);
});
