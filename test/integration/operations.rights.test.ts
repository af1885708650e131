import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { DatabaseConfig } from '../../src/config/config.ts';
import type { ConvertedLoad } from '../../src/core/load.ts';
import { mayCompleteLedgerRows } from '../../src/load/complete-ledger-row.ts';
import { ConnectionSlot } from '../../src/load/connection-slot.ts';
import { checkDatabase } from '../../src/load/database-check.ts';
import { enterLedgerRows } from '../../src/load/enter-ledger-rows.ts';
import { Ledger } from '../../src/load/ledger.ts';
import { readLoads } from '../../src/load/read-loads.ts';
import { TableLoader } from '../../src/load/table-loader.ts';
import { takeOutLoad } from '../../src/load/take-out-load.ts';
import type { Dataset, WriteMode } from '../../src/schema/dataset.ts';
import { blocksUnder } from '../support/doc-shell.ts';
import { column, convertedLoad, datasetOf } from '../support/loads.ts';
import { describeWithMariadb, type Mariadb, startMariadb } from '../support/mariadb.ts';
import { TestDatabase } from '../support/test-database.ts';

/** A line of docs/OPERATIONS.md that grants something, and what it is for. */
interface Grant {
  purpose: string;
  rights: string[];
  /** `just_play_db.*` or that of the ledger. */
  on: string;
}

const [block = ''] = blocksUnder('### Rights in the database', 'sql');
const grants = block.split(/^-- /m).flatMap((part): Grant[] => {
  const purpose = part.slice(0, part.indexOf('\n'));
  const lines = part.matchAll(/^GRANT (.+) ON just_play_db\.(\S+) TO 'hopper'@'localhost';$/gm);
  return [...lines].map(([, rights = '', on = '']) => ({
    purpose,
    rights: rights.split(', '),
    on,
  }));
});

const ALWAYS = 'always';
const purposes: [purpose: string, WriteMode][] = [
  [ALWAYS, { mode: 'append' }],
  ['csv-hopper undo', { mode: 'append' }],
  ['write: replace', { mode: 'replace' }],
  ['write: upsert', { mode: 'upsert', key: ['n'] }],
];
/** Those that something fails without; what is granted on the ledger is not among them. */
const needed = grants.flatMap(({ purpose, rights, on }) =>
  on === '*' ? rights.map((right): [string, string] => [purpose, right]) : [],
);

test('the page has the rights of each purpose, and no others', () => {
  expect(new Set(grants.map(({ purpose }) => purpose))).toEqual(
    new Set(purposes.map(([purpose]) => purpose)),
  );
});

