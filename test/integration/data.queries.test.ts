import { readFileSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { HistoryJson, SummaryJson, TableJson } from '../../src/core/explorer-data.ts';
import type { DataService, DataSettings } from '../../src/query/data-service.ts';
import type { QueryPool } from '../../src/query/query-pool.ts';
import type { TypeName } from '../../src/schema/column-type.ts';
import type { Dataset } from '../../src/schema/dataset.ts';
import { compiled } from '../support/hopper-process.ts';
import { until } from '../support/until.ts';

// Queries in processes of their own, as the daemon runs them: real files, real processes, real limits.

let root: string;
let output: string;
let instance: DuckDBInstance;
let maker: DuckDBConnection;
let settings: DataSettings;
let Service: typeof DataService;
let Pool: typeof QueryPool;
const open: { close: () => Promise<void> }[] = [];

const roomy = { timeoutMs: 30_000, memoryBytes: 1 << 30, atOnce: 2, waitingMax: 50 };

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hopper-data-'));
  output = join(root, 'output');
  instance = await DuckDBInstance.create(':memory:');
  maker = await instance.connect();
  ({ DataService: Service } = await compiled<{ DataService: typeof DataService }>(
    'query/data-service.js',
  ));
  ({ QueryPool: Pool } = await compiled<{ QueryPool: typeof QueryPool }>('query/query-pool.js'));
  settings = {
    outputFolder: output,
    datasets: [orders, notes],
    questionsFolder: join(root, 'queries'),
    limits: roomy,
    rowsMax: 1000,
    downloadRowsMax: 500_000,
  };
  await write(
    'orders',
    'a.parquet',
    `SELECT i::INTEGER AS id, ['Graz', 'Ulm', 'Köln'][1 + (i % 7) % 3] AS city,
            DATE '2024-01-01' + (i % 100)::INTEGER AS day, (i % 50 + 0.25)::DECIMAL(10,2) AS price,
            CASE WHEN i % 4 > 0 THEN i % 2 = 0 END AS paid
     FROM range(1000) t(i)`,
  );
  await write(
    'notes',
    'a.parquet',
    `SELECT * FROM (VALUES (1, '=1+1'), (2, '-5'), (3, 'a "b", c'), (4, NULL), (5, ''), (6, '  @x')) t(id, note)`,
  );
});

afterAll(async () => {
  await Promise.all(open.map((one) => one.close()));
  maker.closeSync();
  instance.closeSync();
  await rm(root, { recursive: true });
});

function dataset(name: string, columns: Record<string, TypeName>): Dataset {
  return {
    name,
    match: '*.csv',
    columns: Object.entries(columns).map(([column, type]) => ({
      name: column,
      type: {
        name: type,
        length: 0,
        precision: type === 'DECIMAL' ? 10 : 0,
        scale: 2,
        fraction: 0,
      },
      nullable: true,
    })),
    table: { name, columns: [] },
    clean: {
      ...{ trim: false, lowercaseValues: false, nullWords: [] },
      ...{ nullRows: 'keep', duplicateRows: 'keep' },
    },
    dialect: null,
    write: { mode: 'append' },
    redrop: 'skip',
    encoding: 'utf-8',
    diversion: null,
    schemaFingerprint: '',
  };
}

const orders = dataset('orders', {
  ...{ id: 'INTEGER', city: 'VARCHAR', day: 'DATE', price: 'DECIMAL', paid: 'BOOLEAN' },
});
const notes = dataset('notes', { id: 'INTEGER', note: 'VARCHAR' });

async function write(name: string, file: string, select: string): Promise<void> {
  const temporary = join(output, name, '.tmp');
  await mkdir(join(output, name), { recursive: true });
  await maker.run(`COPY (${select}) TO '${temporary}' (FORMAT parquet)`);
  await rename(temporary, join(output, name, file));
}

function service(changes: Partial<DataSettings> = {}): DataService {
  const made = new Service({ ...settings, ...changes });
  open.push(made);
  return made;
}

async function table(data: DataService, sql: string): Promise<TableJson> {
  return JSON.parse((await data.rows(sql)).body) as TableJson;
}

