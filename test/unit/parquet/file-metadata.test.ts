import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CodecName } from '../../../src/core/codec-name.ts';
import { openCompressor } from '../../../src/parquet/compressor.ts';
import { columnOf, type TestColumn, type Value } from './batch-of.ts';
import { everyType } from './every-type.ts';
import { columnOrders, openDuckDB, type DuckDB } from './read-back.ts';
import { writeParquet } from './write-parquet.ts';

let folder: string;
let path: string;
let duckdb: DuckDB;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'file-metadata-'));
  path = join(folder, 'a.parquet');
  duckdb = await openDuckDB();
});

afterAll(() => {
  duckdb.close();
  rmSync(folder, { recursive: true });
});

function write(groups: readonly (readonly TestColumn[])[], codec: CodecName = 'none') {
  return writeParquet(path, groups, codec);
}

async function rowCountWhere(condition: string): Promise<bigint> {
  const result = await duckdb.query(`SELECT count(*) AS n FROM $file WHERE ${condition}`, path);
  return result['n']![0] as bigint;
}

test('DuckDB sees the logical types of all columns, nullable or not', async () => {
  const required = columnOf('required', 'INTEGER', false);
  await write([
    [...everyType.map(({ column }) => column), required].map((column) => ({
      column,
      values: [],
      distinct: true,
    })),
  ]);
  const described = await duckdb.query(
    'SELECT column_name, column_type FROM (DESCRIBE FROM $file)',
    path,
  );
  expect(described['column_type']!.join(' | ')).toBe(
    'TINYINT | SMALLINT | INTEGER | BIGINT | DECIMAL(1,1) | DECIMAL(9,2) | DECIMAL(18,6) | ' +
      'DECIMAL(19,0) | DECIMAL(25,5) | DECIMAL(38,10) | FLOAT | DOUBLE | BOOLEAN | VARCHAR | ' +
      'VARCHAR | VARCHAR | VARCHAR | VARCHAR | DATE | TIME | TIMESTAMP | ' +
      'TIMESTAMP WITH TIME ZONE | JSON | INTEGER',
  );
  const repetition = await duckdb.query(
    'SELECT repetition_type AS r FROM parquet_schema($file)',
    path,
  );
  expect(repetition['r']!.slice(1)).toEqual([...everyType.map(() => 'OPTIONAL'), 'REQUIRED']);
});

