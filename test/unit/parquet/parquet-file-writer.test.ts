import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codecNames, type CodecName } from '../../../src/core/codec-name.ts';
import { openCompressor } from '../../../src/parquet/compressor.ts';
import { ParquetFileWriter } from '../../../src/parquet/parquet-file-writer.ts';
import type { Column } from '../../../src/schema/column-type.ts';
import { batchOf, columnOf, type TestColumn, type Value } from './batch-of.ts';
import { everyType } from './every-type.ts';
import { openDuckDB, readWithHyparquet, readWithParquetJs, type DuckDB } from './read-back.ts';

type Values = readonly (Value | null)[];

let folder: string;
let path: string;
let duckdb: DuckDB;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parquet-file-writer-'));
  path = join(folder, 'a.parquet');
  duckdb = await openDuckDB();
});

afterAll(() => {
  duckdb.close();
  rmSync(folder, { recursive: true });
});

async function open(columns: readonly Column[], codec: CodecName = 'none') {
  const compress = await openCompressor(codec);
  const metadata = { 'csv-hopper.load_id': '0123', schema: 'é' };
  return new ParquetFileWriter(path, { columns, compress, metadata, createdBy: 'test version 1' });
}

/** Writes row groups of the same columns. */
async function write(groups: readonly (readonly TestColumn[])[], codec?: CodecName) {
  const writer = await open(
    groups[0]!.map(({ column }) => column),
    codec,
  );
  for (const group of groups) writer.writeRowGroup(batchOf(group));
  return writer.finish();
}

/** What a reader of exact values should find. */
function expected(groups: readonly (readonly TestColumn[])[]): Record<string, Values> {
  const table: Record<string, Values> = {};
  for (const { column, values } of groups.flat()) {
    table[column.name] = [
      ...(table[column.name] ?? []),
      ...values.map((value) => stored(column, value)),
    ];
  }
  return table;
}

function stored(column: Column, value: Value | null): Value | null {
  return value !== null && column.type.name === 'DECIMAL' ? BigInt(value) : value;
}

function allRows() {
  return duckdb.query('SELECT * FROM read_parquet($file)', path);
}

const nullPattern = fc.constantFrom<((row: number) => boolean)[]>(
  () => false,
  () => true,
  (row) => row % 2 === 0,
  (row) => (row * 2654435761) % 7 < 3,
  (row) => row < 40,
);

/** A row group of all types, each column with its own nulls and way of holding its values. */
function rowGroup(rows: number): fc.Arbitrary<TestColumn[]> {
  return fc.tuple(
    ...everyType.map(({ column, value }) =>
      fc
        .record({
          pool: fc.array(value, { minLength: 1, maxLength: 12 }),
          isNull: nullPattern,
          distinct: fc.boolean(),
          unused: fc.array(value, { maxLength: 3 }),
        })
        .map(({ pool, isNull, distinct, unused }) => ({
          column,
          values: Array.from({ length: rows }, (_, row) =>
            isNull(row) ? null : pool[(row * row) % pool.length]!,
          ),
          distinct,
          // An entry that differs from the used ones, as `distinct` promises.
          unused: distinct ? unused.filter((other) => !pool.some((used) => used == other)) : unused,
        })),
    ),
  );
}

const groups = fc
  .array(fc.integer({ min: 0, max: 150 }), { minLength: 1, maxLength: 3 })
  .chain((sizes) => fc.tuple(...sizes.map(rowGroup)));

test.each(codecNames)('DuckDB reads every type as it was written, %s', async (codec) => {
  await fc.assert(
    fc.asyncProperty(groups, async (written) => {
      await write(written, codec);
      expect(await allRows()).toEqual(expected(written));
    }),
    { numRuns: 12 },
  );
});

