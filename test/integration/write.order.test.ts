import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { HopperError } from '../../src/errors/hopper-error.ts';
import { TableLoader } from '../../src/load/table-loader.ts';
import type { Dataset, WriteMode } from '../../src/schema/dataset.ts';
import { runCommand } from '../support/command-run.ts';
import { eachWithDatabase } from '../support/database-project.ts';
import { loadIdFor, parquetRows, receiptsIn, stopIdle } from '../support/exactly-once.ts';
import { filesIn, HopperProject, people } from '../support/hopper-project.ts';
import { column, convertedLoad, datasetOf } from '../support/loads.ts';
import { describeWithMariadb, type Mariadb, startMariadb } from '../support/mariadb.ts';
import type { TestDatabase } from '../support/test-database.ts';
import { expectVersions, peopleWith, version } from '../support/versions.ts';

/** Load files of more than a MiB, which would be begun ahead where rows are added. */
const ROWS = 40_000;
const files = Array.from({ length: 6 }, (_, n) => {
  return [`${n}.csv`, people(n, ROWS, `person of file ${n}`)] as const;
});

describeWithMariadb('large files that come at once', () => {
  let database: TestDatabase;
  let project: HopperProject;
  eachWithDatabase((made) => {
    ({ database, project } = made);
  });

  test('by key: each row is that of the last file that has its key', async () => {
    project.configure({ datasets: peopleWith('write: upsert, key: [id]') });
    for (const file of files) project.drop(...file);
    expect((await runCommand(project, ['ingest'])).stdout).toContain('6 finished');
    const ids = files.map((file) => loadIdFor('people', ...file));
    const rows = Object.fromEntries(ids.map((id, n) => [id, n === 5 ? ROWS : 1]));
    expect(await database.tableRows('people')).toEqual(rows);
    const inOrder = await database.query(
      'SELECT load_id AS id, rows_updated AS n FROM $csv_hopper_ledger ORDER BY loaded_at',
    );
    expect(inOrder.map(({ id }) => id)).toEqual(ids);
    expect(inOrder.map(({ n }) => n)).toEqual([0, ...Array<number>(5).fill(ROWS - 1)]);
  });

  test('as versions: the last of each name stands', async () => {
    project.configure({ datasets: peopleWith('write: replace') });
    await project.start();
    const standing = new Map<string, string>();
    for (let n = 0; n < 9; n++) {
      const name = `${n % 3}.csv`;
      const content = version(`of ${n}`, ROWS + n);
      project.drop(name, content);
      standing.set(name, content);
      await project.event('claimed', name, Math.floor(n / 3) + 1);
    }
    await project.ends(9);
    await stopIdle(project);
    await expectVersions(project, [...standing], database);
  });

  test('a version whose sender cannot be told yet stands alone meanwhile, in the table and in the lake, and after a restart', async () => {
    const receipts = join(project.input, 'receipts');
    project.configure({
      folders: 'folders: { receipts: input_csv/receipts }',
      datasets: peopleWith('write: replace'),
    });
    const [first, second] = [version('first', 5), version('second', 3)];
    const daemon = await project.start();
    project.drop('a.csv', first);
    await project.event('finished', 'a.csv');
    rmSync(receipts, { recursive: true });
    writeFileSync(receipts, 'in the way');
    project.drop('a.csv', second);
    await project.event('parked', 'a.csv');
    const standing = { [loadIdFor('people', 'a.csv', second)]: 3 };
    expect(await database.tableRows('people')).toEqual(standing);
    expect(await parquetRows(project, 'people')).toEqual(standing);
    await daemon.stop();
    rmSync(receipts);
    await runCommand(project, ['ingest']);
    await expectVersions(project, [['a.csv', second]], database);
    expect(readFileSync(join(receipts, 'a.csv.json'), 'utf8')).toContain('"verdict": "loaded"');
  });

  test('a version dropped twice does not come back over the one behind it', async () => {
    project.configure({ datasets: peopleWith('write: replace') });
    const [first, second] = [version('first', 5), version('second', 3)];
    await database.query('CREATE TABLE $people (id VARCHAR(3)) ENGINE=InnoDB');
    await project.start();
    for (const [n, content] of [first, first, second].entries()) {
      project.drop('a.csv', content);
      // The table does not fit, so they all wait.
      if (n === 0) await project.event('parked', 'a.csv');
      else await project.event('found', 'a.csv', n + 1);
    }
    await project.event('claimed', 'a.csv', 2);
    await database.query('DROP TABLE $people');
    await project.ends(3);
    await stopIdle(project);
    const ends = project.events().filter(({ event }) => /^(finished|skipped)$/.test(event));
    expect(ends.map(({ event, loadId }) => `${event} ${loadId ?? ''}`).sort()).toEqual([
      ...[first, second]
        .map((content) => `finished ${loadIdFor('people', 'a.csv', content)}`)
        .sort(),
      `skipped ${loadIdFor('people', 'a.csv', first)}`,
    ]);
    await expectVersions(project, [['a.csv', second]], database);
  });
});

