import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codecNames, type CodecName } from '../../../src/core/codec-name.ts';
import { openCompressor } from '../../../src/parquet/compressor.ts';
import {
  createParquetFile,
  discardParquetFile,
  finishParquetFile,
  FIRST_ROW_GROUP_OFFSET,
  writeRowGroup,
} from '../../../src/parquet/parquet-file.ts';
import { RowGroupEncoder } from '../../../src/parquet/row-group-encoder.ts';
import type { Column } from '../../../src/schema/column-type.ts';
import { expectSame } from '../../support/expect-same.ts';
import { batchOf, columnOf, type TestColumn, type Value, kernel } from './batch-of.ts';
import { everyType } from './every-type.ts';
import { openDuckDB, readWithHyparquet, readWithParquetJs, type DuckDB } from './read-back.ts';
import { compressAll, describe, writeParquet } from './write-parquet.ts';

type Values = readonly (Value | null)[];

let folder: string;
let path: string;
let duckdb: DuckDB;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parquet-file-'));
  path = join(folder, 'a.parquet');
  duckdb = await openDuckDB();
});

afterAll(() => {
  duckdb.close();
  rmSync(folder, { recursive: true });
});

function write(groups: readonly (readonly TestColumn[])[], codec?: CodecName) {
  return writeParquet(path, groups, codec);
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

/** Whole numbers of a type from `min` to `max` that go up and down by steps of up to `width` bits. */
function walk(min: bigint, max: bigint, rows: number): fc.Arbitrary<bigint[]> {
  return fc.integer({ min: 0, max: 64 }).chain((width) =>
    fc
      .tuple(
        fc.bigInt(min, max),
        fc.array(fc.bigInt(0n, 2n ** BigInt(width)), { minLength: rows, maxLength: rows }),
        fc.boolean(),
      )
      .map(([start, steps, falls]) => {
        let value = start;
        return steps.map((step, row) => {
          const next = falls && row % 2 === 0 ? value - step : value + step;
          if (next >= min && next <= max) value = next;
          return value;
        });
      }),
  );
}

/** A row group of the types that have delta encodings, with values like those that the encodings are for. */
function walkingRowGroup(rows: number): fc.Arbitrary<TestColumn[]> {
  const numbers = (column: Column, min: bigint, max: bigint) =>
    fc.record({ values: walk(min, max, rows), isNull: nullPattern }).map(({ values, isNull }) => ({
      column,
      values: values.map((value, row) => (isNull(row) ? null : value)),
      distinct: false,
    }));
  const asNumbers = (column: fc.Arbitrary<TestColumn>) =>
    column.map((of) => ({ ...of, values: of.values.map((n) => (n === null ? n : Number(n))) }));
  const int = (bits: bigint, name: 'INTEGER') =>
    asNumbers(numbers(columnOf(name, name), -(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n));
  const long = (name: 'BIGINT', min = -(2n ** 63n), max = 2n ** 63n - 1n) =>
    numbers(columnOf(name, name), min, max);
  const decimal = (precision: number) =>
    numbers(
      columnOf(`DECIMAL_${precision}`, 'DECIMAL', true, { precision, scale: 1 }),
      1n - 10n ** BigInt(precision),
      10n ** BigInt(precision) - 1n,
    );
  const texts = fc
    .record({ of: fc.array(fc.string({ unit: 'grapheme', maxLength: 70 })), isNull: nullPattern })
    .map(({ of, isNull }) => ({
      column: columnOf('TEXT', 'TEXT'),
      values: Array.from({ length: rows }, (_, row) => (isNull(row) ? null : (of[row] ?? 'a'))),
      distinct: false,
    }));
  return fc.tuple(
    int(8n, 'TINYINT' as 'INTEGER'),
    int(16n, 'SMALLINT' as 'INTEGER'),
    int(32n, 'INTEGER'),
    long('BIGINT'),
    decimal(9),
    decimal(18),
    asNumbers(numbers(columnOf('DATE', 'DATE'), -719162n, 2932896n)),
    long('TIME' as 'BIGINT', 0n, 86399999999n),
    long('DATETIME' as 'BIGINT', -62135596800000000n, 253402300799999999n),
    long('TIMESTAMP' as 'BIGINT', -62135596800000000n, 253402300799999999n),
    texts,
  );
}

test.each(['zstd', 'none'] as const)(
  'values that go up and down by any steps come back from their delta encodings, %s',
  async (codec) => {
    const walking = fc
      .array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 2 })
      .chain((sizes) => fc.tuple(...sizes.map(walkingRowGroup)));
    let deltaChunks = 0n;
    await fc.assert(
      fc.asyncProperty(walking, async (written) => {
        await write(written, codec);
        const table = expected(written);
        expectSame(await allRows(), table);
        const read = await readWithHyparquet(path);
        for (const [name, values] of Object.entries(table)) {
          // hyparquet rounds decimals, and leaves out what has no value.
          if (!name.startsWith('DECIMAL')) expectSame(read[name] ?? [], values);
        }
        const { n } = await duckdb.query(
          "SELECT count(*) FILTER (encodings LIKE '%DELTA%') AS n FROM parquet_metadata($file)",
          path,
        );
        deltaChunks += n![0] as bigint;
      }),
      { numRuns: 25 },
    );
    expect(deltaChunks).toBeGreaterThan(50n);
  },
);

