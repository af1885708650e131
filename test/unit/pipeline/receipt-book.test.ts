import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { PASSAGES_MAX } from '../../../src/pipeline/capacity.ts';
import {
  type Receipt,
  ReceiptBook,
  readReceipts,
  receiptsOf,
  receiptsPath,
} from '../../../src/pipeline/receipt-book.ts';

let folder: string;
let path: string;
const books: ReceiptBook[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'csv-hopper-receipts-'));
  path = receiptsPath(folder, 'people');
});
afterEach(async () => {
  for (const book of books.splice(0)) await book.close();
  rmSync(folder, { recursive: true });
});

async function openBook(): Promise<ReceiptBook> {
  const book = new ReceiptBook(path);
  books.push(book);
  await book.open();
  return book;
}

function receipt(n: number, sha256 = `content ${n}`): Receipt {
  const dropped = { rowsDroppedNull: 0, rowsDroppedDuplicate: 0 };
  return {
    time: '2026-01-01T00:00:00.000Z',
    loadId: `load ${n}`,
    dataset: 'people',
    file: `${n}.csv`,
    sha256,
    bytes: 10,
    ...{ rowsRead: 1, rowsAccepted: 1, rowsRejected: 0, ...dropped },
    parquet: `people/${n}.parquet`,
    table: 'people',
    durationMs: 5,
  };
}

async function loadIds(): Promise<string[]> {
  const ids: string[] = [];
  for await (const { loadId } of readReceipts(path)) ids.push(loadId);
  return ids;
}

test('a name with line separators is in one line, and is known to the next book', async () => {
  const odd = { ...receipt(1), file: 'a\u2028b\u2029c\u0085d\re.csv' };
  await (await openBook()).add(odd);
  await (await openBook()).add(receipt(2));
  expect((await openBook()).findLoad('load 1')?.file).toBe(odd.file);
  expect(await loadIds()).toEqual(['load 1', 'load 2']);
});

test('a receipt is in the journal when add returns, and is known to the next book', async () => {
  const book = await openBook();
  await book.add(receipt(1));
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(receipt(1));
  expect(book.findLoad('load 1')).toMatchObject({
    loadId: 'load 1',
    file: '1.csv',
    table: 'people',
  });
  expect((await openBook()).findLoad('load 1')?.file).toBe('1.csv');
  expect(book.findLoad('load 2')).toBeUndefined();
});

test('receipts that come at the same time are all written, in their order', async () => {
  const book = await openBook();
  const numbers = Array.from({ length: 500 }, (_, n) => n);
  await Promise.all(numbers.map((n) => book.add(receipt(n))));
  expect(await loadIds()).toEqual(numbers.map((n) => `load ${n}`));
});

async function spyOnDatasync() {
  const handle = await open(path);
  const datasync = vi.spyOn(Object.getPrototypeOf(handle) as typeof handle, 'datasync');
  await handle.close();
  onTestFinished(() => {
    datasync.mockRestore();
  });
  return datasync;
}

test('a receipt that a killed process has written is made durable before anybody goes by it', async () => {
  await (await openBook()).add(receipt(1));
  appendFileSync(path, `${JSON.stringify(receipt(2))}\n`);
  const datasync = await spyOnDatasync();
  const book = await openBook();
  expect(book.findLoad('load 2')).toBeDefined();
  expect(datasync).toHaveBeenCalledTimes(1);
  datasync.mockRejectedValueOnce(new Error('EIO'));
  await expect(openBook()).rejects.toThrow('EIO');
});

test('a receipt that could not be made durable is there once when it is added again', async () => {
  const book = await openBook();
  await book.add(receipt(1));
  const datasync = await spyOnDatasync();
  datasync.mockRejectedValueOnce(new Error('EIO'));
  await expect(book.add(receipt(2))).rejects.toThrow('EIO');
  expect(await loadIds()).toEqual(['load 1']);
  expect(book.findLoad('load 2')).toBeUndefined();
  await book.add(receipt(2));
  expect(await loadIds()).toEqual(['load 1', 'load 2']);
});

test('content is found under the name that it had first', async () => {
  const book = await openBook();
  await book.add(receipt(1, 'same'));
  await book.add(receipt(2, 'same'));
  expect(book.findContent('same')?.file).toBe('1.csv');
  expect((await openBook()).findContent('same')?.file).toBe('1.csv');
});

