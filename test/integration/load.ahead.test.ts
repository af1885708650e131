import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ConvertedLoad } from '../../src/core/load.ts';
import { TableLoader } from '../../src/load/table-loader.ts';
import { LoadQueue } from '../../src/pipeline/load-queue.ts';
import type { Dataset } from '../../src/schema/dataset.ts';
import { column, convertedLoad, datasetOf } from '../support/loads.ts';
import { describeWithMariadb, startMariadb, type Mariadb } from '../support/mariadb.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const columns = [column('n', 'INTEGER'), column('text', 'VARCHAR', { length: 200 })];

describeWithMariadb('a group that is loaded before the one ahead of it is committed', () => {
  let server: Mariadb;
  const folder = mkdtempSync(join(tmpdir(), 'hopper-ahead-'));
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

  /** Its table is there. */
  async function loaderOf(dataset: Dataset, port?: number): Promise<TableLoader> {
    const { rootConfig } = server;
    const database = { ...rootConfig, port: port ?? rootConfig.port };
    const loader = new TableLoader({ database, dataset, onNotice: () => undefined });
    loaders.push(loader);
    await loader.load([]);
    return loader;
  }

  function loadOf(dataset: Dataset, file: string, rows: (string | null)[][]): ConvertedLoad {
    return convertedLoad(folder, dataset, file, rows);
  }

  async function count(table: string, where = '1'): Promise<number> {
    const [row] = await server.query(`SELECT COUNT(*) AS n FROM ${table} WHERE ${where}`);
    return Number(row?.['n']);
  }

  /** Tells when a group's rows are in the table. */
  function whenSent(): { onRows: () => void; sent: Promise<void> } {
    let onRows = (): void => undefined;
    const sent = new Promise<void>((resolve) => (onRows = resolve));
    return {
      onRows: () => {
        onRows();
      },
      sent,
    };
  }

  test('is committed only when that is, though its rows are in the table before', async () => {
    const dataset = datasetOf('waits', columns);
    const loader = await loaderOf(dataset);
    const load = loadOf(dataset, 'b.csv', [['1', 'b']]);
    const { onRows, sent } = whenSent();
    let commit: (isCommitted: boolean) => void = () => undefined;
    const earlier = new Promise<boolean>((resolve) => (commit = resolve));
    const loading = loader.loadAhead([load], earlier, onRows);
    await sent;
    expect(await count('waits')).toBe(0);
    commit(true);
    expect(await loading).toEqual([{ loadId: load.loadId, status: 'loaded' }]);
    expect(await count('waits', `_load_id = '${load.loadId}'`)).toBe(1);
    expect(await loader.load([load])).toMatchObject([{ status: 'already_loaded' }]);
  });

  test.each([
    ['the one ahead is not committed', Promise.resolve(false)],
    ['nobody says that it is', new Promise<boolean>(() => undefined)],
  ])('is rolled back where %s, and loaded in its turn', async (what, earlier) => {
    const dataset = datasetOf('rolls_back', columns);
    const loader = await loaderOf(dataset);
    const load = loadOf(dataset, `${what}.csv`, [['1', what]]);
    expect(await loader.loadAhead([load], earlier, () => undefined)).toBeNull();
    expect(await count('rolls_back', `_load_id = '${load.loadId}'`)).toBe(0);
    expect(await count('csv_hopper_ledger', `load_id = '${load.loadId}'`)).toBe(0);
    expect(await loader.load([load])).toEqual([{ loadId: load.loadId, status: 'loaded' }]);
    expect(await count('rolls_back', `_load_id = '${load.loadId}'`)).toBe(1);
  });

  test('leaves refused rows and loads of before to its turn', async () => {
    const dataset = datasetOf('refuses', columns, { text: 'VARCHAR(3)' });
    const loader = await loaderOf(dataset);
    const [good, bad] = [
      loadOf(dataset, 'good.csv', [['1', 'abc']]),
      loadOf(dataset, 'bad.csv', [['2', 'abcd']]),
    ];
    await loader.load([good]);
    const committed = Promise.resolve(true);
    expect(await loader.loadAhead([bad], committed, () => undefined)).toBeNull();
    expect(await loader.loadAhead([good], committed, () => undefined)).toBeNull();
    expect(await count('refuses')).toBe(1);
    expect(await loader.load([good, bad])).toMatchObject([
      { status: 'already_loaded' },
      { status: 'refused' },
    ]);
  });

  test('throws where the answer to its COMMIT is lost, and the next attempt finds out', async () => {
    const dataset = datasetOf('lost_answer', columns);
    const proxy = await startTcpProxy(server.rootConfig.port);
    const loader = await loaderOf(dataset, proxy.port);
    const load = loadOf(dataset, 'b.csv', [['1', 'b']]);
    const cut = proxy.cutAfterSending('COMMIT');
    await expect(
      loader.loadAhead([load], Promise.resolve(true), () => undefined),
    ).rejects.toMatchObject({ code: 'database_unreachable' });
    await cut;
    expect(await loader.load([load])).toEqual([{ loadId: load.loadId, status: 'already_loaded' }]);
    expect(await count('lost_answer')).toBe(1);
    await proxy.close();
  });

  test('leaves nothing behind when its process ends while it waits', async () => {
    const dataset = datasetOf('ends', columns);
    const loader = await loaderOf(dataset);
    const load = loadOf(dataset, 'b.csv', [['1', 'b']]);
    const { onRows, sent } = whenSent();
    const loading = loader.loadAhead([load], new Promise<boolean>(() => undefined), onRows);
    await sent;
    loader.abort();
    expect(await loading).toBeNull();
    const next = await loaderOf(dataset);
    expect(await next.load([load])).toEqual([{ loadId: load.loadId, status: 'loaded' }]);
    expect(await count('ends')).toBe(1);
  });

  test('that holds a key which the one ahead needs gives it up, and is the one that is refused', async () => {
    const dataset = datasetOf('keys', columns);
    const loader = await loaderOf(dataset);
    await server.query('ALTER TABLE `keys` ADD UNIQUE (n)');
    const [first, second] = [
      loadOf(dataset, 'a.csv', [['7', 'a']]),
      loadOf(dataset, 'b.csv', [['7', 'b']]),
    ];
    const { onRows, sent } = whenSent();
    let commit: (isCommitted: boolean) => void = () => undefined;
    const earlier = new Promise<boolean>((resolve) => (commit = resolve));
    const ahead = loader.loadAhead([second], earlier, onRows);
    await sent;
    const outcomes = await loader.load([first]);
    commit(true);
    expect(outcomes).toEqual([{ loadId: first.loadId, status: 'loaded' }]);
    expect(await ahead).toBeNull();
    expect(await loader.load([second])).toMatchObject([{ status: 'refused' }]);
  });

  test('of a burst keeps the order of arrival in the ledger, and each load is there once', async () => {
    const dataset = datasetOf('burst', columns);
    const loader = await loaderOf(dataset);
    let ahead = 0;
    const queue = new LoadQueue(
      (group, onRows) => loader.load(group, onRows),
      async (group, earlier, onRows) => {
        const outcomes = await loader.loadAhead(group, earlier, onRows);
        if (outcomes !== null) ahead++;
        return outcomes;
      },
    );
    const text = 'text '.repeat(40).trim();
    const loads = Array.from({ length: 400 }, (_, file) =>
      loadOf(
        dataset,
        `${file}.csv`,
        Array.from({ length: 100 }, (_, n) => [String(file * 100 + n), text]),
      ),
    );
    const told: string[] = [];
    await Promise.all(
      loads.map(async (load) => {
        const outcome = await queue.enter().load(load);
        expect(outcome.status).toBe('loaded');
        told.push(load.file);
      }),
    );
    expect(told).toEqual(loads.map(({ file }) => file));
    expect(ahead).toBeGreaterThan(0);
    expect(await count('burst')).toBe(40_000);
    expect(await count('csv_hopper_ledger', `table_name = 'burst'`)).toBe(400);
  });
});
