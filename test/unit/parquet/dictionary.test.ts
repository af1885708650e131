import { expect, test } from 'vitest';
import { Dictionary } from '../../../src/parquet/dictionary.ts';
import { columnOf, entriesOf, inKernel, kernel } from './batch-of.ts';

test('codes count from 0 in the order of first use, rows without a value and unused entries get none', () => {
  const dictionary = new Dictionary(kernel);
  const codes = inKernel(new Int32Array(7).fill(88));
  const ids = inKernel(Int32Array.from([5, -1, 2, 5, 7, -1, 99]));
  expect(dictionary.encode(ids, 6, 8, codes)).toBe(4);
  expect([...codes.subarray(0, 4)]).toEqual([0, 1, 0, 2]);
  expect(codes[6]).toBe(88);
  expect([...dictionary.order.subarray(0, dictionary.size)]).toEqual([5, 2, 7]);
});

test('nothing is left of the chunk before', () => {
  const dictionary = new Dictionary(kernel);
  const codes = inKernel(new Int32Array(3));
  dictionary.encode(inKernel(Int32Array.from([0, 1, 2])), 3, 3, codes);
  expect(dictionary.encode(inKernel(Int32Array.from([2, 2])), 2, 3, codes)).toBe(2);
  expect(dictionary.size).toBe(1);
  expect([...codes]).toEqual([0, 0, 2]);
});

test('a dictionary pays where values repeat, and not where each occurs once', () => {
  const column = columnOf('a', 'INTEGER');
  const entries = entriesOf(column, [1, 2, 3, 4]);
  const dictionary = new Dictionary(kernel);
  dictionary.encode(inKernel(Int32Array.from([0, 1, 2, 3])), 4, 4, inKernel(new Int32Array(4)));
  expect(dictionary.pays(entries, 4)).toBe(false);
  const repeated = inKernel(Int32Array.from({ length: 100 }, (_, row) => row % 4));
  dictionary.encode(repeated, 100, 4, inKernel(new Int32Array(100)));
  expect(dictionary.pays(entries, 100)).toBe(true);
});

test('a dictionary of more than a mebibyte does not pay', () => {
  const strings = Array.from({ length: 1100 }, (_, id) => String(id).padStart(1000));
  const entries = entriesOf(columnOf('a', 'TEXT'), strings);
  const dictionary = new Dictionary(kernel);
  const idsOf = (used: number) =>
    inKernel(Int32Array.from({ length: 10_000 }, (_, row) => row % used));
  const codes = inKernel(new Int32Array(10_000));
  dictionary.encode(idsOf(1100), 10_000, 1100, codes);
  expect(dictionary.pays(entries, 10_000)).toBe(false);
  // Only what is used counts.
  dictionary.encode(idsOf(1000), 10_000, 1100, codes);
  expect(dictionary.pays(entries, 10_000)).toBe(true);
});

test('a column without values has no dictionary', () => {
  const dictionary = new Dictionary(kernel);
  dictionary.encode(new Int32Array(0), 0, 0, new Int32Array(0));
  expect(dictionary.pays(entriesOf(columnOf('a', 'INTEGER'), []), 0)).toBe(false);
});
