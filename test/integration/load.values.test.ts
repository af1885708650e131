import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TableLoader } from '../../src/load/table-loader.ts';
import { Ledger } from '../../src/load/ledger.ts';
import { column, convertedLoad, datasetOf } from '../support/loads.ts';
import { describeWithMariadb, startMariadb, type Mariadb } from '../support/mariadb.ts';

const everyType = [
  column('tiny', 'TINYINT'),
  column('small', 'SMALLINT'),
  column('whole', 'INTEGER'),
  column('big', 'BIGINT'),
  column('price', 'DECIMAL', { precision: 38, scale: 10 }),
  column('ratio', 'DOUBLE'),
  column('single', 'FLOAT'),
  column('yes', 'BOOLEAN'),
  column('code', 'CHAR', { length: 5 }),
  column('name', 'VARCHAR', { length: 100 }),
  column('prose', 'TEXT'),
  column('book', 'LONGTEXT'),
  column('day', 'DATE'),
  column('clock', 'TIME', { fraction: 3 }),
  column('moment', 'DATETIME', { fraction: 6 }),
  column('instant', 'TIMESTAMP', { fraction: 6 }),
  column('document', 'JSON'),
];

const rows = [
  [
    '-128',
    '-32768',
    '-2147483648',
    '-9223372036854775808',
    '-9999999999999999999999999999.9999999999',
    '-1.7976931348623157e308',
    '-0.5',
    '0',
    'abc',
    '',
    '',
    '',
    '1000-01-01',
    '-838:59:59.000',
    '1000-01-01 00:00:00.000000',
    '1970-01-01 00:00:01.000000',
    '{}',
  ],
  [
    '127',
    '32767',
    '2147483647',
    '9223372036854775807',
    '9999999999999999999999999999.9999999999',
    '5e-324',
    '16777216',
    '1',
    'é€😀',
    '\t\n\r\\\\N',
    "it's 'quoted' ? :a `b` \"c\"",
    ' blanks at the end  ',
    '9999-12-31',
    '838:59:59.000',
    '9999-12-31 23:59:59.999999',
    '2038-01-19 03:14:07.999999',
    '{"a": "b\\n"}',
  ],
  [
    '0',
    '0',
    '0',
    '0',
    '0.1000000000',
    '0.1',
    '1.5',
    '1',
    '',
    '\\N',
    'a\0b',
    '😀'.repeat(5000),
    '2024-02-29',
    '00:00:00.001',
    '2024-03-31 02:30:00.123456',
    '2024-03-31 02:30:00.123456',
    '[1, null]',
  ],
  everyType.map(() => null),
];