describeWithMariadb('the rights that OPERATIONS.md lists', () => {
  let server: Mariadb;
  let database: TestDatabase;
  let config: DatabaseConfig;
  const folder = mkdtempSync(join(tmpdir(), 'hopper-rights-'));
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

  /** An empty database and a user with what is listed for a purpose, but for one right. */
  async function makeUser(purpose: string, without?: string): Promise<void> {
    database = await TestDatabase.create(server);
    const user = `u_${database.name}`;
    await server.query(`CREATE USER ${user}@'%' IDENTIFIED BY 'word'`);
    for (const grant of grants) {
      if (grant.purpose !== ALWAYS && grant.purpose !== purpose) continue;
      const rights =
        grant.on === '*' ? grant.rights.filter((right) => right !== without) : grant.rights;
      if (rights.length === 0) continue;
      await server.query(
        `GRANT ${rights.join(', ')} ON ${database.name}.${grant.on} TO ${user}@'%'`,
      );
    }
    config = database.config({ user, password: 'word' });
  }

  const datasetWith = (write: WriteMode): Dataset => ({
    ...datasetOf('numbers', [column('n', 'INTEGER'), column('word', 'VARCHAR', { length: 20 })]),
    write,
  });

  function load(dataset: Dataset, file: string, word: string): ConvertedLoad {
    return convertedLoad(folder, dataset, file, [
      ['1', word],
      ['2', word],
    ]);
  }

  async function loadAll(dataset: Dataset, loads: ConvertedLoad[]): Promise<void> {
    const onNotice = (message: string): number => notices.push(message);
    const loader = new TableLoader({ database: config, dataset, onNotice });
    loaders.push(loader);
    for (const one of loads) {
      expect(await loader.load([one])).toMatchObject([{ status: 'loaded' }]);
    }
  }

  /** All that is done with the database for a purpose. */
  async function doAll(purpose: string, write: WriteMode): Promise<void> {
    const dataset = datasetWith(write);
    const [first, second] = [load(dataset, 'a.csv', 'one'), load(dataset, 'a.csv', 'two')];
    const ledger = new Ledger(config);
    try {
      expect(await ledger.findLoad(first.loadId)).toBeNull();
      await loadAll(dataset, [first, second]);
      expect(await ledger.findDecidedLoad(second.loadId)).toMatchObject({ rowsAccepted: 2 });
    } finally {
      await ledger.close();
    }
    const { rows } = await readLoads(config, new Set(['numbers']));
    expect(rows.get('numbers')?.get(second.loadId)).toBe(2);
    if (purpose === 'csv-hopper undo')
      expect(await takeOutLoad(config, { ...second, table: 'numbers' })).toBe(2);
    if (purpose !== ALWAYS) return;
    await database.query('DELETE FROM $csv_hopper_ledger');
    await enterLedgerRows(config, 'numbers', [first, second]);
  }

  const missingRights = async (write: WriteMode): Promise<string[]> =>
    (await checkDatabase(config, [datasetWith(write)]))
      .filter(({ level }) => level === 'error')
      .map(({ message }) => message);

  test.each(purposes)('suffice: %s', async (purpose, write) => {
    await makeUser(purpose);
    expect(await missingRights(write)).toEqual([]);
    await doAll(purpose, write);
    expect(notices).toEqual(
      write.mode === 'replace'
        ? [expect.stringContaining('each file is looked up in the ledger without an index')]
        : [],
    );
  });

  test.each(needed)('are needed: for %s, %s', async (purpose, right) => {
    const [, write] = purposes.find(([name]) => name === purpose)!;
    await makeUser(purpose, right);
    // Nobody may look at a load without SELECT, and nobody take one back without DELETE.
    await expect(doAll(purpose, write)).rejects.toMatchObject({ code: 'database_denied' });
    if (purpose === 'csv-hopper undo') return;
    expect((await missingRights(write)).join('\n')).toContain(`has no ${right} right on database`);
  });

  test('those to the ledger are for large files, which wait for their conversion without them', async () => {
    await makeUser(ALWAYS);
    const mayComplete = async (): Promise<boolean> => {
      const slot = new ConnectionSlot(config);
      try {
        return await mayCompleteLedgerRows(await slot.take());
      } finally {
        await slot.close();
      }
    };
    const dataset = datasetWith({ mode: 'append' });
    await loadAll(dataset, [load(dataset, 'a.csv', 'one')]);
    expect(await mayComplete()).toBe(true);
    await server.query(
      `REVOKE UPDATE, CREATE ON ${database.name}.csv_hopper_ledger FROM ${config.user}@'%'`,
    );
    expect(await mayComplete()).toBe(false);
    await loadAll(dataset, [load(dataset, 'b.csv', 'two')]);
  });

  test('without CREATE files are loaded into tables that are there', async () => {
    await makeUser(ALWAYS);
    const dataset = datasetWith({ mode: 'append' });
    await loadAll(dataset, [load(dataset, 'a.csv', 'one')]);
    await server.query(`REVOKE CREATE ON ${database.name}.* FROM ${config.user}@'%'`);
    await loadAll(dataset, [load(dataset, 'b.csv', 'two')]);
    expect(await missingRights({ mode: 'append' })).toEqual([]);
  });

  test('with ALTER on the ledger write: replace adds its index, and there is nothing to say', async () => {
    await makeUser('write: replace');
    await server.query(
      `GRANT CREATE, ALTER ON ${database.name}.csv_hopper_ledger TO ${config.user}@'%'`,
    );
    const dataset = datasetWith({ mode: 'replace' });
    await loadAll(dataset, [load(dataset, 'a.csv', 'one')]);
    expect(notices).toEqual([]);
  });
});