test.each(codecNames)('DuckDB reads every type as it was written, %s', async (codec) => {
  await fc.assert(
    fc.asyncProperty(groups, async (written) => {
      await write(written, codec);
      expectSame(await allRows(), expected(written));
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
          expectSame(read[name] ?? [], values);
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
    expectSame(await allRows(), table);
    expectSame(await readWithHyparquet(path), table);
  },
);

test.each([19_999, 20_000, 20_001, 40_000, 45_003])(
  'delta-encoded values and nulls keep their rows across page borders, %i rows',
  async (rows) => {
    const column = (name: string, nth: number, of: (row: number) => Value): TestColumn => ({
      column: columnOf(name, name.toUpperCase() as 'TEXT', nth > 0, { precision: 12, scale: 3 }),
      values: Array.from({ length: rows }, (_, row) =>
        nth > 0 && row % nth === 0 ? null : of(row),
      ),
      distinct: false,
    });
    const scattered = (row: number) => (row * 2654435761) % 100_000;
    const group = [
      column('integer', 0, (row) => 5 - scattered(row)),
      column('bigint', 3, (row) => BigInt(row * row) - 2n ** 63n),
      column('text', 19_999, (row) => 'x'.repeat(scattered(row) % 60) + String(row)),
      column('decimal', 2, (row) => BigInt(scattered(row))),
      column('timestamp', 20_001, (row) => BigInt(row) * 1_000_003n),
      column('date', 0, (row) => row),
    ];
    // Pages of nulls.
    const sparse = (name: string, isNull: (row: number) => boolean): TestColumn => ({
      column: columnOf(name, 'INTEGER'),
      values: Array.from({ length: rows }, (_, row) => (isNull(row) ? null : row)),
      distinct: false,
    });
    group.push(sparse('late', (row) => row < rows - 300));
    group.push(sparse('early', (row) => row > 300));
    await write([group, group], 'none');
    const { name } = await duckdb.query(
      "SELECT path_in_schema AS name FROM parquet_metadata($file) WHERE row_group_id = 1 AND encodings LIKE '%DELTA%'",
      path,
    );
    expect(name).toEqual(group.map(({ column: of }) => of.name));
    const table = expected([group, group]);
    expectSame(await allRows(), table);
    const { decimal, ...others } = table;
    const { decimal: read, ...othersRead } = await readWithHyparquet(path);
    expectSame(othersRead, others);
    expect(read!.map((value) => value && Math.round(Number(value) * 1000))).toEqual(
      decimal!.map((value) => value && Number(value)),
    );
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
  createParquetFile(path);
  expect(finishParquetFile(path, [], describe(columns))).toEqual({
    bytes: statSync(path).size,
    rows: 0,
    rowGroups: 0,
  });
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

test('row groups that encoders side by side make, written in any order, give the same file', async () => {
  const [first, ...others] = fc.sample(rowGroup(300), { numRuns: 4, seed: 7 });
  const written = [first!, ...others];
  const columns = first!.map(({ column }) => column);
  await write(written, 'zstd');
  const inSequence = readFileSync(path);
  const encoded = await Promise.all(
    written.map(async (group) => {
      const encoder = new RowGroupEncoder(columns, await compressAll('zstd'), kernel);
      // As a thread hands it to another.
      return structuredClone(encoder.encode(batchOf(group)));
    }),
  );
  let offset = FIRST_ROW_GROUP_OFFSET;
  const offsets = encoded.map(({ bytes }) => (offset += bytes.length) - bytes.length);
  createParquetFile(path);
  const backwards = encoded.map((group, at) => [group, offsets[at]!] as const).toReversed();
  const rowGroups = backwards.map(([group, at]) => writeRowGroup(path, group, at)).toReversed();
  finishParquetFile(path, structuredClone(rowGroups), describe(columns));
  expect(readFileSync(path).equals(inSequence)).toBe(true);
});

test('a row group that is missing, or lies elsewhere, is a defect', async () => {
  const group = [{ column: columnOf('a', 'INTEGER'), values: [1, 2, null], distinct: true }];
  const columns = [group[0]!.column];
  const encoded = new RowGroupEncoder(
    columns,
    await openCompressor('none', 'large'),
    kernel,
  ).encode(batchOf(group));
  createParquetFile(path);
  const first = writeRowGroup(path, encoded, FIRST_ROW_GROUP_OFFSET);
  const third = writeRowGroup(path, encoded, FIRST_ROW_GROUP_OFFSET + 2 * encoded.bytes.length);
  for (const rowGroups of [[third], [first, third], [first, first]]) {
    expect(() => finishParquetFile(path, rowGroups, describe(columns))).toThrow(
      /row group at [0-9]+ where [0-9]+ was expected/,
    );
  }
});

test('nothing is left of an earlier attempt', () => {
  writeFileSync(path, 'x'.repeat(10_000_000));
  createParquetFile(path);
  const { bytes } = finishParquetFile(path, [], describe([columnOf('a', 'INTEGER')]));
  expect(statSync(path).size).toBe(bytes);
});

test('discarding removes the file, finished or not, and again does nothing', () => {
  createParquetFile(path);
  discardParquetFile(path);
  expect(existsSync(path)).toBe(false);
  discardParquetFile(path);
  createParquetFile(path);
  finishParquetFile(path, [], describe([columnOf('a', 'INTEGER')]));
  discardParquetFile(path);
  expect(existsSync(path)).toBe(false);
});

test.skipIf(!existsSync('/dev/full'))(
  'when the disk is full every step says so, with the file, and discarding cleans up',
  async () => {
    const column = columnOf('a', 'INTEGER');
    const encoder = new RowGroupEncoder([column], await openCompressor('none', 'large'), kernel);
    const encoded = encoder.encode(batchOf([{ column, values: [1], distinct: true }]));
    // A link, so that discarding removes the link.
    rmSync(path, { force: true });
    symlinkSync('/dev/full', path);
    const steps = [
      () => {
        createParquetFile(path);
      },
      () => writeRowGroup(path, encoded, FIRST_ROW_GROUP_OFFSET),
      () => finishParquetFile(path, [], describe([column])),
    ];
    for (const step of steps) {
      expect(step).toThrow(expect.objectContaining({ code: 'disk_full', retry: true }));
      expect(step).toThrow(path);
    }
    discardParquetFile(path);
    expect(existsSync(path)).toBe(false);
    expect(existsSync('/dev/full')).toBe(true);
  },
);

test('a folder that is not there is io_failed', () => {
  const create = () => {
    createParquetFile(join(folder, 'none', 'a'));
  };
  expect(create).toThrow(expect.objectContaining({ code: 'io_failed', retry: true }));
  expect(create).toThrow('ENOENT');
});

test('a file that is gone is io_failed, and not made anew', async () => {
  const column = columnOf('a', 'INTEGER');
  const encoder = new RowGroupEncoder([column], await openCompressor('none', 'large'), kernel);
  const encoded = encoder.encode(batchOf([{ column, values: [1], distinct: true }]));
  discardParquetFile(path);
  for (const step of [
    () => writeRowGroup(path, encoded, FIRST_ROW_GROUP_OFFSET),
    () => finishParquetFile(path, [], describe([column])),
  ]) {
    expect(step).toThrow(expect.objectContaining({ code: 'io_failed' }));
  }
  expect(existsSync(path)).toBe(false);
});
