import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadIdOf } from '../../../src/core/load-id.ts';
import { type LoadIdentity, noRows } from '../../../src/core/load.ts';
import {
  earlierName,
  loadedReceipt,
  receiptName,
  type SenderReceipt,
  skippedReceipt,
  undoneReceipt,
} from '../../../src/pipeline/sender-receipt.ts';
import { SenderReceipts } from '../../../src/pipeline/sender-receipts.ts';

let root: string;
let folder: string;
let receipts: SenderReceipts;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hopper-receipts-'));
  folder = join(root, 'receipts');
  receipts = new SenderReceipts(folder);
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function load(file: string, content: string): LoadIdentity {
  const sha256 = content.padEnd(64, '0');
  return { loadId: loadIdOf('people', file, sha256), dataset: 'people', file, sha256, bytes: 1 };
}

test('a receipt says of one row what it says of several', () => {
  const reason = (rowsRead: number, rowsAccepted: number, rowsDroppedDuplicate = 0): string =>
    loadedReceipt(load('a.csv', '1'), { ...noRows, rowsRead, rowsAccepted, rowsDroppedDuplicate })
      .reason;
  expect(reason(1, 1)).toBe('Of 1 row 1 is loaded.');
  expect(reason(2, 1, 1)).toBe('Of 2 rows 1 is loaded, 1 dropped because it repeats another.');
  expect(reason(4, 2, 2)).toBe('Of 4 rows 2 are loaded, 2 dropped because they repeat another.');
});

const first = load('a.csv', '1');
const second = load('a.csv', '2');
const loaded = (of: LoadIdentity): SenderReceipt => loadedReceipt(of, noRows);

function newest(file = 'a.csv'): SenderReceipt {
  return JSON.parse(readFileSync(join(folder, receiptName(file)), 'utf8')) as SenderReceipt;
}

function earlier(): string[] {
  return readdirSync(join(folder, 'earlier')).sort();
}

test('a receipt of another load takes the place of the one before, which is kept', async () => {
  await receipts.put(loaded(first));
  await receipts.put(loaded(second));
  expect(newest()).toMatchObject({ file: 'a.csv', verdict: 'loaded', loadId: second.loadId });
  expect(earlier()).toEqual([earlierName('a.csv', first.loadId)]);
});

test('the same receipt once more is one receipt', async () => {
  await receipts.put(loaded(first));
  await receipts.put(loaded(first));
  expect(readdirSync(folder)).toEqual(['a.csv.json']);
});

test('files of one name that end at the same time have a receipt each', async () => {
  const loads = Array.from({ length: 20 }, (_, n) => load('a.csv', `${n + 10}`));
  await Promise.all(loads.map((of) => receipts.put(loaded(of))));
  const last = loads.pop();
  expect(newest().loadId).toBe(last?.loadId);
  expect(earlier()).toEqual(loads.map(({ loadId }) => earlierName('a.csv', loadId)).sort());
});

test('after a crash a load that has its receipt, newest or earlier, gets no other', async () => {
  await receipts.put(loaded(first));
  await receipts.putIfMissing(skippedReceipt(first));
  expect(newest().verdict).toBe('loaded');
  await receipts.put(loaded(second));
  await receipts.putIfMissing(skippedReceipt(first));
  expect(newest().loadId).toBe(second.loadId);
  rmSync(join(folder, 'earlier'), { recursive: true });
  await receipts.putIfMissing(skippedReceipt(first));
  expect(newest()).toMatchObject({ verdict: 'skipped', repeats: first.loadId });
});

test('what is said of a load afterwards does not hide what came after it', async () => {
  await receipts.put(loaded(first));
  await receipts.putBelated(undoneReceipt(first));
  expect(newest().verdict).toBe('undone');
  await receipts.put(loaded(second));
  await receipts.putBelated(undoneReceipt(first));
  expect(newest()).toMatchObject({ verdict: 'loaded', loadId: second.loadId });
  expect(earlier()).toEqual([earlierName('a.csv', first.loadId)]);
});

test('nothing that is no receipt is overwritten, followed or waited for', async () => {
  const outside = join(root, 'outside');
  writeFileSync(outside, 'mine');
  const path = join(folder, 'a.csv.json');
  const others: (() => void)[] = [
    () => {
      mkdirSync(path);
    },
    () => {
      symlinkSync(outside, path);
    },
    () => execFileSync('mkfifo', [path]),
    () => {
      writeFileSync(path, 'no JSON');
    },
    () => {
      writeFileSync(path, JSON.stringify({ loadId: '../../x', verdict: 'loaded' }));
    },
    () => {
      writeFileSync(path, 'x'.repeat(2 << 20));
    },
  ];
  mkdirSync(folder);
  for (const [n, make] of others.entries()) {
    make();
    await receipts.put(loaded(first));
    expect(newest().verdict).toBe('loaded');
    expect(earlier()).toHaveLength(n + 1);
    rmSync(path);
  }
  expect(readFileSync(outside, 'utf8')).toBe('mine');
  expect(readdirSync(root).sort()).toEqual(['outside', 'receipts']);
});

test('names of any length have receipts of their own, with room for those that are kept', async () => {
  const names = ['é', 'a'].flatMap((letter) =>
    [120, 125, 240, 242, 250, 251].map((length) => letter.repeat(length)),
  );
  const fitting = names.filter((name) => Buffer.byteLength(name) <= 251);
  const long = fitting.flatMap((name) => [`${name}.csv`, `${name}.CSV`]);
  expect(new Set(long.map(receiptName)).size).toBe(long.length);
  for (const name of long) {
    await receipts.put(loaded(load(name, '1')));
    await receipts.put(loaded(load(name, '2')));
    expect(newest(name).file).toBe(name);
  }
  expect(earlier()).toHaveLength(long.length);
});

test('a folder that is gone is made again', async () => {
  await receipts.put(loaded(first));
  rmSync(folder, { recursive: true });
  await receipts.put(loaded(second));
  expect(readdirSync(folder)).toEqual(['a.csv.json']);
});
