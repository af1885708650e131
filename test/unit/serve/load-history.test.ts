import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { LoadHistory } from '../../../src/serve/load-history.ts';
import { spanStart, throughput } from '../../../src/serve/throughput.ts';

const all = { search: '', dataset: null, state: null };
let output: string;
let history: LoadHistory;
beforeEach(() => {
  output = mkdtempSync(join(tmpdir(), 'csv-hopper-history-'));
  const datasets = [{ name: 'a' }, { name: 'b' }];
  history = new LoadHistory({ folders: { output }, datasets } as unknown as Config);
});
afterEach(() => {
  rmSync(output, { recursive: true });
});

const idOf = (n: number): string => n.toString(16).padStart(32, '0');

function write(dataset: string, ...lines: object[]): void {
  mkdirSync(join(output, dataset), { recursive: true });
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  appendFileSync(join(output, dataset, '.receipts.jsonl'), text);
}

function receipt(n: number, more: object = {}): object {
  return {
    ...{
      time: new Date(1_800_000_000_000 + n * 1000).toISOString(),
      loadId: idOf(n),
      dataset: 'a',
    },
    ...{
      file: `file-${n}.csv`,
      sha256: '0',
      bytes: 10,
      rowsRead: 4,
      rowsAccepted: 4,
      rowsRejected: 0,
    },
    ...{ rowsDroppedNull: 0, rowsDroppedDuplicate: 0, parquet: 'p', table: null, durationMs: 1 },
    ...more,
  };
}

const shown = async (filter: Partial<typeof all> = {}, max = 10) => {
  const { loads } = await history.page({ ...all, ...filter }, null, max);
  return loads.map(({ file, state }) => `${file} ${state}`);
};

test('nothing was loaded yet', async () => {
  expect(await history.page(all, null, 10)).toEqual({
    loads: [],
    matching: 0,
    total: 0,
    next: null,
  });
});

test('loads of all datasets are listed by their times, and new ones as they come', async () => {
  write('a', receipt(1), receipt(3));
  write('b', receipt(2, { dataset: 'b' }));
  expect(await shown()).toEqual(['file-3.csv loaded', 'file-2.csv loaded', 'file-1.csv loaded']);
  write('b', receipt(4, { dataset: 'b', rowsRejected: 1 }));
  expect(await shown()).toHaveLength(4);
  expect(await shown({ dataset: 'b' as never })).toEqual([
    'file-4.csv diverted',
    'file-2.csv loaded',
  ]);
  expect((await history.find(idOf(4)))?.file).toBe('file-4.csv');
});

test('a load that was finished once more, for a database that had lost it, is one load', async () => {
  write('a', receipt(1), receipt(2));
  expect(await shown()).toHaveLength(2);
  const again = { ...receipt(3), loadId: idOf(1), file: 'file-1.csv', table: 'a' };
  write('a', again);
  expect(await shown()).toEqual(['file-1.csv loaded', 'file-2.csv loaded']);
  expect(await history.find(idOf(1))).toMatchObject({ table: 'a' });
  write('a', { undone: idOf(1), time: '' });
  expect(await shown()).toEqual(['file-1.csv undone', 'file-2.csv loaded']);
  write('a', { ...again, time: new Date(1_800_000_009_000).toISOString() });
  expect(await shown()).toHaveLength(3);
});

test('what was taken back or replaced says so, and what was loaded again since stands', async () => {
  write('a', receipt(1), receipt(2), receipt(3));
  await shown();
  write('a', { undone: idOf(1), time: '' }, { replaced: idOf(2), by: idOf(3), time: '' });
  expect(await shown()).toEqual(['file-3.csv loaded', 'file-2.csv replaced', 'file-1.csv undone']);
  write('a', receipt(9, { loadId: idOf(1), file: 'file-1.csv' }));
  expect((await history.find(idOf(1)))?.state).toBe('loaded');
  expect(await shown({ state: 'undone' as never })).toEqual(['file-1.csv undone']);
});

