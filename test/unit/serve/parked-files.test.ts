import { expect, test } from 'vitest';
import { HopperError } from '../../../src/errors/hopper-error.ts';
import { ParkedFiles } from '../../../src/serve/parked-files.ts';

const away = new HopperError('database_unreachable');
const full = new HopperError('disk_full');
const of = (file: string, dataset = 'people', loadId = `${file}-load`) => ({
  file,
  dataset,
  loadId,
});

test('files are counted by dataset and by what they wait for, until they go on or end', () => {
  const parked = new ParkedFiles();
  parked.hear('parked', { ...of('a.csv'), err: away });
  parked.hear('parked', { ...of('b.csv'), err: away });
  parked.hear('parked', { ...of('b.csv'), err: away });
  parked.hear('parked', { ...of('c.csv', 'orders'), err: full });
  expect([parked.countOf('people'), parked.countOf('orders')]).toEqual([2, 1]);
  expect(parked.troubles).toMatchObject([
    { code: 'database_unreachable', files: 2 },
    { code: 'disk_full', files: 1 },
  ]);
  parked.hear('resumed', of('a.csv'));
  parked.hear('failed', of('b.csv'));
  parked.hear('finished', of('c.csv', 'orders'));
  expect(parked.troubles).toEqual([]);
});

test('a file that was parked before its load was known is no longer when it ends', () => {
  const parked = new ParkedFiles();
  parked.hear('parked', { file: 'a.csv', dataset: 'people', err: full });
  parked.hear('finished', of('a.csv'));
  expect(parked.countOf('people')).toBe(0);
});

test('what is no trouble of a file is none', () => {
  const parked = new ParkedFiles();
  parked.hear('parked', { err: full });
  parked.hear('parked', of('a.csv'));
  parked.hear('parked', { ...of('a.csv'), err: new Error('note not written') });
  expect([parked.troubles, parked.claimTrouble]).toEqual([[], null]);
});

test('a folder in which nothing can be claimed is trouble until something is', () => {
  const parked = new ParkedFiles();
  const unreadable = new HopperError('source_unreadable');
  parked.hear('parked', { file: 'a.csv', err: unreadable });
  expect(parked.claimTrouble).toBeNull();
  parked.hear('parked', { file: 'a.csv', err: full });
  expect(parked.claimTrouble).toBe(full);
  // Left where it is, which says nothing of claims.
  parked.hear('found', { file: 'link.csv' });
  expect(parked.claimTrouble).toBe(full);
  parked.hear('found', { file: 'b.csv', bytes: 10 });
  expect(parked.claimTrouble).toBeNull();
});