test('each logical type has the converted type that older readers know beside it', async () => {
  await write([everyType.map(({ column }) => ({ column, values: [], distinct: true }))]);
  const { schema } = await parquetMetadataAsync(await asyncBufferFromFile(path));
  const annotations = schema
    .slice(1)
    .map((element) => [
      element.name,
      element.type,
      element.type_length,
      element.converted_type,
      element.logical_type,
    ]);
  const decimal = (precision: number, scale: number) => ({ type: 'DECIMAL', precision, scale });
  const integer = (bitWidth: number) => ({ type: 'INTEGER', bitWidth, isSigned: true });
  const micros = (type: string, isAdjustedToUTC: boolean) => ({
    type,
    isAdjustedToUTC,
    unit: 'MICROS',
  });
  const string = { type: 'STRING' };
  const none = undefined;
  expect(annotations).toEqual([
    ['tinyint', 'INT32', none, 'INT_8', integer(8)],
    ['smallint', 'INT32', none, 'INT_16', integer(16)],
    ['integer', 'INT32', none, 'INT_32', integer(32)],
    ['bigint', 'INT64', none, 'INT_64', integer(64)],
    ['decimal_1_1', 'INT32', none, 'DECIMAL', decimal(1, 1)],
    ['decimal_9_2', 'INT32', none, 'DECIMAL', decimal(9, 2)],
    ['decimal_18_6', 'INT64', none, 'DECIMAL', decimal(18, 6)],
    ['decimal_19_0', 'FIXED_LEN_BYTE_ARRAY', 9, 'DECIMAL', decimal(19, 0)],
    ['decimal_25_5', 'FIXED_LEN_BYTE_ARRAY', 11, 'DECIMAL', decimal(25, 5)],
    ['decimal_38_10', 'FIXED_LEN_BYTE_ARRAY', 16, 'DECIMAL', decimal(38, 10)],
    ['float', 'FLOAT', none, none, none],
    ['double', 'DOUBLE', none, none, none],
    ['boolean', 'BOOLEAN', none, none, none],
    ['char', 'BYTE_ARRAY', none, 'UTF8', string],
    ['varchar', 'BYTE_ARRAY', none, 'UTF8', string],
    ['text', 'BYTE_ARRAY', none, 'UTF8', string],
    ['mediumtext', 'BYTE_ARRAY', none, 'UTF8', string],
    ['longtext', 'BYTE_ARRAY', none, 'UTF8', string],
    ['date', 'INT32', none, 'DATE', { type: 'DATE' }],
    ['time', 'INT64', none, 'TIME_MICROS', micros('TIME', false)],
    ['datetime', 'INT64', none, 'TIMESTAMP_MICROS', micros('TIMESTAMP', false)],
    ['timestamp', 'INT64', none, 'TIMESTAMP_MICROS', micros('TIMESTAMP', true)],
    ['json', 'BYTE_ARRAY', none, 'JSON', { type: 'JSON' }],
  ]);
  const decimals = schema.filter(({ converted_type }) => converted_type === 'DECIMAL');
  expect(decimals.map(({ precision, scale }) => [precision, scale])).toEqual([
    [1, 1],
    [9, 2],
    [18, 6],
    [19, 0],
    [25, 5],
    [38, 10],
  ]);
});

test('metadata and the writer are named in the footer, and every column has an order', async () => {
  const columnOfOnes = (name: string) => ({
    column: columnOf(name, 'INTEGER'),
    values: [1],
    distinct: true,
  });
  await write([[columnOfOnes('a'), columnOfOnes('b')]]);
  expect(await columnOrders(path)).toEqual([true, true]);
  const footer = await parquetMetadataAsync(await asyncBufferFromFile(path));
  expect(footer.version).toBe(1);
  expect(footer.created_by).toBe('test version 1');
  expect(footer.key_value_metadata).toEqual([
    { key: 'csv-hopper.load_id', value: '0123' },
    { key: 'note', value: 'é' },
  ]);
});

test.each(['none', 'zstd'] as const)('offsets and sizes tile the file, %s', async (codec) => {
  const words = Array.from({ length: 30_000 }, (_, row) =>
    row % 9 === 0 ? null : `word ${row % 50}`,
  );
  const group: TestColumn[] = [
    { column: columnOf('words', 'TEXT'), values: words, distinct: true },
    { column: columnOf('rows', 'INTEGER', false), values: [...words.keys()], distinct: false },
  ];
  await write([group, group], codec);
  const { row_groups, metadata_length } = await parquetMetadataAsync(
    await asyncBufferFromFile(path),
  );
  let offset = 4n;
  for (const { columns, ...rowGroup } of row_groups) {
    const chunks = columns.map(({ meta_data }) => meta_data!);
    expect(rowGroup).toMatchObject({ num_rows: 30_000n, file_offset: offset });
    for (const chunk of chunks) {
      expect(chunk.num_values).toBe(30_000n);
      expect(chunk.dictionary_page_offset ?? chunk.data_page_offset).toBe(offset);
      offset += chunk.total_compressed_size;
    }
    const sum = (key: 'total_compressed_size' | 'total_uncompressed_size') =>
      chunks.reduce((total, chunk) => total + chunk[key], 0n);
    expect(rowGroup.total_compressed_size).toBe(sum('total_compressed_size'));
    expect(rowGroup.total_byte_size).toBe(sum('total_uncompressed_size'));
    if (codec === 'none') expect(rowGroup.total_byte_size).toBe(rowGroup.total_compressed_size);
    else expect(rowGroup.total_byte_size).toBeGreaterThan(Number(rowGroup.total_compressed_size));
  }
  const file = await asyncBufferFromFile(path);
  expect(Number(offset) + metadata_length + 8).toBe(file.byteLength);
});

