import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { HopperError } from '../../src/errors/hopper-error.ts';
import { TableLoader } from '../../src/load/table-loader.ts';
import type { Dataset } from '../../src/schema/dataset.ts';
import { column, convertedLoad, datasetOf } from '../support/loads.ts';
import { describeWithMariadb, startMariadb, type Mariadb } from '../support/mariadb.ts';
import { duplicateEntry } from '../support/server-program.ts';

const columns = [column('n', 'INTEGER'), column('text', 'VARCHAR', { length: 20 })];

describeWithMariadb('what the database refuses', () => {
  let server: Mariadb;
  const folder = mkdtempSync(join(tmpdir(), 'hopper-load-'));
  const loaders: TableLoader[] = [];
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterEach(() => {
    for (const loader of loaders.splice(0)) loader.abort();
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function loaderOf(dataset: Dataset, notices: string[] = []): TableLoader {
    const loader = new TableLoader({
      database: server.rootConfig,
      dataset,
      onNotice: (message) => notices.push(message),
    });
    loaders.push(loader);
    return loader;
  }

  describe.each([
    ['LOAD DATA', 1],
    ['INSERT', 0],
  ])('by %s', (way, allowed) => {
    const suffix = way.toLowerCase().replace(' ', '_');
    beforeAll(async () => {
      await server.query(`SET GLOBAL local_infile = ${allowed}`);
    });

    test('a duplicate key refuses its own file only; the others of the group are loaded', async () => {
      const table = `unique_${suffix}`;
      const dataset = datasetOf(table, columns);
      await server.query(
        `CREATE TABLE ${table} (n int, text varchar(20), UNIQUE KEY one_n (n)) ENGINE=InnoDB`,
      );
      const good = convertedLoad(folder, dataset, 'good.csv', [['1', 'a']]);
      const guilty = convertedLoad(folder, dataset, 'guilty.csv', [
        ['2', 'b'],
        ['1', 'c'],
      ]);
      const late = convertedLoad(folder, dataset, 'late.csv', [['3', 'd']]);
      const outcomes = await loaderOf(dataset).load([good, guilty, late]);
      expect(outcomes).toMatchObject([
        { loadId: good.loadId, status: 'loaded' },
        { loadId: guilty.loadId, status: 'refused' },
        { loadId: late.loadId, status: 'loaded' },
      ]);
      const problems = outcomes[1]?.status === 'refused' ? outcomes[1].problems : [];
      expect(problems).toMatchObject([
        { line: 0, rule: 'database', value: duplicateEntry('1', table, 'one_n') },
      ]);
      expect(await server.query(`SELECT n FROM ${table} ORDER BY n`)).toEqual([{ n: 1 }, { n: 3 }]);
      expect(
        await server.query(
          'SELECT file_name AS file FROM csv_hopper_ledger WHERE table_name = ? ORDER BY file_name',
          [table],
        ),
      ).toEqual([{ file: 'good.csv' }, { file: 'late.csv' }]);
    });

    test.each([
      ['too long a text', 'varchar(3)', column('value', 'VARCHAR'), 'abcdef'],
      ['a number out of range', 'tinyint', column('value', 'INTEGER'), '300'],
      ['a word where a number belongs', 'int', column('value', 'INTEGER'), 'secret'],
      ['a missing value', 'int not null', column('value', 'INTEGER'), null],
      [
        'a digit that would be rounded away',
        'decimal(4,1)',
        column('value', 'DECIMAL', { precision: 4, scale: 1 }),
        '1.55',
      ],
      ['a blank that would be cut off', 'varchar(3)', column('value', 'VARCHAR'), 'abc '],
      ['a broken check', 'int check (value < 10)', column('value', 'INTEGER'), '11'],
      ['a day that is none', 'date', column('value', 'DATE'), '2023-02-30'],
    ] as const)('%s is refused, not stored otherwise', async (title, mysqlType, of, value) => {
      const table = `refused_${suffix}_${title.replaceAll(' ', '_')}`;
      await server.query(`CREATE TABLE ${table} (value ${mysqlType}) ENGINE=InnoDB`);
      const dataset = datasetOf(table, [of], { value: mysqlType });
      const loader = loaderOf(dataset);
      const filler = value === null ? '1' : null;
      const load = convertedLoad(folder, dataset, 'a.csv', [[filler], [filler], [value]]);
      const [outcome] = await loader.load([load]);
      if (outcome?.status !== 'refused') throw new Error(`It was ${outcome?.status ?? 'lost'}.`);
      expect(outcome.problems).toHaveLength(1);
      const [problem] = outcome.problems;
      expect(problem?.rule).toBe('database');
      expect(problem?.message).toMatch(
        /row 3 of the accepted rows|check|CONSTRAINT|cannot be null/i,
      );
      expect(problem?.message).not.toContain('secret');
      expect(await server.query(`SELECT COUNT(*) AS n FROM ${table}`)).toEqual([{ n: 0 }]);
      expect(
        await server.query('SELECT 1 FROM csv_hopper_ledger WHERE table_name = ?', [table]),
      ).toEqual([]);
    });

    test('a value that the server quotes is told beside the message, not in it', async () => {
      const table = `partitioned_${suffix}`;
      await server.query(
        `CREATE TABLE ${table} (n int) ENGINE=InnoDB PARTITION BY LIST (n) (PARTITION low VALUES IN (1, 2))`,
      );
      const dataset = datasetOf(table, [column('n', 'INTEGER')]);
      const load = convertedLoad(folder, dataset, 'a.csv', [['1'], ['424242']]);
      const [outcome] = await loaderOf(dataset).load([load]);
      const problems = outcome?.status === 'refused' ? outcome.problems : [];
      expect(problems).toMatchObject([{ value: 'Table has no partition for value 424242' }]);
      expect(problems[0]?.message).not.toContain('424242');
    });

    test('a table altered after it was compared is at fault, not the files that fit the schema', async () => {
      const table = `altered_${suffix}`;
      const dataset = datasetOf(table, columns);
      const loader = loaderOf(dataset);
      const before = convertedLoad(folder, dataset, 'before.csv', [['1', 'a']]);
      expect(await loader.load([before])).toMatchObject([{ status: 'loaded' }]);
      await server.query(`ALTER TABLE ${table} MODIFY text varchar(2)`);
      const group = [
        convertedLoad(folder, dataset, 'good.csv', [['2', 'second']]),
        convertedLoad(folder, dataset, 'late.csv', [['3', 'third']]),
      ];
      await expect(loader.load(group)).rejects.toMatchObject({ code: 'table_mismatch' });
      await server.query(`ALTER TABLE ${table} MODIFY text varchar(20)`);
      expect(await loader.load(group)).toMatchObject([{ status: 'loaded' }, { status: 'loaded' }]);
    });

    test('a missing row of another table refuses the file', async () => {
      const table = `child_${suffix}`;
      await server.query(`CREATE TABLE parent_${suffix} (id int primary key) ENGINE=InnoDB`);
      await server.query(
        `CREATE TABLE ${table} (n int, FOREIGN KEY (n) REFERENCES parent_${suffix} (id)) ENGINE=InnoDB`,
      );
      const dataset = datasetOf(table, [column('n', 'INTEGER')]);
      const load = convertedLoad(folder, dataset, 'a.csv', [['7']]);
      expect(await loaderOf(dataset).load([load])).toMatchObject([{ status: 'refused' }]);
      expect(await server.query(`SELECT COUNT(*) AS n FROM ${table}`)).toEqual([{ n: 0 }]);
    });

    test('a full disk is not the fault of the file', async () => {
      const table = `full_${suffix}`;
      const dataset = datasetOf(table, [column('n', 'INTEGER')]);
      const loader = loaderOf(dataset);
      await loader.load([]);
      await server.query(
        `CREATE TRIGGER full_${suffix} BEFORE INSERT ON ${table} FOR EACH ROW SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1114`,
      );
      const load = convertedLoad(folder, dataset, 'a.csv', [['7']]);
      await expect(loader.load([load])).rejects.toMatchObject({
        code: 'database_failed',
        fault: 'environment',
      });
      await server.query(`DROP TRIGGER full_${suffix}`);
      expect(await loader.load([load])).toMatchObject([{ status: 'loaded' }]);
    });
  });

  test('a table with every kind of difference is a table_mismatch that names each', async () => {
    await server.query(
      `CREATE TABLE mismatched (
         n smallint, price double, moment datetime, short varchar(10), sum int generated always as (n + 1),
         needed int not null, spare int, preset int not null default 1
       ) ENGINE=InnoDB`,
    );
    const dataset = datasetOf('mismatched', [
      column('n', 'INTEGER'),
      column('price', 'DECIMAL', { precision: 10, scale: 2 }),
      column('moment', 'DATETIME', { fraction: 3 }),
      column('short', 'VARCHAR', { length: 20 }),
      column('sum', 'INTEGER'),
      column('gone', 'DATE'),
    ]);
    const failure: unknown = await loaderOf(dataset)
      .load([])
      .catch((error: unknown) => error);
    if (!(failure instanceof HopperError)) throw new Error('It fits.');
    expect(failure.code).toBe('table_mismatch');
    const differences = failure.details['differences'] as string[];
    expect(differences.map((difference) => difference.split(' ')[1])).toEqual([
      'n',
      'price',
      'moment',
      'short',
      'sum',
      'gone',
      'needed',
    ]);
  });

  test.each([
    ['a MyISAM table', 'CREATE TABLE unfit (n int, text varchar(20)) ENGINE=MyISAM', 'InnoDB'],
    ['a view', 'CREATE VIEW unfit AS SELECT 1 AS n, 2 AS text', 'view'],
    [
      'a _load_id of another type',
      'CREATE TABLE unfit (n int, text varchar(20), _load_id int) ENGINE=InnoDB',
      'CHAR(32)',
    ],
    [
      'an AUTO_INCREMENT column that may get NULL',
      'CREATE TABLE unfit (n int auto_increment primary key, text varchar(20)) ENGINE=InnoDB',
      'AUTO_INCREMENT',
    ],
  ])('%s is a table_mismatch', async (_, sql, word) => {
    await server.query(sql);
    try {
      const failure: unknown = await loaderOf(datasetOf('unfit', columns))
        .load([])
        .catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: 'table_mismatch',
        message: expect.stringContaining(word) as string,
      });
    } finally {
      await server.query(word === 'view' ? 'DROP VIEW unfit' : 'DROP TABLE unfit');
    }
  });

  test('a table declared so that it would change values silently is a table_mismatch', async () => {
    const dataset = datasetOf(
      'declared',
      [column('price', 'DECIMAL', { precision: 10, scale: 2 })],
      { price: 'double' },
    );
    await expect(loaderOf(dataset).load([])).rejects.toMatchObject({ code: 'table_mismatch' });
    expect(await server.query("SHOW TABLES LIKE 'declared'")).toEqual([]);
  });

  test('wider columns, other letter case and another character set are taken, the last with a notice', async () => {
    await server.query(
      'CREATE TABLE wider (N bigint, Text mediumtext character set latin1, id int auto_increment primary key) ENGINE=InnoDB',
    );
    const dataset = datasetOf('wider', columns);
    const notices: string[] = [];
    const loader = loaderOf(dataset, notices);
    await server.query('SET GLOBAL local_infile = 1');
    const fine = convertedLoad(folder, dataset, 'fine.csv', [['1', 'é']]);
    const emoji = convertedLoad(folder, dataset, 'emoji.csv', [['2', '😀']]);
    expect(await loader.load([fine, emoji])).toMatchObject([
      { status: 'loaded' },
      { status: 'refused' },
    ]);
    expect(notices).toEqual([expect.stringContaining('latin1')]);
    expect(await server.query('SELECT n, text FROM wider')).toEqual([{ n: 1, text: 'é' }]);
  });

  test('a load file with another number of rows than were converted is not loaded', async () => {
    const dataset = datasetOf('counted', [column('n', 'INTEGER')]);
    const loader = loaderOf(dataset);
    const load = convertedLoad(folder, dataset, 'a.csv', [['1'], ['2']]);
    await expect(loader.load([{ ...load, rowsAccepted: 3 }])).rejects.toMatchObject({
      code: 'load_file_unusable',
    });
    expect(await server.query('SELECT COUNT(*) AS n FROM counted')).toEqual([{ n: 0 }]);
  });

  test('where each table must have a primary key, one that has none by its schema is to be made by hand', async () => {
    const setting = { MariaDB: 'innodb_force_primary_key', MySQL: 'sql_require_primary_key' }[
      server.kind
    ];
    const dataset = datasetOf('keyless', columns);
    const load = convertedLoad(folder, dataset, 'a.csv', [['1', 'a']]);
    await server.query(`SET GLOBAL ${setting} = ON`);
    onTestFinished(async () => {
      await server.query(`SET GLOBAL ${setting} = OFF`);
    });
    const loader = loaderOf(dataset);
    await expect(loader.load([load])).rejects.toMatchObject({
      code: 'table_mismatch',
      message: expect.stringContaining('the server takes no table without one') as string,
      hint: expect.stringContaining('AUTO_INCREMENT PRIMARY KEY') as string,
    });
    await server.query(
      'CREATE TABLE keyless (line_number BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,' +
        ' n BIGINT, text VARCHAR(20)) ENGINE=InnoDB',
    );
    expect(await loader.load([load])).toMatchObject([{ status: 'loaded' }]);
  });

  test('a user who may not create tables loads into tables that are there', async () => {
    const dataset = datasetOf('granted', columns);
    await loaderOf(dataset).load([]);
    await server.query("CREATE USER narrow@'%' IDENTIFIED BY 'narrow'");
    await server.query("GRANT SELECT, INSERT ON hopper_test.* TO narrow@'%'");
    const narrow = { ...server.rootConfig, user: 'narrow', password: 'narrow' };
    const load = convertedLoad(folder, dataset, 'a.csv', [['1', 'a']]);
    const loader = new TableLoader({ database: narrow, dataset, onNotice: () => undefined });
    expect(await loader.load([load])).toMatchObject([{ status: 'loaded' }]);
    await loader.close();
    const missing = new TableLoader({
      database: narrow,
      dataset: datasetOf('not_there', columns),
      onNotice: () => undefined,
    });
    await expect(missing.load([])).rejects.toMatchObject({ code: 'database_denied' });
    await missing.close();
  });
});
