import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Footer, readFooter } from '../../../src/parquet/read-footer.ts';
import { columnOf } from './batch-of.ts';
import { everyType } from './every-type.ts';
import { writeParquet } from './write-parquet.ts';

let folder: string;
let path: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'read-footer-'));
  path = join(folder, 'a.parquet');
  // Every field that our footers have, and more elements than fit into the header of a list.
  const values = Array.from({ length: 40 }, (_, i) => BigInt(i));
  const group = [{ column: columnOf('n', 'BIGINT', true), values, distinct: true }];
  await writeParquet(path, [group, group], 'zstd');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('the footer of a file of ours is read', () => {
  const { rows, metadata } = readFooter(path) as Footer;
  expect(rows).toBe(80);
  expect([...metadata]).toEqual([
    ['csv-hopper.load_id', '0123'],
    ['note', 'é'],
  ]);
});

test('columns of every type are passed over', async () => {
  const all = join(folder, 'all.parquet');
  await writeParquet(all, [
    everyType.map(({ column }) => ({ column, values: [], distinct: true })),
  ]);
  expect(readFooter(all)).toMatchObject({ rows: 0 });
});

test('the footer of a file that another writer made is read', async () => {
  const other = join(folder, 'other.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT range AS n, [range] AS list, {'a': range} AS struct FROM range(5000)) TO '${other}' (FORMAT parquet)`,
  );
  connection.closeSync();
  instance.closeSync();
  expect(readFooter(other)).toMatchObject({ rows: 5000 });
});

test('a file that is cut short anywhere is no Parquet file', () => {
  const bytes = readFileSync(path);
  const cut = join(folder, 'cut.parquet');
  for (let length = 0; length < bytes.length; length++) {
    writeFileSync(cut, bytes.subarray(0, length));
    expect(readFooter(cut), `${length} bytes`).toBeTypeOf('string');
  }
});

test('no damage to the footer makes the reader fail', () => {
  const bytes = readFileSync(path);
  const damaged = join(folder, 'damaged.parquet');
  for (let at = bytes.length - 600; at < bytes.length; at++) {
    for (const flip of [0xff, 0x0c]) {
      const copy = Buffer.from(bytes);
      copy[at]! ^= flip;
      writeFileSync(damaged, copy);
      const footer = readFooter(damaged);
      if (typeof footer !== 'string') expect(footer.rows).toBeTypeOf('number');
    }
  }
});

test('a file that is not there is told as such', () => {
  expect(readFooter(join(folder, 'none'))).toBe('it cannot be opened (ENOENT)');
});