test('a line that is torn, or not written to its end yet, is none', async () => {
  write('a', receipt(1));
  appendFileSync(join(output, 'a', '.receipts.jsonl'), '{"torn\n{"loadId":"half');
  expect(await shown()).toEqual(['file-1.csv loaded']);
  writeFileSync(join(output, 'a', '.receipts.jsonl'), '');
  write('a', receipt(2));
  expect(await shown()).toEqual(['file-2.csv loaded']);
});

test('a journal that is another file is read from its start, and those of other datasets with it', async () => {
  write('a', receipt(1), receipt(3));
  write('b', receipt(2, { dataset: 'b' }));
  expect(await shown()).toHaveLength(3);
  // Restored from a backup, and longer than what was there.
  const path = join(output, 'b', '.receipts.jsonl');
  renameSync(path, `${path}.old`);
  write('b', ...[4, 5, 6].map((n) => receipt(n, { dataset: 'b' })));
  const all = [6, 5, 4, 3, 1].map((n) => `file-${n}.csv loaded`);
  expect(await shown()).toEqual(all);
  rmSync(path);
  expect(await shown()).toEqual(all.slice(3));
});

test('a damaged line that is JSON all the same is no load', async () => {
  write('a', receipt(1), { loadId: idOf(2) }, receipt(3, { file: 7 }));
  expect(await shown({ search: 'file' })).toEqual(['file-1.csv loaded']);
});

test('pages follow one another, also when something comes in between', async () => {
  write('a', ...Array.from({ length: 7 }, (_, n) => receipt(n)));
  const first = await history.page(all, null, 3);
  expect([first.matching, first.total]).toEqual([7, 7]);
  write('a', receipt(8));
  const second = await history.page(all, first.next, 3);
  expect(second.loads.map(({ file }) => file)).toEqual(['file-3.csv', 'file-2.csv', 'file-1.csv']);
  const third = await history.page(all, second.next, 3);
  expect([third.loads.length, third.next]).toEqual([1, null]);
});

test('loads are found by a part of the name, in any case, and by the start of the id', async () => {
  write(
    'a',
    receipt(1, { file: 'Sales-2026.csv' }),
    receipt(2, { loadId: 'abcdef01'.padEnd(32, '0') }),
  );
  expect(await shown({ search: 'sales' })).toEqual(['Sales-2026.csv loaded']);
  expect(await shown({ search: 'abcdef' })).toEqual(['file-2.csv loaded']);
});

test('a long history is bounded to its newest part', async () => {
  write('a', ...Array.from({ length: 20_005 }, (_, n) => receipt(n)));
  const { total, loads } = await history.page(all, null, 1);
  expect([total, loads[0]?.file]).toEqual([20_000, 'file-20004.csv']);
  expect(await history.find(idOf(4))).toBeNull();
});

test('throughput counts loads in the period of their time, the last of which is now', async () => {
  const nowMs = Date.parse('2027-01-15T12:34:56Z');
  const time = (ms: number): object => ({ time: new Date(nowMs - ms).toISOString() });
  write('a', receipt(1, time(1000)), receipt(2, time(61_000)), receipt(3, time(7_200_000)));
  const { from, periods } = throughput(
    await history.since(spanStart('hour', nowMs)),
    'hour',
    nowMs,
  );
  expect([from, periods.length]).toEqual(['2027-01-15T11:35:00.000Z', 60]);
  expect(periods.slice(-3).map(({ files, rows, bytes }) => [files, rows, bytes])).toEqual([
    ...[
      [0, 0, 0],
      [1, 4, 10],
      [1, 4, 10],
    ],
  ]);
});

test('a load that is older than those that are listed is found in the journals, with what became of it', async () => {
  const many = Array.from({ length: 20_100 }, (_, n) => receipt(n));
  write('a', ...many);
  write('b', receipt(30_000, { dataset: 'b' }));
  expect(await history.find(idOf(7))).toBeNull();
  expect(await history.findOlder(idOf(7))).toMatchObject({ file: 'file-7.csv', state: 'loaded' });
  write('a', { undone: idOf(7) });
  expect(await history.findOlder(idOf(7))).toMatchObject({ file: 'file-7.csv', state: 'undone' });
  expect(await history.findOlder(idOf(40_000))).toBeNull();
});