describeWithMariadb('two that write to one table at once', () => {
  let server: Mariadb;
  const folder = mkdtempSync(join(tmpdir(), 'hopper-order-'));
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

  function datasetWith(name: string, write: WriteMode): Dataset {
    const text = column('text', 'VARCHAR', { length: 40 });
    const number = { ...column('n', 'INTEGER'), nullable: write.mode !== 'upsert' };
    return { ...datasetOf(name, [number, text]), write };
  }

  async function twoLoaders(dataset: Dataset): Promise<[TableLoader, TableLoader]> {
    const make = (): TableLoader =>
      new TableLoader({ database: server.rootConfig, dataset, onNotice: () => undefined });
    const two: [TableLoader, TableLoader] = [make(), make()];
    loaders.push(...two);
    await two[0].load([]);
    return two;
  }

  test('the same keys, in opposite orders: both loads are in, and each key once, of one load', async () => {
    const dataset = datasetWith('opposite', { mode: 'upsert', key: ['n'] });
    const two = await twoLoaders(dataset);
    for (let round = 0; round < 10; round++) {
      const loads = two.map((_, which) => {
        const rows = Array.from({ length: 2000 }, (__, n) => [String(n), `${round} ${which}`]);
        if (which === 1) rows.reverse();
        return convertedLoad(folder, dataset, `${round}-${which}.csv`, rows);
      });
      const outcomes = await Promise.all(two.map((loader, which) => loader.load([loads[which]!])));
      expect(outcomes.flat().map(({ status }) => status)).toEqual(['loaded', 'loaded']);
      const rows = await server.query(
        'SELECT COUNT(*) AS n, COUNT(DISTINCT _load_id) AS loads FROM opposite',
      );
      expect(rows).toEqual([{ n: 2000, loads: 1 }]);
    }
    expect(await server.query('SELECT COUNT(*) AS n FROM csv_hopper_ledger')).toEqual([{ n: 20 }]);
  });

  test('versions of a file that is there: one stands, whole, and nothing is taken out twice', async () => {
    const dataset = datasetWith('versions', { mode: 'replace' });
    const two = await twoLoaders(dataset);
    await two[0].load([convertedLoad(folder, dataset, 'a.csv', [['1', 'the first']])]);
    for (let round = 0; round < 10; round++) {
      const loads = two.map((_, which) => {
        const length = 1000 + round * 2 + which;
        const rows = Array.from({ length }, (__, n) => [String(n), `${round} ${which}`]);
        return convertedLoad(folder, dataset, 'a.csv', rows);
      });
      await Promise.all(two.map((loader, which) => loadAtLast(loader, [loads[which]!])));
      const [row] = await server.query(
        "SELECT COUNT(*) AS n, MIN(rows_accepted) AS accepted FROM versions JOIN csv_hopper_ledger ON load_id = _load_id WHERE table_name = 'versions'",
      );
      expect(row?.['n']).toBe(row?.['accepted']);
      expect(
        await server.query(
          "SELECT COUNT(*) AS n FROM csv_hopper_ledger WHERE table_name = 'versions'",
        ),
      ).toEqual([{ n: 1 }]);
    }
  });

  /** As the pipeline does: one that finds the former version half gone waits, and is tried again. */
  async function loadAtLast(
    loader: TableLoader,
    loads: Parameters<TableLoader['load']>[0],
  ): Promise<void> {
    for (let attempt = 0; attempt < 20; attempt++) {
      try {
        await loader.load(loads);
        return;
      } catch (error) {
        if (!(error instanceof HopperError) || error.code !== 'replace_refused') throw error;
      }
    }
    throw new Error('It was refused each time.');
  }
});

describe('undo where versions replace one another', () => {
  let project: HopperProject;
  afterEach(() => project.remove());

  test('refuses one that gave way, and says of the one that stands that the former does not come back', async () => {
    project = new HopperProject({ datasets: peopleWith('write: replace') });
    const [first, second] = [version('first', 5), version('second', 3)];
    const [formerId, newId] = [first, second].map((content) =>
      loadIdFor('people', 'a.csv', content),
    );
    for (const content of [first, second]) {
      project.drop('a.csv', content);
      await runCommand(project, ['ingest']);
    }
    const refused = await runCommand(project, ['undo', formerId!]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`gave way to load ${newId!}, the new version of its file`);
    await expectVersions(project, [['a.csv', second]]);
    const undone = await runCommand(project, ['undo', newId!]);
    expect(undone.code).toBe(0);
    expect(undone.stdout).toContain(
      `The version before it, load ${formerId!}, does not come back by itself: its source is `,
    );
    const [source] = filesIn(join(project.archive, 'people')).filter((name) =>
      name.includes(formerId!.slice(0, 8)),
    );
    expect(undone.stdout).toContain(source);
    expect(await receiptsIn(project, 'people')).toEqual([]);
    project.drop('a.csv', first);
    await runCommand(project, ['ingest']);
    await expectVersions(project, [['a.csv', first]]);
  });

  test('retry goes in the order in which versions failed, and --all keeps one that is older than what stands', async () => {
    project = new HopperProject({ datasets: peopleWith('write: replace') });
    for (const content of ['id;name\nx;one\n', 'id;name\nx;two\n']) {
      project.drop('a.csv', content);
      expect((await runCommand(project, ['ingest'])).code).toBe(1);
    }
    const [second = ''] = filesIn(project.failed).filter((name) => /^a-[^.]+\.csv$/.test(name));
    const both = await runCommand(project, ['retry', '--all']);
    expect(both.stdout).toBe('a.csv: back in the input folder\n');
    expect(both.stderr).toContain(`${second} stays where it is.`);
    await runCommand(project, ['ingest']);
    const third = version('third', 2);
    project.drop('a.csv', third);
    await runCommand(project, ['ingest']);
    const { code, stderr } = await runCommand(project, ['retry', '--all']);
    expect(code).toBe(2);
    expect(stderr.match(/has been loaded since it failed/g)).toHaveLength(2);
    expect(filesIn(project.input)).toEqual([]);
    await expectVersions(project, [['a.csv', third]]);
  });
});