test.each(['snappy', 'gzip'] as const)(
  'a column has a dictionary where its values are distinct entries that repeat, else it is PLAIN, %s',
  async (codec) => {
    const repeated = Array.from({ length: 21_000 }, (_, row) => row % 10);
    const group: TestColumn[] = [
      { column: columnOf('dictionary', 'INTEGER', false), values: repeated, distinct: true },
      { column: columnOf('nullable', 'INTEGER'), values: repeated, distinct: true },
      { column: columnOf('not_distinct', 'INTEGER', false), values: repeated, distinct: false },
      { column: columnOf('unique', 'INTEGER'), values: [...repeated.keys()], distinct: true },
      {
        column: columnOf('boolean', 'BOOLEAN'),
        values: repeated.map((n) => n > 5),
        distinct: true,
      },
      { column: columnOf('nulls', 'TEXT'), values: repeated.map(() => null), distinct: true },
    ];
    await write([group], codec);
    const { row_groups } = await parquetMetadataAsync(await asyncBufferFromFile(path));
    const encodings = row_groups[0]!.columns.map(({ meta_data }) => meta_data!.encodings);
    expect(encodings).toEqual([
      ['PLAIN', 'RLE_DICTIONARY'],
      ['PLAIN', 'RLE', 'RLE_DICTIONARY'],
      ['PLAIN'],
      ['PLAIN', 'RLE'],
      ['PLAIN', 'RLE'],
      ['PLAIN', 'RLE'],
    ]);
    const pages = row_groups[0]!.columns.map(({ meta_data }) => meta_data!.encoding_stats);
    expect(pages[1]).toEqual([
      { page_type: 'DICTIONARY_PAGE', encoding: 'PLAIN', count: 1 },
      { page_type: 'DATA_PAGE', encoding: 'RLE_DICTIONARY', count: 2 },
    ]);
    expect(pages[3]).toEqual([{ page_type: 'DATA_PAGE', encoding: 'PLAIN', count: 2 }]);
  },
);

test.each(['snappy', 'gzip', 'zstd'] as const)(
  'a column of few bytes stays as it is beside one that is compressed, and DuckDB reads both, %s',
  async (codec) => {
    const numbers = Array.from({ length: 300 }, (_, row) => row % 3);
    const texts = numbers.map((_, row) => `text ${row % 7} `.repeat(9));
    const group: TestColumn[] = [
      { column: columnOf('few', 'INTEGER'), values: numbers, distinct: true },
      { column: columnOf('many', 'TEXT', false), values: texts, distinct: false },
    ];
    await writeParquet(path, [group], codec, await openCompressor(codec, 'small'));
    const { row_groups } = await parquetMetadataAsync(await asyncBufferFromFile(path));
    const chunks = row_groups[0]!.columns.map(({ meta_data }) => meta_data!);
    expect(chunks.map((chunk) => chunk.codec)).toEqual(['UNCOMPRESSED', codec.toUpperCase()]);
    expect(chunks[0]!.total_compressed_size).toBe(chunks[0]!.total_uncompressed_size);
    expect(await duckdb.query('FROM $file', path)).toEqual({ few: numbers, many: texts });
  },
);

