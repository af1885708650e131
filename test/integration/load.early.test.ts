import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import mysql, { type RowDataPacket } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { DatabaseConfig } from '../../src/config/config.ts';
import type { ConvertedLoad, EarlyLoad } from '../../src/core/load.ts';
import { TableLoader } from '../../src/load/table-loader.ts';
import { ArrivingLoadFiles } from '../../src/pipeline/arriving-load-files.ts';
import type { Dataset } from '../../src/schema/dataset.ts';
import { column, convertedLoad, datasetOf } from '../support/loads.ts';
import { describeWithMariadb, startMariadb, type Mariadb } from '../support/mariadb.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

const PIECES = 3;
const PIECE_ROWS = 20_000;
const columns = [column('n', 'INTEGER'), column('text', 'VARCHAR', { length: 200 })];

/** A load in three pieces, handed to a loader piece by piece. */
interface Arrival {
  load: ConvertedLoad;
  early: EarlyLoad;
  signal: AbortSignal;
  /** Gives the next piece. */
  give: () => void;
  /** Gives what is missing, and says that the conversion has succeeded. */
  succeed: () => void;
  /** Ends it as the pipeline does. */
  abandon: () => void;
}

describeWithMariadb('a load that is begun before it is converted', () => {
  let server: Mariadb;
  const folder = mkdtempSync(join(tmpdir(), 'hopper-early-'));
  const loaders: TableLoader[] = [];
  const notices: string[] = [];
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterEach(() => {
    for (const loader of loaders.splice(0)) loader.abort();
    notices.length = 0;
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Its table is there. */
  async function loaderOf(
    dataset: Dataset,
    more: Partial<DatabaseConfig> = {},
  ): Promise<TableLoader> {
    const onNotice = (message: string): number => notices.push(message);
    const database = { ...server.rootConfig, ...more };
    const loader = new TableLoader({ database, dataset, onNotice });
    loaders.push(loader);
    await loader.load([]);
    return loader;
  }

  function arrivalOf(dataset: Dataset): Arrival {
    const pieces = Array.from({ length: PIECES }, (_, piece) => {
      const rows = Array.from({ length: PIECE_ROWS }, (_, n) => [
        String(piece * PIECE_ROWS + n),
        `row ${n} `.repeat(10),
      ]);
      return convertedLoad(folder, dataset, `${piece}.csv`, rows);
    });
    const [first] = pieces;
    if (first === undefined) throw new Error('There are no pieces.');
    const rows = PIECES * PIECE_ROWS;
    const loadFiles = pieces.flatMap((piece) => piece.loadFiles);
    const load = { ...first, loadFiles, rowsRead: rows, rowsAccepted: rows };
    const arriving = new ArrivingLoadFiles();
    const { loadId, file, sha256, bytes } = load;
    const abandonment = new AbortController();
    let given = 0;
    const give = (): void => {
      const loadFile = loadFiles[given];
      if (loadFile !== undefined) arriving.add(given++, loadFile);
    };
    let resolve: (load: ConvertedLoad) => void = () => undefined;
    const converted = new Promise<ConvertedLoad>((resolveConverted, reject) => {
      resolve = resolveConverted;
      abandonment.signal.addEventListener('abort', () => {
        reject(new Error('abandoned'));
      });
    });
    converted.catch(() => undefined);
    return {
      load,
      early: { loadId, dataset: dataset.name, file, sha256, bytes, loadFiles: arriving, converted },
      signal: abandonment.signal,
      give,
      succeed: () => {
        for (let piece = 0; piece < PIECES; piece++) give();
        arriving.end();
        resolve(load);
      },
      abandon: () => {
        arriving.fail(new Error('abandoned'));
        abandonment.abort();
      },
    };
  }

  /** Waits until so many rows are in the table, though not committed. */
  async function rowsUnderWay(table: string, rows: number): Promise<void> {
    const { host, port, user, password, database } = server.rootConfig;
    const reader = await mysql.createConnection({ host, port, user, password, database });
    await reader.query('SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED');
    let n = 0;
    await until(
      async () => {
        const [found] = await reader.query<RowDataPacket[]>(`SELECT COUNT(*) AS n FROM ${table}`);
        n = Number(found[0]?.['n']);
        // The server looks behind the last row that it has before it takes it.
        return n >= rows - 1;
      },
      () => `The table has ${n} rows.`,
    );
    await reader.end();
  }

  async function rowsIn(table: string, where = '1'): Promise<number> {
    const [row] = await server.query(`SELECT COUNT(*) AS n FROM ${table} WHERE ${where}`);
    return Number(row?.['n']);
  }

  /** Nothing of it is in the database, and loading it in the usual way loads it once. */
  async function expectLoadedLater(loader: TableLoader, { load }: Arrival): Promise<void> {
    const { dataset: table, loadId } = load;
    expect(await rowsIn(table)).toBe(0);
    expect(await rowsIn('csv_hopper_ledger', `load_id = '${loadId}'`)).toBe(0);
    expect(await loader.load([load])).toEqual([{ loadId, status: 'loaded' }]);
    expect(await rowsIn(table)).toBe(load.rowsAccepted);
  }

  test('has its rows in the transaction while pieces are missing, and commits them when it is converted', async () => {
    const dataset = datasetOf('flows', columns);
    const loader = await loaderOf(dataset);
    const arrival = arrivalOf(dataset);
    const { load, early, signal } = arrival;
    const loading = loader.loadEarly(early, signal);
    arrival.give();
    await rowsUnderWay(dataset.name, PIECE_ROWS);
    arrival.give();
    await rowsUnderWay(dataset.name, 2 * PIECE_ROWS);
    expect(await rowsIn('flows')).toBe(0);
    arrival.succeed();
    expect(await loading).toEqual({ loadId: load.loadId, status: 'loaded' });
    expect(await rowsIn('flows', `_load_id = '${load.loadId}'`)).toBe(load.rowsAccepted);
    const [entry] = await server.query(
      `SELECT rows_read, rows_accepted, parquet FROM csv_hopper_ledger WHERE load_id = '${load.loadId}'`,
    );
    expect(entry).toEqual({
      rows_read: load.rowsRead,
      rows_accepted: load.rowsAccepted,
      parquet: '0.csv.parquet',
    });
    expect(await loader.load([load])).toMatchObject([{ status: 'already_loaded' }]);
  });

  test('is rolled back when the conversion comes to nothing, though all its rows are sent', async () => {
    const dataset = datasetOf('comes_to_nothing', columns);
    const loader = await loaderOf(dataset);
    const arrival = arrivalOf(dataset);
    const loading = loader.loadEarly(arrival.early, arrival.signal);
    for (let piece = 0; piece < PIECES; piece++) arrival.give();
    await rowsUnderWay(dataset.name, PIECES * PIECE_ROWS);
    arrival.abandon();
    expect(await loading).toBeNull();
    await expectLoadedLater(loader, arrival);
  });

  test('is rolled back where fewer rows were sent than were converted', async () => {
    const dataset = datasetOf('one_short', columns);
    const loader = await loaderOf(dataset);
    const arrival = arrivalOf(dataset);
    const converted = Promise.resolve({ ...arrival.load, rowsAccepted: 1 });
    const loading = loader.loadEarly({ ...arrival.early, converted }, arrival.signal);
    arrival.succeed();
    expect(await loading).toBeNull();
    await expectLoadedLater(loader, arrival);
  });

  test('waits for a piece longer than for an answer of the server', async () => {
    const dataset = datasetOf('slow_piece', columns);
    const loader = await loaderOf(dataset, { queryTimeoutMs: 1000 });
    const arrival = arrivalOf(dataset);
    const loading = loader.loadEarly(arrival.early, arrival.signal);
    // All that is left is the end, so that the server has nothing to do then that may take long.
    for (let piece = 0; piece < PIECES; piece++) arrival.give();
    await rowsUnderWay(dataset.name, PIECES * PIECE_ROWS);
    // More than two timeouts, in which nothing is sent.
    await delay(2200);
    arrival.succeed();
    expect(await loading).toMatchObject({ status: 'loaded' });
  });

  test('is given up where the server stops answering, and closing does not wait for it', async () => {
    const dataset = datasetOf('stops_midway', columns);
    const loader = await loaderOf(dataset, { queryTimeoutMs: 500 });
    const arrival = arrivalOf(dataset);
    const loading = loader.loadEarly(arrival.early, arrival.signal);
    arrival.give();
    await rowsUnderWay(dataset.name, PIECE_ROWS);
    await server.kill('SIGSTOP');
    onTestFinished(() => server.kill('SIGCONT'));
    arrival.succeed();
    expect(await loading).toBeNull();
    await loader.close();
    await server.kill('SIGCONT');
    await expectLoadedLater(await loaderOf(dataset), arrival);
  });

  test('is loaded once after a server that is killed in the middle has come back', async () => {
    const dataset = datasetOf('killed_midway', columns);
    const loader = await loaderOf(dataset);
    const arrival = arrivalOf(dataset);
    const loading = loader.loadEarly(arrival.early, arrival.signal);
    arrival.give();
    await rowsUnderWay(dataset.name, PIECE_ROWS);
    await server.kill('SIGKILL');
    arrival.succeed();
    expect(await loading).toBeNull();
    await server.restart();
    await expectLoadedLater(loader, arrival);
  });

  test('and whose COMMIT is not answered turns out as loaded, once', async () => {
    const dataset = datasetOf('unanswered', columns);
    const proxy = await startTcpProxy(server.port);
    onTestFinished(() => proxy.close());
    const loader = await loaderOf(dataset, { port: proxy.port });
    const arrival = arrivalOf(dataset);
    const cut = proxy.cutAfterSending('COMMIT');
    const loading = loader.loadEarly(arrival.early, arrival.signal);
    arrival.succeed();
    await cut;
    expect(await loading).toBeNull();
    expect(await loader.load([arrival.load])).toMatchObject([{ status: 'already_loaded' }]);
    expect(await rowsIn('unanswered')).toBe(arrival.load.rowsAccepted);
  });

  test('is left alone where another has loaded it', async () => {
    const dataset = datasetOf('loaded_before', columns);
    const loader = await loaderOf(dataset);
    const arrival = arrivalOf(dataset);
    await loader.load([arrival.load]);
    arrival.give();
    expect(await loader.loadEarly(arrival.early, arrival.signal)).toBeNull();
    expect(await rowsIn('loaded_before')).toBe(arrival.load.rowsAccepted);
  });

  test('of which the table refuses a late row is rolled back, and load() says what is wrong', async () => {
    const dataset = datasetOf('late_refusal', columns);
    const loader = await loaderOf(dataset);
    await server.query('ALTER TABLE late_refusal ADD UNIQUE KEY one_n (n)');
    const last = PIECES * PIECE_ROWS - 1;
    await server.query(`INSERT INTO late_refusal VALUES (${last}, 'there before', '')`);
    const arrival = arrivalOf(dataset);
    const loading = loader.loadEarly(arrival.early, arrival.signal);
    arrival.succeed();
    expect(await loading).toBeNull();
    const [outcome] = await loader.load([arrival.load]);
    expect(outcome).toMatchObject({ status: 'refused', problems: [{ rule: 'database' }] });
    expect(await rowsIn('late_refusal')).toBe(1);
  });

  test('is not begun where LOAD DATA LOCAL is forbidden', async () => {
    await server.query('SET GLOBAL local_infile = 0');
    onTestFinished(async () => {
      await server.query('SET GLOBAL local_infile = 1');
    });
    const dataset = datasetOf('no_local_infile', columns);
    const loader = await loaderOf(dataset);
    const arrival = arrivalOf(dataset);
    expect(await loader.loadEarly(arrival.early, arrival.signal)).toBeNull();
    await expectLoadedLater(loader, arrival);
  });

  test('is not begun by a user who may not update the ledger, which is told once', async () => {
    await server.query("CREATE USER old_rights@'%' IDENTIFIED BY 'word'");
    await server.query("GRANT SELECT, INSERT, CREATE ON hopper_test.* TO old_rights@'%'");
    const dataset = datasetOf('no_update', columns);
    const account = { user: 'old_rights', password: 'word' };
    const loader = await loaderOf(dataset, account);
    const arrival = arrivalOf(dataset);
    for (let time = 0; time < 2; time++) {
      expect(await loader.loadEarly(arrival.early, arrival.signal)).toBeNull();
    }
    expect(notices).toEqual([expect.stringContaining('may not update')]);
    await expectLoadedLater(loader, arrival);

    await server.query("GRANT UPDATE ON hopper_test.csv_hopper_ledger TO old_rights@'%'");
    const other = datasetOf('update_granted', columns);
    const next = arrivalOf(other);
    const loading = (await loaderOf(other, account)).loadEarly(next.early, next.signal);
    next.succeed();
    expect(await loading).toMatchObject({ status: 'loaded' });
  });
});