test.each(codecNames)('hyparquet reads every type as it was written, %s', async (codec) => {
  await fc.assert(
    fc.asyncProperty(groups, async (written) => {
      await write(written, codec);
      const read = await readWithHyparquet(path);
      for (const [name, values] of Object.entries(expected(written))) {
        const column = everyType.find((type) => type.column.name === name)!.column;
        if (column.type.name !== 'DECIMAL') {
          expect(read[name] ?? []).toEqual(values);
          continue;
        }
        values.forEach((value, row) => {
          const unscaled = value === null ? null : Number(value) / 10 ** column.type.scale;
          if (unscaled === null) expect(read[name]![row]).toBeNull();
          else
            expect(Math.abs(Number(read[name]![row]) - unscaled)).toBeLessThanOrEqual(
              Math.abs(unscaled) * 1e-12,
            );
        });
      }
    }),
    { numRuns: 12 },
  );
});

test.each(['snappy', 'gzip', 'none'] as const)(
  'parquetjs-lite reads PLAIN pages, %s',
  async (codec) => {
    const group: TestColumn[] = [
      { column: columnOf('small', 'TINYINT'), values: [-128, null, 127], distinct: false },
      {
        column: columnOf('whole', 'INTEGER'),
        values: [-(2 ** 31), null, 2 ** 31 - 1],
        distinct: false,
      },
      {
        column: columnOf('large', 'BIGINT', false),
        values: [-(2n ** 63n), 0n, 2n ** 63n - 1n],
        distinct: false,
      },
      { column: columnOf('double', 'DOUBLE'), values: [-0.1, 1e300, null], distinct: false },
      { column: columnOf('float', 'FLOAT'), values: [0.5, null, null], distinct: false },
      { column: columnOf('flag', 'BOOLEAN'), values: [true, null, false], distinct: false },
      { column: columnOf('string', 'VARCHAR', false), values: ['', 'é😀', 'a;b'], distinct: false },
      { column: columnOf('json', 'JSON', false), values: ['[1]', '{"a":2}', '3'], distinct: false },
      { column: columnOf('date', 'DATE', false), values: [-1, 0, 20000], distinct: false },
      {
        column: columnOf('moment', 'DATETIME', false),
        values: [-1000n, 0n, 5000n],
        distinct: false,
      },
    ];
    await write([group, group], codec);
    const read = await readWithParquetJs(path);
    const values = expected([group, group]);
    const date = (days: Value | null) => new Date(Number(days) * 86_400_000);
    const moment = (micros: Value | null) => new Date(Number(micros) / 1000);
    const json = (text: Value | null) => JSON.parse(String(text)) as unknown;
    expect(read).toEqual({
      ...values,
      json: values['json']!.map(json),
      date: values['date']!.map(date),
      moment: values['moment']!.map(moment),
    });
  },
);

test.each([19_999, 20_000, 20_001, 40_000, 45_003])(
  'values and nulls keep their rows across page borders, %i rows',
  async (rows) => {
    const column = (name: string, nth: number, of: (row: number) => Value): TestColumn[] =>
      [true, false].map((distinct) => ({
        column: columnOf(`${name}_${String(distinct)}`, name.toUpperCase() as 'TEXT', nth > 0),
        values: Array.from({ length: rows }, (_, row) =>
          nth > 0 && row % nth === 0 ? null : of(row),
        ),
        distinct,
      }));
    const group = [
      ...column('integer', 0, (row) => row % 300),
      ...column('bigint', 3, (row) => BigInt(row >> 6) - 2n ** 60n),
      ...column('text', 19_999, (row) => `text ${(row * row) % 1000}`),
      ...column('boolean', 2, (row) => row % 5 === 0),
      ...column('double', 20_001, (row) => row / 7),
      ...column('date', 20_000, () => -5),
    ];
    await write([group, group], 'snappy');
    const table = expected([group, group]);
    expect(await allRows()).toEqual(table);
    expect(await readWithHyparquet(path)).toEqual(table);
  },
);