test('numbers without a pattern stay as they are, and DuckDB reads them beside others', async () => {
  const rows = Array.from({ length: 21_000 }, (_, row) => row);
  const scattered = rows.map((row) => {
    const mixed = Math.imul(row + 1, 0x9e3779b1);
    return Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 2;
  });
  const group: TestColumn[] = [
    { column: columnOf('scattered', 'INTEGER', false), values: scattered, distinct: true },
    { column: columnOf('ascending', 'INTEGER', false), values: rows, distinct: true },
  ];
  await writeParquet(path, [group], 'zstd');
  const { row_groups } = await parquetMetadataAsync(await asyncBufferFromFile(path));
  const chunks = row_groups[0]!.columns.map(({ meta_data }) => meta_data!);
  expect(chunks.map(({ codec }) => codec)).toEqual(['UNCOMPRESSED', 'ZSTD']);
  expect(await duckdb.query('FROM $file', path)).toEqual({ scattered, ascending: rows });
});

test.each(['zstd', 'none'] as const)(
  'values without a dictionary are delta-encoded where that is smaller, %s',
  async (codec) => {
    const rows = Array.from({ length: 21_000 }, (_, row) => row);
    const scattered = rows.map((row) => (row * 2654435761) % 2 ** 31);
    const column = (
      name: string,
      typeName: 'INTEGER',
      values: (Value | null)[],
      parameters = {},
    ): TestColumn => ({
      column: columnOf(name, typeName, values.includes(null), parameters),
      values,
      distinct: true,
    });
    const of = (name: string) => name as 'INTEGER';
    await write(
      [
        [
          column('ascending', 'INTEGER', rows),
          column(
            'small',
            of('SMALLINT'),
            scattered.map((n) => (n % 30_000) - 15_000),
          ),
          column(
            'far_apart',
            'INTEGER',
            scattered.map((n) => 2 * n - 2 ** 31),
          ),
          column(
            'bigint',
            of('BIGINT'),
            rows.map((row) => 2n ** 62n + BigInt(row * row)),
          ),
          column(
            'wide',
            of('BIGINT'),
            scattered.map((n) => BigInt(n) * 2n ** 30n),
          ),
          column(
            'nullable',
            of('DATETIME'),
            rows.map((row) => (row % 3 === 0 ? null : BigInt(row))),
          ),
          column(
            'decimal',
            of('DECIMAL'),
            scattered.map((n) => BigInt(n % 100_000)),
            {
              precision: 10,
              scale: 2,
            },
          ),
          column(
            'text',
            of('TEXT'),
            scattered.map((n, row) => `${n.toString(36).slice(n % 5)}.${row}`),
          ),
          column('double', of('DOUBLE'), rows),
          column(
            'nulls',
            'INTEGER',
            rows.map(() => null),
          ),
        ],
      ],
      codec,
    );
    const { row_groups } = await parquetMetadataAsync(await asyncBufferFromFile(path));
    const chunks = row_groups[0]!.columns.map(({ meta_data }) => meta_data!);
    expect(chunks.map(({ path_in_schema, encodings }) => [path_in_schema[0], encodings])).toEqual([
      ['ascending', ['DELTA_BINARY_PACKED']],
      ['small', ['DELTA_BINARY_PACKED']],
      ['far_apart', ['PLAIN']],
      ['bigint', ['DELTA_BINARY_PACKED']],
      ['wide', ['PLAIN']],
      ['nullable', ['RLE', 'DELTA_BINARY_PACKED']],
      ['decimal', ['DELTA_BINARY_PACKED']],
      ['text', ['DELTA_LENGTH_BYTE_ARRAY']],
      ['double', ['PLAIN']],
      ['nulls', ['PLAIN', 'RLE']],
    ]);
    expect(chunks[0]!.encoding_stats).toEqual([
      { page_type: 'DATA_PAGE', encoding: 'DELTA_BINARY_PACKED', count: 2 },
    ]);
  },
);