/** The processes for queries that this one has. */
function processes(): number[] {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8');
  return children
    .trim()
    .split(' ')
    .filter((pid) => pid !== '' && commandOf(pid).includes('query-process'))
    .map(Number);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

describe('limits', () => {
  test('of an answer the first rows are given, however many there are', async () => {
    const answer = await table(service(), 'SELECT * FROM range(10000000)');
    expect(answer).toMatchObject({ isWhole: false, cellsCut: 0 });
    expect(answer.rows).toHaveLength(1000);
    expect((await table(service(), 'FROM range(1000)')).isWhole).toBe(true);
  });

  test('a long text is cut, and says so; a download has all of it', async () => {
    const data = service();
    const sql = "SELECT repeat('ü', 15000000) AS long, 1 AS n";
    const answer = await table(data, sql);
    expect(answer.cellsCut).toBe(1);
    expect(answer.rows[0]).toEqual(['ü'.repeat(4096), 1]);
    const csv = await text(await data.csv(sql, 'raw'));
    expect(csv.length).toBe('long,n\r\n'.length + 15_000_000 + ',1\r\n'.length);
  });

  test.each([
    'SELECT count(*) FROM range(1000000) a, range(1000000) b',
    'SELECT max(i) FROM generate_series(1, 1000000000000) t(i) WHERE i % 2 = 3',
    // One call that does not look whether it should end: its process is killed.
    "SELECT levenshtein(repeat('a', 90000), repeat('b', 90000) || id) FROM orders LIMIT 1",
  ])('a query that takes too long is given up: %s', async (sql) => {
    const data = service({ limits: { ...roomy, timeoutMs: 400 } });
    await expect(data.rows(sql)).rejects.toMatchObject({ code: 'query_too_long' });
    // Where others keep the processors busy, so short a time may be over for this one too.
    const next = await until(
      () => table(data, 'SELECT 1').catch(() => false as const),
      () => 'no answer',
    );
    expect(next.rows).toEqual([[1]]);
  });

  test.each([
    // DuckDB's own limit does not see these coming: without that of the system they took gigabytes.
    "SELECT repeat('x', 15000000) || i FROM range(600) t(i)",
    "SELECT string_agg(repeat('x', 1000) || i) FROM range(100000000) t(i)",
    "SELECT list(repeat('x', 100000) || i) FROM range(100000) t(i)",
    'SELECT count(*) FROM (SELECT DISTINCT i::VARCHAR FROM range(100000000) t(i))',
  ])('a query that takes too much memory fails alone: %s', async (sql) => {
    const data = service({ limits: { ...roomy, memoryBytes: 512 << 20 } });
    await expect(data.rows(sql)).rejects.toMatchObject({
      code: expect.stringMatching(/^query_(invalid|too_large)$/) as string,
      message: expect.stringMatching(/memory/i) as string,
    });
    // What it had is not missing to the next one.
    expect((await table(data, "SELECT length(repeat('x', 50000000))")).rows).toEqual([
      [50_000_000],
    ]);
  });

  test('a process that is killed fails its query, and the next one has another', async () => {
    vi.stubEnv('HOPPER_TEST_SECRET', 'x');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const pool = new Pool(settings, { ...roomy, atOnce: 1 });
    open.push(pool);
    const before = new Set(processes());
    await pool.run({ kind: 'rows', sql: 'SELECT 1', rowsMax: 1 });
    const [pid = 0] = processes().filter((one) => !before.has(one));
    // It is kept, whatever Node.js reserves for itself.
    await pool.run({ kind: 'rows', sql: 'SELECT 1', rowsMax: 1 });
    expect(processes()).toContain(pid);
    // Where the system runs out of memory it begins with this one.
    expect(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim()).toBe('1000');
    // What the configuration takes of the environment, such as passwords, is not where others have SQL run.
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain('HOPPER_TEST_SECRET');
    const sql = 'SELECT count(*) FROM range(1000000) a, range(1000000) b';
    const outcome = pool.run({ kind: 'rows', sql, rowsMax: 1 }).catch((error: unknown) => error);
    process.kill(pid, 'SIGKILL');
    expect(await outcome).toMatchObject({ code: 'query_too_large' });
    const { body } = await pool.run({ kind: 'rows', sql: 'SELECT 2', rowsMax: 1 });
    expect(JSON.parse(body)).toMatchObject({ rows: [[2]] });
  });

  test('so many run, so many wait, and more are refused at once', async () => {
    const pool = new Pool(settings, { ...roomy, timeoutMs: 500, atOnce: 1, waitingMax: 1 });
    open.push(pool);
    const sql = 'SELECT count(*) FROM range(1000000) a, range(1000000) b';
    const runs = [1, 2, 3].map((n) =>
      pool
        .run({ kind: 'rows', sql: `${sql} -- ${n}`, rowsMax: 1 })
        .catch((error: unknown) => error),
    );
    expect(await Promise.race(runs)).toMatchObject({ code: 'query_busy' });
    expect(await Promise.all(runs)).toMatchObject([
      ...[{ code: 'query_too_long' }, { code: 'query_too_long' }, { code: 'query_busy' }],
    ]);
  });
});

test.each([
  "SELECT * FROM read_csv('/etc/passwd')",
  "SELECT * FROM '/etc/passwd'",
  "SELECT * FROM glob('/*')",
  "COPY orders TO '/tmp/x.csv'",
  "ATTACH '/tmp/x.db'",
  'PRAGMA database_list',
  "SET memory_limit = '64GB'",
  "SELECT getenv('HOME')",
  'INSTALL httpfs',
  'SELECT * FROM duckdb_secrets()',
])('nothing but rows can be reached: %s', async (sql) => {
  await expect(service().rows(sql)).rejects.toMatchObject({ code: 'query_invalid' });
});

test('what else lies in the folder of a dataset cannot be read as a table', async () => {
  const path = join(output, 'orders', '.receipts.jsonl');
  await appendFile(path, '{"loadId":"x"}\n');
  for (const sql of [
    `FROM '${path}'`,
    `FROM "${path}"`,
    `SELECT 1 WHERE EXISTS (FROM '${path}')`,
    // DuckDB puts the parts of a name together again to look for a file.
    `FROM "${path.slice(0, -'.jsonl'.length)}"."jsonl"`,
    `FROM "${join(output, 'orders')}/"."receipts"."jsonl"`,
    `DESCRIBE "${path.slice(0, -'.jsonl'.length)}"."jsonl"`,
    `WITH main AS (SELECT 1) SELECT * FROM main, "${path.slice(0, -'.jsonl'.length)}".jsonl`,
  ]) {
    await expect(service().rows(sql)).rejects.toMatchObject({
      ...{ code: 'query_invalid', message: expect.stringContaining('is no dataset') as string },
    });
  }
});

describe('a summary', () => {
  test('has of each column what is missing, different, least and greatest, and how often what is there', async () => {
    const found = JSON.parse((await service().summary('orders')).body) as SummaryJson;
    expect(found.rows).toBe(1000);
    const columns = Object.fromEntries(found.columns.map((column) => [column.name, column]));
    expect(columns['id']).toMatchObject({
      ...{ kind: 'number', nulls: 0, distinct: 1000, isEstimate: false, min: '0', max: '999' },
      ...{ mean: 499.5, median: 499.5 },
      distribution: { kind: 'histogram', width: 50, isExact: false },
    });
    expect(columns['city']).toMatchObject({
      ...{ kind: 'text', nulls: 0, distinct: 3, longest: 4 },
      distribution: {
        values: [
          { value: 'Graz', count: 428 },
          { value: 'Köln', count: 286 },
          { value: 'Ulm', count: 286 },
        ],
        others: 0,
      },
    });
    expect(columns['day']).toMatchObject({
      ...{ kind: 'date', distinct: 100, min: '2024-01-01', max: '2024-04-09' },
      distribution: { kind: 'histogram', width: 7 * 86_400_000 },
    });
    expect(columns['price']).toMatchObject({ min: '0.25', max: '49.25', mean: 24.75 });
    expect(columns['paid']).toMatchObject({
      ...{ kind: 'boolean', nulls: 250, distinct: 2 },
      distribution: {
        values: [
          { value: 'false', count: 500 },
          { value: 'true', count: 250 },
        ],
      },
    });
    for (const { name, distribution, nulls } of found.columns) {
      if (distribution === null) throw new Error(`${name} has none`);
      const counts = distribution.kind === 'values' ? distribution.values : distribution.bars;
      const sum = counts.reduce((all, { count }) => all + count, 0);
      expect({ name, sum }).toEqual({ name, sum: 1000 - nulls });
    }
  });

  test('of a dataset without a file, and of odd columns, is whole', async () => {
    const odd = dataset('odd', {
      ...{
        none: 'DOUBLE',
        inf: 'DOUBLE',
        same: 'BIGINT',
        at: 'TIME',
        when: 'TIMESTAMP',
        'a "b"': 'JSON',
      },
      ...{ far: 'DATE', free: 'TEXT' },
    });
    const data = service({ datasets: [odd] });
    expect(JSON.parse((await data.summary('odd')).body)).toMatchObject({ rows: 0 });
    await write(
      'odd',
      'a.parquet',
      `SELECT NULL::DOUBLE AS none, [1.5, 'Infinity'::DOUBLE, 'NaN'::DOUBLE][1 + i % 3] AS inf,
              9007199254740993 AS same, TIME '12:00:00' + to_minutes(i) AS at,
              TIMESTAMPTZ '2024-01-01 00:00:00+00' + to_hours(i) AS when, '{"n":1}'::JSON AS "a ""b""",
              DATE '0001-01-01' + (i * 1000)::INTEGER AS far, 'note ' || i AS free
       FROM range(300) t(i)`,
    );
    const found = JSON.parse((await data.summary('odd')).body) as SummaryJson;
    const columns = Object.fromEntries(found.columns.map((column) => [column.name, column]));
    expect(columns['none']).toMatchObject({ nulls: 300, distribution: null, min: null });
    expect(columns['inf']).toMatchObject({ min: '1.5', max: '1.5', nulls: 200 });
    expect(columns['same']).toMatchObject({ min: '9007199254740993', distinct: 1 });
    expect(columns['at']).toMatchObject({ kind: 'time', min: '12:00:00', max: '16:59:00' });
    expect(columns['when']).toMatchObject({ kind: 'instant', min: '2024-01-01 00:00:00+00' });
    expect(columns['a "b"']).toMatchObject({ kind: 'text', distinct: 1 });
    expect(columns['far']).toMatchObject({ min: '0001-01-01' });
    expect(columns['free']).toMatchObject({ distinct: 300, distribution: null });
  });

  test('of the largest numbers that there are has each of them, and claims no exactness that a double has not', async () => {
    const large = dataset('large', { far: 'DOUBLE', whole: 'BIGINT', high: 'DOUBLE' });
    await write(
      'large',
      'a.parquet',
      `SELECT unnest([-1.7976931348623157e308, 0, 1.7976931348623157e308])::DOUBLE AS far,
              unnest([9007199254740993, 9007199254740994, 9007199254740995])::BIGINT AS whole,
              unnest([1.6e308, 1.7e308, 1.7e308])::DOUBLE AS high`,
    );
    const { columns } = JSON.parse(
      (await service({ datasets: [large] }).summary('large')).body,
    ) as SummaryJson;
    for (const { distribution } of columns) {
      if (distribution?.kind !== 'histogram') throw new Error('It has no bars');
      expect(distribution.isExact).toBe(false);
      expect(distribution.bars.reduce((sum, { count }) => sum + count, 0)).toBe(3);
      for (const { from } of distribution.bars) expect(from).toEqual(expect.any(Number));
    }
    expect(columns[1]).toMatchObject({ min: '9007199254740993', max: '9007199254740995' });
  });
});

test('the history has the loads that stand, in steps without gaps', async () => {
  const path = join(output, 'notes', '.receipts.jsonl');
  const receipt = (loadId: string, time: string, rowsAccepted: number): string =>
    `${JSON.stringify({ loadId, file: 'a.csv', sha256: loadId, time, rowsAccepted, rowsRejected: 1 })}\n`;
  await appendFile(path, receipt('a', '2026-03-01T10:20:00.000Z', 10));
  await appendFile(path, receipt('b', '2026-03-04T23:59:59.999Z', 20));
  await appendFile(path, receipt('c', '2026-03-04T01:00:00.000Z', 40));
  await appendFile(path, `${JSON.stringify({ undone: 'b', time: '2026-03-05T00:00:00.000Z' })}\n`);
  const found = JSON.parse((await service().history('notes')).body) as HistoryJson;
  expect(found).toEqual({
    ...{ dataset: 'notes', step: 'day', loads: 2, rows: 50, last: '2026-03-04T01:00:00.000Z' },
    steps: [
      { start: '2026-03-01T00:00:00.000Z', loads: 1, rows: 10, rejected: 1 },
      { start: '2026-03-02T00:00:00.000Z', loads: 0, rows: 0, rejected: 0 },
      { start: '2026-03-03T00:00:00.000Z', loads: 0, rows: 0, rejected: 0 },
      { start: '2026-03-04T00:00:00.000Z', loads: 1, rows: 40, rejected: 1 },
    ],
  });
});

describe('a download', () => {
  const sql = 'SELECT id, note AS "=note", id - 3 AS less FROM notes ORDER BY id';

  test('has formulas made harmless, and numbers as they are', async () => {
    expect(await text(await service().csv(sql, 'neutralised'))).toBe(
      [
        "id,'=note,less",
        "1,'=1+1,-2",
        "2,'-5,-1",
        '3,"a ""b"", c",0',
        '4,,1',
        '5,"",2',
        "6,'  @x,3",
        '',
      ].join('\r\n'),
    );
    expect(await text(await service().csv(sql, 'raw'))).toContain('\r\n1,=1+1,-2\r\n');
  });

  test('that fails before its first row is refused, and one that breaks off later never looks whole', async () => {
    const data = service();
    await expect(data.csv('SELECT nix FROM orders', 'raw')).rejects.toMatchObject({
      code: 'query_invalid',
    });
    const long = await data.csv('SELECT * FROM range(10000000)', 'raw');
    await expect(text(long)).rejects.toMatchObject({ code: 'query_too_large' });
  });

  test('takes no more memory than what is on its way, and ends its query when nobody takes it', async () => {
    const data = service({ downloadRowsMax: 1e9, limits: { ...roomy, atOnce: 1 } });
    const before = new Set(processes());
    const stream = await data.csv("SELECT i, repeat('x', 100) FROM range(1000000000) t(i)", 'raw');
    const pid = processes().find((one) => !before.has(one));
    expect(pid).toBeDefined();
    await until(
      () => stream.readableLength > 1 << 18,
      () => 'nothing comes',
    );
    expect(stream.readableLength).toBeLessThan(8 << 20);
    stream.destroy();
    await until(
      () => !processes().includes(pid ?? 0),
      () => 'it goes on',
    );
    expect((await table(data, 'SELECT 1')).rows).toEqual([[1]]);
  });
});

describe('what is kept', () => {
  const sql = 'SELECT count(*) AS n FROM kept';
  const kept = dataset('kept', { id: 'INTEGER' });
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1300));

  test('an answer holds until its dataset is another, and its tag with it', async () => {
    await write('kept', 'a.parquet', 'SELECT 1::INTEGER AS id');
    // The moment in which a change cannot be told from the next one has to pass.
    await settled();
    const data = service({ datasets: [orders, kept] });
    const first = await data.rows(sql);
    expect(JSON.parse(first.body)).toMatchObject({ rows: [[1]] });
    expect(await data.rows(sql)).toEqual(first);
    const other = await data.rows('SELECT count(*) FROM orders');
    await write('kept', 'b.parquet', 'SELECT 2::INTEGER AS id');
    const second = await data.rows(sql);
    expect(JSON.parse(second.body)).toMatchObject({ rows: [[2]] });
    expect(second.etag).not.toBe(first.etag);
    expect((await data.rows('SELECT count(*) FROM orders')).etag).toBe(other.etag);
    // The same name with other rows, as a replaced file has it.
    await write('kept', 'b.parquet', 'SELECT i::INTEGER AS id FROM range(5) t(i)');
    expect(JSON.parse((await data.rows(sql)).body)).toMatchObject({ rows: [[6]] });
    await rm(join(output, 'kept', 'a.parquet'));
    const last = await data.rows(sql);
    expect(JSON.parse(last.body)).toMatchObject({ rows: [[5]] });
    expect(new Set([first.etag, second.etag, last.etag]).size).toBe(3);
  });

  test('what calls a clock or chance is found out each time', async () => {
    const data = service();
    const random = 'SELECT random() AS r FROM orders LIMIT 1';
    const [one, two] = [await data.rows(random), await data.rows(random)];
    expect(one.etag).toBeNull();
    expect(one.body).not.toBe(two.body);
    // A column of such a name is a column.
    expect((await data.rows('SELECT max(id) AS now FROM orders')).etag).not.toBeNull();
  });

  test('what reads files by their own names is found out each time, because nobody knows when they change', async () => {
    const data = service({ datasets: [kept] });
    const byName = `SELECT count(*) FROM '${join(output, 'kept')}/*.parquet'`;
    await write('kept', 'c.parquet', 'SELECT 1::INTEGER AS id');
    const first = await data.rows(byName);
    const [[count] = []] = (JSON.parse(first.body) as TableJson).rows;
    await write('kept', 'd.parquet', 'SELECT 1::INTEGER AS id');
    const second = await data.rows(byName);
    expect([first.etag, second.etag]).toEqual([null, null]);
    expect((JSON.parse(second.body) as TableJson).rows).toEqual([[Number(count) + 1]]);
  });

  test('a thousand who ask at once are answered by one query', async () => {
    await settled();
    const data = service({ limits: { ...roomy, atOnce: 1, waitingMax: 0 } });
    const heavy = 'SELECT sum(a.id * b.id) AS s FROM orders a, orders b';
    const answers = await Promise.all(Array.from({ length: 1000 }, () => data.rows(heavy)));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(new Set(answers.map(({ etag }) => etag)).size).toBe(1);
  });
});