test('long strings are spread over pages, and one may be longer than a page', async () => {
  const values = Array.from({ length: 40 }, (_, row) =>
    row % 7 === 0 ? null : String(row).repeat(row === 9 ? 3_000_000 : 100_000),
  );
  const group = [{ column: columnOf('a', 'LONGTEXT'), values, distinct: true }];
  await write([group], 'zstd');
  expect(await allRows()).toEqual({ a: values });
  expect(await readWithHyparquet(path)).toEqual({ a: values });
});

test('a file without rows has its schema and no row group', async () => {
  const columns = everyType.map(({ column }) => column);
  const writer = await open(columns);
  writer.writeRowGroup(batchOf(columns.map((column) => ({ column, values: [], distinct: true }))));
  expect(writer.finish()).toEqual({ bytes: statSync(path).size, rows: 0, rowGroups: 0 });
  const read = await allRows();
  expect(Object.entries(read)).toEqual(columns.map(({ name }) => [name, []]));
  expect(await readWithHyparquet(path)).toEqual({});
});

test('finish tells the size of the file, its rows and row groups', async () => {
  const group = [{ column: columnOf('a', 'INTEGER'), values: [1, 2, null], distinct: true }];
  expect(await write([group, group])).toEqual({
    bytes: statSync(path).size,
    rows: 6,
    rowGroups: 2,
  });
});

test('the same input gives the same bytes', async () => {
  const sample = fc.sample(groups, { numRuns: 1, seed: 42 })[0]!;
  for (const codec of codecNames) {
    await write(sample, codec);
    const first = readFileSync(path);
    await write(sample, codec);
    expect(readFileSync(path).equals(first)).toBe(true);
  }
});

test('nulls that the schema forbids, or the batch does not count, are a defect', async () => {
  const column = columnOf('a', 'INTEGER', false);
  const forbidden = await open([column]);
  expect(() => {
    forbidden.writeRowGroup(batchOf([{ column, values: [null], distinct: false }]));
  }).toThrow('Column a has 1 nulls');
  expect(() => forbidden.finish()).toThrow('broke it off');
  forbidden.abort();
  const nullable = columnOf('a', 'INTEGER');
  const miscounted = await open([nullable]);
  const batch = batchOf([{ column: nullable, values: [null, 1], distinct: false }]);
  batch.columns[0]!.nullCount = 0;
  expect(() => {
    miscounted.writeRowGroup(batch);
  }).toThrow('says 0');
  miscounted.abort();
});

test('a batch of other columns is a defect', async () => {
  const column = columnOf('a', 'INTEGER');
  for (const other of [columnOf('b', 'INTEGER'), columnOf('a', 'BIGINT')]) {
    const writer = await open([column]);
    expect(() => {
      writer.writeRowGroup(batchOf([{ column: other, values: [1], distinct: false }]));
    }).toThrow('other columns');
    writer.abort();
  }
});

test('aborting removes the file at any time, and again does nothing', async () => {
  const column = columnOf('a', 'INTEGER');
  const writer = await open([column]);
  writer.writeRowGroup(batchOf([{ column, values: [1], distinct: false }]));
  writer.abort();
  expect(existsSync(path)).toBe(false);
  writer.abort();
  expect(() => writer.finish()).toThrow('closed');
  const finished = await open([column]);
  finished.finish();
  finished.abort();
  expect(existsSync(path)).toBe(false);
});

test.skipIf(!existsSync('/dev/full'))(
  'when the disk is full finish says so and abort cleans up',
  async () => {
    rmSync(path, { force: true });
    symlinkSync('/dev/full', path);
    const writer = await open([columnOf('a', 'INTEGER')]);
    expect(() => writer.finish()).toThrow(expect.objectContaining({ code: 'disk_full' }));
    expect(() => writer.finish()).toThrow('broke it off');
    writer.abort();
    expect(existsSync(path)).toBe(false);
  },
);