test.each([true, false])(
  'statistics are those of the rows, distinct entries: %s',
  async (distinct) => {
    const column = (
      name: string,
      typeName: 'INTEGER',
      values: (Value | null)[],
      unused: Value[],
      parameters = {},
    ): TestColumn => ({
      column: columnOf(name, typeName, true, parameters),
      values,
      unused,
      distinct,
    });
    const of = (name: string) => name as 'INTEGER';
    await write([
      [
        column('integer', 'INTEGER', [3, null, -3, 3], [-99, 99]),
        column('bigint', of('BIGINT'), [2n ** 40n, -1n, null, null], [2n ** 50n]),
        column('decimal', of('DECIMAL'), [-(10n ** 24n), 5n, null, 5n], [10n ** 25n], {
          precision: 30,
          scale: 2,
        }),
        column('text', of('TEXT'), ['b', 'é', 'a', null], ['', 'zz']),
        column('date', of('DATE'), [-1, 0, null, 1], [-5]),
        column('double', of('DOUBLE'), [0, 1.5, null, null], [-7]),
        column('nulls', of('TEXT'), [null, null, null, null], ['x']),
      ],
    ]);
    const result = await duckdb.query(
      'SELECT path_in_schema AS name, stats_min_value AS min, stats_max_value AS max, stats_null_count AS nulls,' +
        ' min_is_exact, max_is_exact FROM parquet_metadata($file) ORDER BY column_id',
      path,
    );
    const { name, min, max, nulls } = result;
    expect(name!.map((of, at) => [of, min![at], max![at], nulls![at]])).toEqual([
      ['integer', '-3', '3', 1n],
      ['bigint', '-1', '1099511627776', 2n],
      ['decimal', '-10000000000000000000000.00', '0.05', 1n],
      ['text', 'a', 'é', 1n],
      ['date', '1969-12-31', '1970-01-02', 1n],
      ['double', '-0.0', '1.5', 2n],
      ['nulls', null, null, 4n],
    ]);
    expect(result['min_is_exact']!.slice(0, 6)).toEqual(Array(6).fill(true));
    expect(result['max_is_exact']!.slice(0, 6)).toEqual(Array(6).fill(true));
  },
);

test('filters at the borders of row groups find their rows', async () => {
  const long = (end: string) => 'p'.repeat(80) + end;
  const group = (shift: number): TestColumn[] => [
    {
      column: columnOf('n', 'BIGINT'),
      values: [0n, 9n, null].map((n) => (n === null ? null : n + BigInt(shift))),
      distinct: true,
    },
    {
      column: columnOf('d', 'DECIMAL', true, { precision: 38 }),
      values: [0n, 9n, -9n].map((n) => n * 10n ** 36n + BigInt(shift)),
      distinct: false,
    },
    {
      column: columnOf('s', 'TEXT'),
      values: [long(`${shift}`), long(`${shift}z`), null],
      distinct: true,
    },
    {
      column: columnOf('f', 'DOUBLE'),
      values: shift === 0 ? [-0, 0, 1] : [NaN, 5, 6],
      distinct: true,
    },
    { column: columnOf('day', 'DATE'), values: [shift - 10, shift - 5, null], distinct: false },
  ];
  await write([group(0), group(10), group(20)]);
  expect(await rowCountWhere('n = 9')).toBe(1n);
  expect(await rowCountWhere('n >= 19')).toBe(3n);
  expect(await rowCountWhere('n < 10')).toBe(2n);
  expect(await rowCountWhere('n IS NULL')).toBe(3n);
  expect(await rowCountWhere('d < 0')).toBe(3n);
  expect(await rowCountWhere('d > 8999999999999999999999999999999999999')).toBe(3n);
  expect(await rowCountWhere(`s = '${long('10z')}'`)).toBe(1n);
  expect(await rowCountWhere(`s >= '${long('10z')}'`)).toBe(3n);
  expect(await rowCountWhere(`s > '${'p'.repeat(64)}'`)).toBe(6n);
  expect(await rowCountWhere('f = 0')).toBe(2n);
  expect(await rowCountWhere('f > 6')).toBe(2n);
  expect(await rowCountWhere("day < DATE '1970-01-01'")).toBe(2n);
  expect(await rowCountWhere("day = DATE '1969-12-22'")).toBe(1n);
});
