import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { DatabaseConfig } from '../../src/config/config.ts';
import type { ConvertedLoad, LoadFile } from '../../src/core/load.ts';
import { HopperError } from '../../src/errors/hopper-error.ts';
import { TableLoader } from '../../src/load/table-loader.ts';
import type { Dataset } from '../../src/schema/dataset.ts';
import { column, convertedLoad, datasetOf } from '../support/loads.ts';
import { describeWithMariadb, startMariadb, type Mariadb } from '../support/mariadb.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const columns = [column('n', 'INTEGER'), column('text', 'VARCHAR', { length: 200 })];

describeWithMariadb('a load that meets trouble', () => {
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

  function loaderOf(dataset: Dataset, more: Partial<DatabaseConfig> = {}): TableLoader {
    const loader = new TableLoader({
      database: { ...server.rootConfig, ...more },
      dataset,
      onNotice: () => undefined,
    });
    loaders.push(loader);
    return loader;
  }

  function loadOf(dataset: Dataset, file: string, rows = 3): ConvertedLoad {
    const content = Array.from({ length: rows }, (_, n) => [String(n), `${file} `.repeat(10)]);
    return convertedLoad(folder, dataset, file, content);
  }

  function loadFileOf(load: ConvertedLoad): LoadFile {
    const [loadFile] = load.loadFiles;
    if (loadFile === undefined) throw new Error('The load has no load file.');
    return loadFile;
  }

  async function rowsIn(table: string): Promise<unknown> {
    const [row] = await server.query(`SELECT COUNT(*) AS n FROM ${table}`);
    return row?.['n'];
  }

  /** Waits until a load is in the middle of its LOAD DATA statement, and returns its connection id. */
  async function runningLoad(): Promise<number> {
    for (;;) {
      const [row] = await server.query(
        "SELECT ID AS id FROM information_schema.PROCESSLIST WHERE INFO LIKE 'LOAD DATA%'",
      );
      if (row !== undefined) return Number(row['id']);
    }
  }

  async function failureOf(promise: Promise<unknown>): Promise<HopperError> {
    const error: unknown = await promise.then(
      () => null,
      (reason: unknown) => reason,
    );
    if (!(error instanceof HopperError))
      throw new Error('It did not fail as it should.', { cause: error });
    return error;
  }

  test('a COMMIT whose answer is lost counts as loaded exactly once', async () => {
    const dataset = datasetOf('lost_answer', columns);
    const group = [loadOf(dataset, 'a.csv'), loadOf(dataset, 'b.csv', 5)];
    const proxy = await startTcpProxy(server.port);
    const loader = loaderOf(dataset, { port: proxy.port });
    const cut = proxy.cutAfterSending('COMMIT');
    const failure = await failureOf(loader.load(group));
    expect([failure.code, failure.fault]).toEqual(['database_unreachable', 'environment']);
    await cut;
    expect(await loader.load(group)).toEqual(
      group.map(({ loadId }) => ({ loadId, status: 'already_loaded' })),
    );
    expect(await rowsIn('lost_answer')).toBe(8);
    loader.abort();
    await proxy.close();
  });

  test('a connection lost before COMMIT leaves nothing, and the next try loads', async () => {
    const dataset = datasetOf('lost_early', columns);
    const load = loadOf(dataset, 'a.csv');
    const proxy = await startTcpProxy(server.port);
    const loader = loaderOf(dataset, { port: proxy.port });
    const cut = proxy.cutAfterSending('LOAD DATA');
    expect((await failureOf(loader.load([load]))).fault).toBe('environment');
    await cut;
    expect(await loader.load([load])).toEqual([{ loadId: load.loadId, status: 'loaded' }]);
    expect(await rowsIn('lost_early')).toBe(3);
    loader.abort();
    await proxy.close();
  });

  test('a server that is killed during a load and started again has the load exactly once', async () => {
    const dataset = datasetOf('killed_server', columns);
    const load = loadOf(dataset, 'big.csv', 300_000);
    const loader = loaderOf(dataset);
    const loading = failureOf(loader.load([load]));
    await runningLoad();
    await server.kill('SIGKILL');
    expect((await loading).code).toBe('database_unreachable');
    expect((await failureOf(loader.load([load]))).code).toBe('database_unreachable');
    await server.restart();
    expect(await rowsIn('killed_server')).toBe(0);
    expect(await loader.load([load])).toEqual([{ loadId: load.loadId, status: 'loaded' }]);
    expect(await rowsIn('killed_server')).toBe(300_000);
    expect(await loader.load([load])).toEqual([{ loadId: load.loadId, status: 'already_loaded' }]);
  });

  test('a connection that the server kills is an error of the environment, and the next try loads', async () => {
    const dataset = datasetOf('killed_connection', columns);
    const load = loadOf(dataset, 'big.csv', 300_000);
    const loader = loaderOf(dataset);
    const loading = failureOf(loader.load([load]));
    await server.query(`KILL ${await runningLoad()}`);
    expect((await loading).fault).toBe('environment');
    expect(await loader.load([load])).toEqual([{ loadId: load.loadId, status: 'loaded' }]);
    expect(await rowsIn('killed_connection')).toBe(300_000);
  });

  test('abort() ends a load at once, and nothing of it stays', async () => {
    const dataset = datasetOf('aborted', columns);
    const load = loadOf(dataset, 'big.csv', 300_000);
    const loader = loaderOf(dataset);
    const loading = failureOf(loader.load([load]));
    await runningLoad();
    loader.abort();
    expect((await loading).fault).toBe('environment');
    expect(await loaderOf(dataset).load([load])).toEqual([
      { loadId: load.loadId, status: 'loaded' },
    ]);
    expect(await rowsIn('aborted')).toBe(300_000);
  });

  test('a server that has stopped answering is given up after the timeout, in a statement as in a connect', async () => {
    const dataset = datasetOf('stopped_server', columns);
    const load = loadOf(dataset, 'a.csv');
    const loader = loaderOf(dataset, { connectTimeoutMs: 300, queryTimeoutMs: 300 });
    await loader.load([]);
    await server.kill('SIGSTOP');
    try {
      expect((await failureOf(loader.load([load]))).code).toBe('database_timeout');
      expect((await failureOf(loader.load([load]))).code).toBe('database_timeout');
    } finally {
      await server.kill('SIGCONT');
    }
    const patient = loaderOf(dataset);
    const [outcome] = await patient.load([load]);
    expect(outcome).toMatchObject({ loadId: load.loadId, status: 'loaded' });
    expect(await rowsIn('stopped_server')).toBe(3);
  });

  test('a server that has stopped answering does not hold up close()', async () => {
    const dataset = datasetOf('no_goodbye', columns);
    // With a statement's timeout close() would outlast the test.
    const loader = loaderOf(dataset, { queryTimeoutMs: 3_600_000 });
    await loader.load([]);
    await server.kill('SIGSTOP');
    onTestFinished(() => server.kill('SIGCONT'));
    await loader.close();
  });

  test('a server that stops in the middle of a load is given up when no bytes move any more', async () => {
    const dataset = datasetOf('stopped_midway', columns);
    const load = loadOf(dataset, 'big.csv', 300_000);
    const loader = loaderOf(dataset, { queryTimeoutMs: 1000 });
    const loading = failureOf(loader.load([load]));
    await runningLoad();
    await server.kill('SIGSTOP');
    const failure = await loading;
    await server.kill('SIGCONT');
    expect(failure.code).toBe('database_timeout');
    expect(await loaderOf(dataset).load([load])).toMatchObject([{ status: 'loaded' }]);
    expect(await rowsIn('stopped_midway')).toBe(300_000);
  });

  test('a server that does not ask for the file, because the table is locked, is given up after the timeout', async () => {
    const dataset = datasetOf('locked_table', columns);
    const load = loadOf(dataset, 'a.csv');
    const loader = loaderOf(dataset, { queryTimeoutMs: 500 });
    await loader.load([]);
    const { host, port, user, password, database } = server.rootConfig;
    const other = await mysql.createConnection({ host, port, user, password, database });
    await other.query('LOCK TABLES locked_table WRITE');
    expect((await failureOf(loader.load([load]))).code).toBe('database_timeout');
    await other.end();
    expect(await loaderOf(dataset).load([load])).toMatchObject([{ status: 'loaded' }]);
    expect(await rowsIn('locked_table')).toBe(3);
  });

  test('a load file that is cut short or gone is rolled back', async () => {
    const dataset = datasetOf('torn_load_file', columns);
    const good = loadOf(dataset, 'good.csv', 1000);
    const torn = loadOf(dataset, 'torn.csv', 1000);
    const { path, bytes } = loadFileOf(torn);
    truncateSync(path, bytes - 5);
    const loader = loaderOf(dataset);
    const failure = await failureOf(loader.load([good, torn]));
    expect([failure.code, failure.fault]).toEqual(['load_file_unusable', 'environment']);
    expect(failure.message).toContain('torn.csv');
    unlinkSync(path);
    expect((await failureOf(loader.load([good, torn]))).code).toBe('load_file_unusable');
    expect(await rowsIn('torn_load_file')).toBe(0);
    expect(await loader.load([good])).toMatchObject([{ status: 'loaded' }]);
    expect(await rowsIn('torn_load_file')).toBe(1000);
  });

  test('a load that a trigger stops with an error of its own waits alone, and the others of its group load', async () => {
    const dataset = datasetOf('stopped_by_trigger', columns);
    const loader = loaderOf(dataset);
    await loader.load([]);
    await server.query(
      `CREATE TRIGGER stops BEFORE INSERT ON stopped_by_trigger FOR EACH ROW
       IF NEW.n = 7 THEN SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 31001; END IF`,
    );
    const [a, culprit, c] = [loadOf(dataset, 'a'), loadOf(dataset, 'b', 8), loadOf(dataset, 'c')];
    expect(await loader.load([a, culprit, c])).toMatchObject([
      { loadId: a.loadId, status: 'loaded' },
      { loadId: culprit.loadId, status: 'held_up', error: { code: 'database_failed' } },
      { loadId: c.loadId, status: 'loaded' },
    ]);
    expect(await rowsIn('stopped_by_trigger')).toBe(6);
    expect((await failureOf(loader.load([culprit]))).details).toMatchObject({ errno: 31001 });
    await server.query('DROP TRIGGER stops');
    expect(await loader.load([culprit])).toMatchObject([{ status: 'loaded' }]);
    expect(await rowsIn('stopped_by_trigger')).toBe(14);
  });

  test('loads that the server answers with an error leave nothing behind on the connection', async () => {
    const warnings: string[] = [];
    const hear = (warning: Error): number => warnings.push(warning.name);
    process.on('warning', hear);
    onTestFinished(() => {
      process.off('warning', hear);
    });
    const dataset = datasetOf('always_stopped', columns);
    const loader = loaderOf(dataset);
    await loader.load([]);
    await server.query(
      `CREATE TRIGGER always BEFORE INSERT ON always_stopped FOR EACH ROW SIGNAL SQLSTATE '45000'`,
    );
    for (let n = 0; n < 12; n++)
      expect(await loader.load([loadOf(dataset, `${n}`)])).toMatchObject([{ status: 'refused' }]);
    await server.query('DROP TRIGGER always');
    expect(await loader.load([loadOf(dataset, 'last')])).toMatchObject([{ status: 'loaded' }]);
    expect(warnings).not.toContain('MaxListenersExceededWarning');
  });

  test('a table that has no number left for a row is in trouble, and the server is not taken to be away', async () => {
    const dataset = datasetOf('used_up', columns);
    const loader = loaderOf(dataset);
    await server.query(
      'CREATE TABLE used_up (id TINYINT AUTO_INCREMENT PRIMARY KEY, n INT, text VARCHAR(200)) ENGINE=InnoDB AUTO_INCREMENT = 126',
    );
    const words = {
      MariaDB: "Out of range value for column 'id'",
      MySQL: 'Failed to read auto-increment value from storage engine',
    }[server.kind];
    for (const allowed of [1, 0]) {
      await server.query(`SET GLOBAL local_infile = ${allowed}`);
      expect(await failureOf(loader.load([loadOf(dataset, 'a')]))).toMatchObject({
        code: 'database_failed',
        message: expect.stringContaining(words) as string,
      });
    }
    await server.query('SET GLOBAL local_infile = 1');
    expect(await rowsIn('used_up')).toBe(0);
  });

  /** Loads of one row; the cell of the second takes 3 MiB, and the server takes packets of 1 MiB. */
  async function largeCell(dataset: Dataset): Promise<{ group: ConvertedLoad[]; cell: string }> {
    await server.query('SET GLOBAL max_allowed_packet = 1048576');
    onTestFinished(async () => {
      await server.query('SET GLOBAL max_allowed_packet = 16777216');
    });
    const cell = Array.from({ length: 3 << 17 }, (_, n) => String(n).padStart(8)).join('');
    const group = ['x', cell, 'z'].map((text, n) =>
      convertedLoad(folder, dataset, `${n}.csv`, [[text]]),
    );
    return { group, cell };
  }

  test('a cell larger than max_allowed_packet is sent in several packets, and loaded', async () => {
    const dataset = datasetOf('large_cell', [column('a', 'LONGTEXT')]);
    const { group, cell } = await largeCell(dataset);
    const outcomes = await loaderOf(dataset).load(group);
    expect(outcomes.map(({ status }) => status)).toEqual(['loaded', 'loaded', 'loaded']);
    const hash = createHash('sha256').update(cell).digest('hex');
    const found = await server.query(
      `SELECT COUNT(*) AS n FROM large_cell WHERE SHA2(a, 256) = '${hash}'`,
    );
    expect(found).toEqual([{ n: 1 }]);
  });

  test('a cell that is too large for an INSERT waits alone, and the other loads of its group load', async () => {
    const dataset = datasetOf('large_cell_inserted', [column('a', 'LONGTEXT')]);
    const { group } = await largeCell(dataset);
    await server.query('SET GLOBAL local_infile = 0');
    onTestFinished(async () => {
      await server.query('SET GLOBAL local_infile = 1');
    });
    expect(await loaderOf(dataset).load(group)).toMatchObject([
      { status: 'loaded' },
      { status: 'held_up', error: { code: 'database_failed' } },
      { status: 'loaded' },
    ]);
    expect(await rowsIn('large_cell_inserted')).toBe(2);
  });

  test('two loaders with the same loads load each exactly once between them', async () => {
    const dataset = datasetOf('raced', columns);
    const group = Array.from({ length: 20 }, (_, at) => loadOf(dataset, `${at}.csv`, 200));
    const racers = [loaderOf(dataset), loaderOf(dataset), loaderOf(dataset)];
    const outcomes = await Promise.all([
      racers[0]?.load(group),
      racers[1]?.load([...group].reverse()),
      racers[2]?.load(group.slice(5, 15)),
    ]);
    const loaded = outcomes.flat().filter((outcome) => outcome?.status === 'loaded');
    expect(new Set(loaded.map((outcome) => outcome.loadId)).size).toBe(20);
    expect(loaded).toHaveLength(20);
    expect(await rowsIn('raced')).toBe(4000);
  });

  test('a table dropped while the loader runs is created again', async () => {
    const dataset = datasetOf('dropped', columns);
    const loader = loaderOf(dataset);
    await loader.load([loadOf(dataset, 'a.csv')]);
    await server.query('DROP TABLE dropped');
    expect(await loader.load([loadOf(dataset, 'b.csv')])).toMatchObject([{ status: 'loaded' }]);
    expect(await rowsIn('dropped')).toBe(3);
  });

  test('a column dropped while the loader runs is a table_mismatch', async () => {
    const dataset = datasetOf('altered', columns);
    const loader = loaderOf(dataset);
    await loader.load([loadOf(dataset, 'a.csv')]);
    await server.query('ALTER TABLE altered DROP COLUMN text');
    const load = loadOf(dataset, 'b.csv');
    expect((await failureOf(loader.load([load]))).code).toBe('table_mismatch');
    await server.query('ALTER TABLE altered ADD COLUMN text varchar(200)');
    expect(await loader.load([load])).toMatchObject([{ status: 'loaded' }]);
  });

  test('an undecided transaction with the same load is waited for, and then the load is loaded', async () => {
    const dataset = datasetOf('fenced', columns);
    const load = loadOf(dataset, 'a.csv');
    const loader = loaderOf(dataset, { queryTimeoutMs: 1500 });
    await loader.load([]);
    const { host, port, user, password, database } = server.rootConfig;
    const other = await mysql.createConnection({ host, port, user, password, database });
    await other.query('START TRANSACTION');
    await other.query(
      `INSERT INTO csv_hopper_ledger VALUES ('${load.loadId}', 'd', 't', 'f', '', 0, 0, 0, 0, 0, 0, 'p', NOW(), NULL)`,
    );
    // Longer than the lock wait: an error of the environment, not "loaded" and not "refused".
    expect((await failureOf(loader.load([load]))).fault).toBe('environment');
    const waiting = loaderOf(dataset).load([load]);
    await other.query('ROLLBACK');
    await other.end();
    expect(await waiting).toMatchObject([{ status: 'loaded' }]);
    expect(await rowsIn('fenced')).toBe(3);
  });

  test.each([
    ['a wrong password', { password: 'wrong' }, 'database_denied'],
    ['an unknown database', { database: 'nowhere' }, 'database_unknown'],
    ['a port that nobody listens on', { port: 1 }, 'database_unreachable'],
    ['a host without an address', { host: 'nowhere.invalid' }, 'database_unreachable'],
  ])(
    '%s is an error of the environment that names neither password nor rows',
    async (_, wrong, code) => {
      const dataset = datasetOf('never', columns);
      const failure = await failureOf(loaderOf(dataset, wrong).load([loadOf(dataset, 'a.csv')]));
      expect([failure.code, failure.fault]).toEqual([code, 'environment']);
      expect(JSON.stringify([failure.message, failure.details, failure.cause])).not.toContain(
        'wrong',
      );
    },
  );

  test('too many connections is an error of the environment', async () => {
    const crowded = await startMariadb({ config: ['--max-connections=10'] });
    try {
      const dataset = datasetOf('crowded', columns);
      const all = Array.from({ length: 12 }, () => loaderOf(dataset, { port: crowded.port }));
      const results = await Promise.allSettled(all.map((loader) => loader.load([])));
      const codes = results.flatMap((result) =>
        result.status === 'rejected' ? [(result.reason as HopperError).code] : [],
      );
      expect(codes.length).toBeGreaterThan(0);
      expect(new Set(codes)).toEqual(new Set(['database_unreachable']));
    } finally {
      await crowded.stop();
    }
  });
});
