import { expect, test } from 'vitest';
import { rejectFileName, sourceOfRejects } from '../../../src/core/reject-name.ts';

test.each([
  ['a.csv.rejects.csv', 'a.csv'],
  ['A.CSV.REJECTS.CSV', 'A.CSV'],
  ['a.csv.rejects (1).csv', 'a.csv'],
  ['a.csv.rejects - Copy.csv', 'a.csv'],
  ['a.csv.rejects_fixed.csv', 'a.csv'],
  ['a.csv.rejects.fixed.csv', null],
  ['a.csv', null],
  ['rejects.csv', null],
  ['.rejects.csv', null],
  ['a.rejectsome.csv', null],
])('%s is of %s', (name, source) => {
  expect(sourceOfRejects(name)).toBe(source);
});

test('the name of a reject file fits a file system, and says of which file it is', () => {
  expect(sourceOfRejects(rejectFileName('a.csv'))).toBe('a.csv');
  const long = rejectFileName('é'.repeat(127));
  expect(Buffer.byteLength(long)).toBeLessThanOrEqual(255);
  expect(long.endsWith('é.rejects.csv')).toBe(true);
});