test('a torn last line is ignored, and what is added later is a line of its own', async () => {
  await (await openBook()).add(receipt(1));
  appendFileSync(path, JSON.stringify(receipt(2)).slice(0, 40));
  const book = await openBook();
  expect(book.findLoad('load 2')).toBeUndefined();
  await book.add(receipt(3));
  expect(await loadIds()).toEqual(['load 1', 'load 3']);
});

test('of a load that was brought back the last receipt stands, and no other', async () => {
  const book = await openBook();
  await book.add({ ...receipt(1), table: null });
  await book.add(receipt(2));
  await book.add({ ...receipt(1), again: true });
  expect(await loadIds()).toEqual(['load 2', 'load 1']);
  for await (const { table } of readReceipts(path)) expect(table).toBe('people');
  expect((await openBook()).findLoad('load 1')?.table).toBe('people');
});

test('the ends are known of as many loads as may be under way, the latest ones', async () => {
  const loads = Array.from({ length: PASSAGES_MAX + 1 }, (_, n) => receipt(n));
  const adding = await openBook();
  await Promise.all(loads.map((load) => adding.add(load)));
  const book = await openBook();
  expect(book.findEnd('load 0')).toBeUndefined();
  expect(book.findEnd('load 1')).toEqual({
    ...{ bytes: 10, durationMs: 5, rowsRead: 1, rowsAccepted: 1, rowsRejected: 0 },
    ...{ rowsDroppedNull: 0, rowsDroppedDuplicate: 0 },
  });
  await book.add({ undone: 'load 1', time: '2026-01-02T00:00:00.000Z' });
  expect(book.findEnd('load 1')).toBeUndefined();
});

test('lines that are no receipts are ignored', async () => {
  await (await openBook()).add(receipt(1));
  writeFileSync(path, `\nnull\n17\n{"a":1}\n${readFileSync(path, 'utf8')}`);
  expect(await loadIds()).toEqual(['load 1']);
});

test('a load of which rows are committed is known as unfinished until it is finished or taken back', async () => {
  const time = '2026-01-01T00:00:00.000Z';
  const book = await openBook();
  for (const n of [1, 2, 3]) await book.add({ unfinished: `load ${n}`, time });
  await book.add(receipt(1));
  await book.add({ undone: 'load 2', time });
  for (const one of [book, await openBook()]) {
    expect([1, 2, 3].map((n) => one.isUnfinished(`load ${n}`))).toEqual([false, false, true]);
    expect(one.findLoad('load 3')).toBeUndefined();
  }
  expect(await loadIds()).toEqual(['load 1']);
});

test('an add to a book that is closed is rejected', async () => {
  const book = await openBook();
  await book.close();
  await expect(book.add(receipt(1))).rejects.toThrow('not open');
});

test('a dataset without a book is a defect', () => {
  expect(() => receiptsOf(new Map(), 'people')).toThrow('people');
});

test('a load that was replaced does not stand, its file has the versions that do, and dropped again it stands anew', async () => {
  const time = '2026-01-01T00:00:00.000Z';
  const version = (n: number): Receipt => ({ ...receipt(n), file: 'a.csv' });
  const book = await openBook();
  await book.add(version(1));
  await book.add(receipt(7));
  expect(book.versionsOf('a.csv')).toEqual(['load 1']);
  await book.add({ replaced: 'load 1', by: 'load 2', time });
  await book.add(version(2));
  for (const known of [book, await openBook()]) {
    expect(known.findLoad('load 1')).toBeUndefined();
    expect(known.findContent('content 1')).toBeUndefined();
    expect(known.versionsOf('a.csv')).toEqual(['load 2']);
    expect(known.versionsOf('b.csv')).toEqual([]);
    expect(known.wasFinished('load 1')).toBe(true);
  }
  expect(await loadIds()).toEqual(['load 7', 'load 2']);
  await book.add({ replaced: 'load 2', by: 'load 1', time });
  await book.add(version(1));
  expect(book.versionsOf('a.csv')).toEqual(['load 1']);
  expect(await loadIds()).toEqual(['load 7', 'load 1']);
});
