import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Cleanup } from '../../../../scripts/bench/cleanup.ts';
import { provideData } from '../../../../scripts/bench/data.ts';
import { orders, students } from '../../../../scripts/bench/shape.ts';

const sizes = {
  studentRows: 500,
  orderRows: 12_000,
  fewStudentRows: 50,
  smallFiles: 3,
  largeTimes: 0,
};
let folder: string;
let cleanup: Cleanup;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'csv-hopper-bench-test-'));
  cleanup = new Cleanup();
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function hash(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
}

test('the same seed gives the same bytes, on every machine', async () => {
  const data = await provideData(folder, sizes, cleanup);
  expect(hash(data.students.path)).toBe('4dc1c53d9f4da463');
  expect(hash(data.orders.path)).toBe('33afd6a97710d810');
  expect(data.smallFiles.map((name) => hash(join(data.smallFolder, name)))).toEqual([
    '78fd35520daa6af0',
    '989c4296f641b001',
    '18866b992ce9fa78',
  ]);
});

test.each([
  { name: 'orders', shape: orders },
  { name: 'students', shape: students },
] as const)('$name have the columns and the rows that they are said to have', async (kind) => {
  const data = await provideData(folder, sizes, cleanup);
  const file = data[kind.name];
  const options = { delimiter: kind.shape.delimiter };
  const [header = [], ...rows] = parse(readFileSync(file.path), options);
  expect(header.map((column) => column.toLowerCase())).toEqual(Object.keys(kind.shape.columns));
  expect(rows).toHaveLength(file.rows);
});

test('orders hold what makes CSV hard: quoted delimiters, quotes and newlines, and nulls', async () => {
  const { orders: file } = await provideData(folder, sizes, cleanup);
  const rows = parse(readFileSync(file.path), { columns: true }) as unknown as Record<
    string,
    string
  >[];
  for (const odd of [',', '"', '\n']) {
    expect(rows.some((row) => row['note']?.includes(odd))).toBe(true);
  }
  for (const column of ['shipped_at', 'discount', 'note']) {
    expect(rows.some((row) => row[column] === '')).toBe(true);
  }
});

test('data that is there is taken as it is, and nothing half made is left', async () => {
  await provideData(folder, sizes, cleanup);
  const names = readdirSync(folder).sort();
  const again = await provideData(folder, sizes, cleanup);
  await cleanup.end();
  expect(readdirSync(folder).sort()).toEqual(names);
  expect(again.orders.rows).toBe(sizes.orderRows);
});