describeWithMariadb('values that are loaded', () => {
  let server: Mariadb;
  const folder = mkdtempSync(join(tmpdir(), 'hopper-load-'));
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function loadInto(
    table: string,
    content: (string | null)[][],
    columns = everyType,
  ): Promise<string[]> {
    const notices: string[] = [];
    const dataset = datasetOf(table, columns);
    const loader = new TableLoader({
      database: server.rootConfig,
      dataset,
      onNotice: (message) => notices.push(message),
    });
    try {
      const load = convertedLoad(folder, dataset, 'a.csv', content);
      expect(await loader.load([load])).toEqual([{ loadId: load.loadId, status: 'loaded' }]);
    } finally {
      await loader.close();
    }
    return notices;
  }

  // CAST of a FLOAT to CHAR shows six digits; as a DOUBLE it shows what is stored.
  const textOf = (names: string[], table: string): string =>
    `SELECT ${names
      .map(
        (name) =>
          `CAST(${name === 'single' ? '`single` + 0E0' : `\`${name}\``} AS CHAR) AS \`${name}\``,
      )
      .join(', ')} FROM ${table}`;

  test('every type comes back exactly as the load file has it', async () => {
    expect(await loadInto('by_load_data', rows)).toEqual([]);
    const names = everyType.map(({ name }) => name);
    const found = await server.query(textOf(names, 'by_load_data'));
    const expected = rows.map((row) =>
      Object.fromEntries(names.map((name, at) => [name, row[at] ?? null])),
    );
    // The server writes the same doubles in its own way.
    const same = (row: Record<string, unknown>): Record<string, unknown> => ({
      ...row,
      ratio: row['ratio'] === null ? null : Number(row['ratio']),
    });
    expect(found.map(same)).toEqual(expected.map(same));
  });

  test('without LOAD DATA LOCAL the same values are inserted, and the operator is told the fix once', async () => {
    await loadInto('one_way', rows);
    await server.query('SET GLOBAL local_infile = 0');
    try {
      const notices = await loadInto('other_way', rows);
      expect(notices).toHaveLength(1);
      expect(notices[0]).toContain('LOAD DATA LOCAL');
    } finally {
      await server.query('SET GLOBAL local_infile = 1');
    }
    const names = everyType.map(({ name }) => name);
    const hex = (table: string): string =>
      `SELECT ${names.map((name) => `HEX(CAST(\`${name}\` AS BINARY)) AS \`${name}\``).join(', ')} FROM ${table}`;
    const inserted = await server.query(hex('other_way'));
    expect(inserted).toHaveLength(rows.length);
    expect(inserted).toEqual(await server.query(hex('one_way')));
  });

  test('any text comes back byte for byte, both ways', async () => {
    const columns = [column('a', 'LONGTEXT'), column('b', 'LONGTEXT')];
    const cell = fc.option(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 20 }),
        fc.string({
          unit: fc.constantFrom('\\', 'N', '\t', '\n', '\r', '\0', "'", '"', '?', '0', '%', ';'),
        }),
      ),
      { nil: null },
    );
    const content = fc.sample(fc.tuple(cell, cell), 3000).map((row) => [...row]);
    const hexOf = (value: string | null): string | null =>
      value === null ? null : Buffer.from(value, 'utf8').toString('hex').toUpperCase();
    for (const allowed of [1, 0]) {
      await server.query(`SET GLOBAL local_infile = ${allowed}`);
      try {
        await loadInto(`text_${allowed}`, content, columns);
      } finally {
        await server.query('SET GLOBAL local_infile = 1');
      }
      const found = await server.query(`SELECT HEX(a) AS a, HEX(b) AS b FROM text_${allowed}`);
      expect(found.map((row) => [row['a'], row['b']])).toEqual(
        content.map((row) => row.map(hexOf)),
      );
    }
  });

  test('INSERTs stay under max_allowed_packet, and a row that cannot is an error with the fix', async () => {
    await server.query('SET GLOBAL local_infile = 0');
    await server.query('SET GLOBAL max_allowed_packet = 65536');
    try {
      const wide = Array.from({ length: 40 }, (_, at) => [`${at}${"'".repeat(10_000)}`]);
      await loadInto('narrow_pipe', wide, [column('a', 'LONGTEXT')]);
      await expect(
        loadInto('too_narrow_pipe', [['x'.repeat(70_000)]], [column('a', 'LONGTEXT')]),
      ).rejects.toMatchObject({
        code: 'database_failed',
        hint: expect.stringContaining('max_allowed_packet') as string,
      });
    } finally {
      await server.query('SET GLOBAL max_allowed_packet = 16777216');
      await server.query('SET GLOBAL local_infile = 1');
    }
    expect(
      await server.query('SELECT COUNT(*) AS n, SUM(LENGTH(a)) AS bytes FROM narrow_pipe'),
    ).toEqual([{ n: 40, bytes: String(40 * 10_000 + 70) }]);
    expect(await server.query('SELECT COUNT(*) AS n FROM too_narrow_pipe')).toEqual([{ n: 0 }]);
  });

  test('names with blanks, backticks and question marks are names', async () => {
    const dataset = datasetOf('od`d ?table', [column('a `b` ?c', 'INTEGER')]);
    const loader = new TableLoader({
      database: server.rootConfig,
      dataset,
      onNotice: () => undefined,
    });
    const load = convertedLoad(folder, dataset, 'odd.csv', [['1'], ['2']]);
    expect(await loader.load([load])).toEqual([{ loadId: load.loadId, status: 'loaded' }]);
    await loader.close();
    expect(await server.query('SELECT * FROM `od``d ?table`')).toEqual([
      { 'a `b` ?c': 1, _load_id: load.loadId },
      { 'a `b` ?c': 2, _load_id: load.loadId },
    ]);
  });

  test('each row of a group names its own load, and the ledger has every load', async () => {
    const dataset = datasetOf('grouped', [column('n', 'INTEGER')]);
    const loader = new TableLoader({
      database: server.rootConfig,
      dataset,
      onNotice: () => undefined,
    });
    const group = Array.from({ length: 30 }, (_, at) =>
      convertedLoad(
        folder,
        dataset,
        `${at}.csv`,
        Array.from({ length: at }, (_row, n) => [String(at * 100 + n)]),
      ),
    );
    const outcomes = await loader.load(group);
    expect(outcomes).toEqual(group.map(({ loadId }) => ({ loadId, status: 'loaded' })));
    await loader.close();
    const counted = await server.query(
      'SELECT _load_id AS id, COUNT(*) AS n, MIN(n) AS first FROM grouped GROUP BY _load_id',
    );
    expect(new Map(counted.map((row) => [row['id'], [row['n'], row['first']]]))).toEqual(
      new Map(group.slice(1).map((load, at) => [load.loadId, [at + 1, (at + 1) * 100]])),
    );

    const ledger = new Ledger(server.rootConfig);
    const seventh = group[7];
    expect(await ledger.findLoad(seventh?.loadId ?? '')).toMatchObject({
      file: '7.csv',
      table: 'grouped',
      dataset: 'grouped',
      rowsRead: 7,
      rowsAccepted: 7,
      bytes: seventh?.bytes,
      parquet: '7.csv.parquet',
      loadedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/) as string,
    });
    expect(await ledger.findLoad('0'.repeat(32))).toBeNull();
    await ledger.close();
  });

  test('a table without _load_id is loaded without it', async () => {
    await server.query('CREATE TABLE older (n int, extra int default 5) ENGINE=InnoDB');
    await loadInto('older', [['1']], [column('n', 'INTEGER')]);
    expect(await server.query('SELECT * FROM older')).toEqual([{ n: 1, extra: 5 }]);
  });
});
