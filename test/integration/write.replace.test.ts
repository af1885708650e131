import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { shortLoadId } from '../../src/core/load.ts';
import type { CrashPoint } from '../support/crash-point.ts';
import { runCommand } from '../support/command-run.ts';
import { eachWithDatabase } from '../support/database-project.ts';
import { claimsIn, loadIdFor, parquetRows, stopIdle } from '../support/exactly-once.ts';
import { filesIn, HopperProject } from '../support/hopper-project.ts';
import { describeWithMariadb, type Mariadb, startMariadb } from '../support/mariadb.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { TestDatabase } from '../support/test-database.ts';
import { expectVersions, peopleWith, version } from '../support/versions.ts';

const replacing = peopleWith('write: replace');
const first = version('first', 5);
const second = version('second', 3);
const third = version('third', 4);

let project: HopperProject;
afterEach(() => project.remove());

async function ingest(name: string, content: string): Promise<string> {
  project.drop(name, content);
  return (await runCommand(project, ['ingest'])).stdout;
}

/** Instants on the way of a new version at which a kill has to change nothing of the result. */
const withDatabase: CrashPoint[] = [
  { event: 'claimed' },
  { event: 'converted' },
  { beforeRenameTo: '.parquet.staged' },
  { afterRenameTo: '.parquet.staged' },
  { event: 'loaded' },
  { beforeRenameTo: `-${shortLoadId(loadIdFor('people', 'a.csv', second))}.parquet` },
  { afterRenameTo: `-${shortLoadId(loadIdFor('people', 'a.csv', second))}.parquet` },
  { event: 'published' },
  { event: 'replaced' },
  { beforeRenameTo: '/archive/' },
  { afterRenameTo: '/archive/' },
];

function named(points: readonly CrashPoint[]): [string, CrashPoint][] {
  return points.map((point) => [JSON.stringify(point), point]);
}

describe('replace without a database', () => {
  beforeEach(() => {
    project = new HopperProject({ datasets: replacing });
  });

  test('the new version of a file takes the place of the former one, other files stay', async () => {
    await ingest('a.csv', first);
    await ingest('b.csv', first);
    expect(await ingest('a.csv', second)).toContain('1 finished');
    await expectVersions(project, [
      ['a.csv', second],
      ['b.csv', first],
    ]);
    expect(project.stepsOf('a.csv').slice(-5)).toEqual([
      'claimed',
      'converted',
      'published',
      'replaced',
      'finished',
    ]);
    expect(filesIn(join(project.archive, 'people'))).toHaveLength(3);
  });

  test('an older content dropped again is the newest then; the newest dropped again is skipped', async () => {
    for (const content of [first, second]) await ingest('a.csv', content);
    expect(await ingest('a.csv', second)).toContain('1 skipped');
    expect(await ingest('a.csv', first)).toContain('1 finished');
    await expectVersions(project, [['a.csv', first]]);
    expect(await ingest('a.csv', first)).toContain('1 skipped');
  });

  test('versions that wait one behind the other go through in the order of their arrival', async () => {
    await project.start();
    const contents = Array.from({ length: 12 }, (_, n) => version(`v${n}`, n + 1));
    for (const [n, content] of contents.entries()) {
      project.drop('a.csv', content);
      await project.event('claimed', 'a.csv', n + 1);
    }
    await project.ends(contents.length);
    await stopIdle(project);
    await expectVersions(project, [['a.csv', contents.at(-1)!]]);
  });

  test('a version that is at fault leaves the former one as it was', async () => {
    await ingest('a.csv', first);
    expect(await ingest('a.csv', 'id;name\nx;y\n')).toContain('1 failed');
    await expectVersions(project, [['a.csv', first]]);
  });

  test('what was loaded before the mode was chosen is replaced too', async () => {
    project.configure({ datasets: peopleWith('write: append') });
    for (const content of [first, second]) await ingest('a.csv', content);
    project.configure({ datasets: replacing });
    await ingest('a.csv', third);
    await expectVersions(project, [['a.csv', third]]);
  });

  test.each(named(withDatabase.filter((point) => !('event' in point && point.event === 'loaded'))))(
    'a kill -9 at %s: the next start ends with the new version alone',
    async (_name, crash) => {
      await ingest('a.csv', first);
      project.drop('a.csv', second);
      expect((await runCommand(project, ['ingest'], { crash })).code).toBe('SIGKILL');
      await runCommand(project, ['ingest']);
      await expectVersions(project, [['a.csv', second]]);
    },
  );
});

describeWithMariadb('replace with a database', () => {
  let server: Mariadb;
  let database: TestDatabase;
  eachWithDatabase((made) => {
    ({ server, database, project } = made);
    project.configure({ datasets: replacing });
  });

  test('rows, ledger row, Parquet file and receipt of the former version go, in one transaction', async () => {
    await ingest('a.csv', first);
    await ingest('b.csv', first);
    await ingest('a.csv', second);
    await expectVersions(
      project,
      [
        ['a.csv', second],
        ['b.csv', first],
      ],
      database,
    );
    expect(
      await database.query("SELECT DISTINCT name FROM $people WHERE name LIKE 'second%'"),
    ).toHaveLength(3);
    const [replaced] = project.events().filter(({ event }) => event === 'replaced');
    expect(replaced).toMatchObject({ replaces: loadIdFor('people', 'a.csv', first) });
    expect(replaced).toMatchObject({ loadId: loadIdFor('people', 'a.csv', second) });
  });

  test('an older content dropped again is the newest then', async () => {
    for (const content of [first, second, first]) await ingest('a.csv', content);
    await expectVersions(project, [['a.csv', first]], database);
  });

  test.each(named(withDatabase))(
    'a kill -9 at %s: the next start ends with the new version alone',
    async (_name, crash) => {
      await ingest('a.csv', first);
      project.drop('a.csv', second);
      expect((await runCommand(project, ['ingest'], { crash })).code).toBe('SIGKILL');
      await runCommand(project, ['ingest']);
      await expectVersions(project, [['a.csv', second]], database);
    },
  );

  test('while the database is away the lake keeps the former version, and then takes the last in order', async () => {
    await ingest('a.csv', first);
    await server.kill('SIGKILL');
    await project.start();
    project.drop('a.csv', second);
    await project.event('parked', 'a.csv');
    project.drop('a.csv', third);
    await project.event('claimed', 'a.csv', 3);
    project.drop('b.csv', first);
    await project.event('published', 'b.csv');
    const lake = await parquetRows(project, 'people');
    expect(Object.keys(lake).sort()).toEqual(
      [loadIdFor('people', 'a.csv', first), loadIdFor('people', 'b.csv', first)].sort(),
    );
    await server.restart();
    await project.ends(4);
    await stopIdle(project);
    await expectVersions(
      project,
      [
        ['a.csv', third],
        ['b.csv', first],
      ],
      database,
    );
  });

  test('two versions that a kill leaves claimed keep their order', async () => {
    await ingest('a.csv', first);
    await server.kill('SIGKILL');
    const daemon = await project.start();
    project.drop('a.csv', second);
    await project.event('parked', 'a.csv');
    project.drop('a.csv', third);
    await project.event('claimed', 'a.csv', 3);
    daemon.child.kill('SIGKILL');
    await daemon.ended;
    expect(claimsIn(project)).toHaveLength(2);
    await server.restart();
    await runCommand(project, ['ingest']);
    await expectVersions(project, [['a.csv', third]], database);
  });

  test('a run that has to end leaves the later version waiting behind the earlier one', async () => {
    await ingest('a.csv', first);
    await server.kill('SIGKILL');
    const paths = [second, third].map((content, n) => {
      const folder = join(project.root, `sender-${n}`);
      const path = join(folder, 'a.csv');
      return { folder, path, content };
    });
    for (const { folder, path, content } of paths) {
      mkdirSync(folder);
      writeFileSync(path, content);
    }
    const { stdout } = await runCommand(project, ['ingest', ...paths.map(({ path }) => path)]);
    expect(stdout).toContain('2 waiting for the next run');
    await server.restart();
    await runCommand(project, ['ingest']);
    await expectVersions(project, [['a.csv', third]], database);
  });

  test('a version that the database refuses leaves the former one as it was', async () => {
    await ingest('a.csv', first);
    await database.query('ALTER TABLE $people ADD CONSTRAINT short CHECK (CHAR_LENGTH(name) < 9)');
    expect(await ingest('a.csv', version('much longer', 2))).toContain('1 failed');
    await expectVersions(project, [['a.csv', first]], database);
    expect(readdirSync(join(project.output, 'people')).filter((n) => n.includes('staged'))).toEqual(
      [],
    );
  });

  test('a former version whose rows somebody has changed is not deleted: the file waits, and others go on', async () => {
    await ingest('a.csv', first);
    await database.query('DELETE FROM $people WHERE id = 1');
    await project.start();
    project.drop('a.csv', second);
    expect(await project.event('parked', 'a.csv')).toMatchObject({
      err: { code: 'replace_refused' },
      reason: expect.stringContaining('has 4 rows of the former version of a.csv') as string,
    });
    project.drop('b.csv', third);
    await project.event('finished', 'b.csv');
    // What the hint says.
    const formerId = loadIdFor('people', 'a.csv', first);
    await database.query(`DELETE FROM $people WHERE _load_id = '${formerId}'`);
    await database.query(`DELETE FROM $csv_hopper_ledger WHERE load_id = '${formerId}'`);
    await project.event('finished', 'a.csv', 2);
    await stopIdle(project);
    await expectVersions(
      project,
      [
        ['a.csv', second],
        ['b.csv', third],
      ],
      database,
    );
  });

  test('by INSERT, where LOCAL INFILE is forbidden, it is the same', async () => {
    await server.query('SET GLOBAL local_infile = 0');
    try {
      for (const content of [first, second]) await ingest('a.csv', content);
      await expectVersions(project, [['a.csv', second]], database);
    } finally {
      await server.query('SET GLOBAL local_infile = 1');
    }
  });

  test('the rights that the README names are enough, and check names the one that is missing', async () => {
    const user = `replacing_${database.name}`;
    await server.query(`CREATE USER ${user}@'%' IDENTIFIED BY 'secret'`);
    await server.query(`GRANT SELECT, INSERT, CREATE ON ${database.name}.* TO ${user}@'%'`);
    project.configure({ database: database.config({ user, password: 'secret' }) });
    expect((await runCommand(project, ['check'])).stdout).toContain('GRANT DELETE ON');
    await server.query(`GRANT DELETE ON ${database.name}.* TO ${user}@'%'`);
    for (const content of [first, second]) await ingest('a.csv', content);
    await expectVersions(project, [['a.csv', second]], database);
    // Without the right to alter the ledger it is only slower, and the log says so.
    expect(project.events().map(({ reason }) => reason)).toContainEqual(
      expect.stringContaining('looked up in the ledger without an index'),
    );
  });

  test('a table without _load_id is refused, with the statement that adds it', async () => {
    await database.query('CREATE TABLE $people (id INT, name VARCHAR(40)) ENGINE=InnoDB');
    const check = await runCommand(project, ['check']);
    expect(check.code).not.toBe(0);
    expect(check.stdout).toContain('write: replace needs the column _load_id');
    expect(check.stdout).toContain('ALTER TABLE `people` ADD COLUMN `_load_id` CHAR(32)');
    expect(await ingest('a.csv', first)).toContain('1 waiting');
    await database.query(
      "ALTER TABLE $people ADD COLUMN `_load_id` CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '', ADD KEY (`_load_id`)",
    );
    await runCommand(project, ['ingest']);
    await ingest('a.csv', second);
    await expectVersions(project, [['a.csv', second]], database);
  });

  test('undo takes the version that stands back; a table that is restored from before is told of and mended', async () => {
    for (const content of [first, second]) await ingest('a.csv', content);
    const [formerId, newId] = [first, second].map((content) =>
      loadIdFor('people', 'a.csv', content),
    );
    // As if a backup from before the second version had been restored.
    await database.query(`UPDATE $people SET _load_id = '${formerId}'`);
    await database.query("INSERT INTO $people VALUES (3, 'x', 'x'), (4, 'x', 'x')");
    await database.query(`UPDATE $people SET _load_id = '${formerId}'`);
    await database.query(
      `UPDATE $csv_hopper_ledger SET load_id = '${formerId}', rows_accepted = 5, sha256 = REPEAT('0', 64)`,
    );
    const { stdout } = await runCommand(project, ['check', '--ledger']);
    expect(stdout).toContain(`load ${newId}, the new version of its file, has replaced it`);
    await runCommand(project, ['ingest', '--lost']);
    await expectVersions(project, [['a.csv', second]], database);
    expect((await runCommand(project, ['undo', newId!])).code).toBe(0);
    await expectVersions(project, [], database);
    await ingest('a.csv', first);
    await expectVersions(project, [['a.csv', first]], database);
  });

  test('while a new version that was committed is killed before the former one is gone, nothing is taken for lost, and nothing can be taken back', async () => {
    await ingest('a.csv', first);
    project.drop('a.csv', second);
    const crash: CrashPoint = { event: 'loaded' };
    expect((await runCommand(project, ['ingest'], { crash })).code).toBe('SIGKILL');
    const check = await runCommand(project, ['check', '--ledger']);
    expect(check).toMatchObject({ code: 0, stdout: '0 loads compared, no differences\n' });
    const undo = await runCommand(project, ['undo', loadIdFor('people', 'a.csv', first)]);
    expect(undo.code).toBe(1);
    expect(undo.stderr).toContain('A new version of a.csv');
    await runCommand(project, ['ingest']);
    await expectVersions(project, [['a.csv', second]], database);
  });

  test('a source that is written to between COMMIT and a kill goes back to people, and the version stands alone', async () => {
    await ingest('a.csv', first);
    project.drop('a.csv', second);
    const crash: CrashPoint = { event: 'loaded' };
    expect((await runCommand(project, ['ingest'], { crash })).code).toBe('SIGKILL');
    const [claim = ''] = claimsIn(project);
    const source = join(project.processing, claim, 'a.csv');
    writeFileSync(source, `${readFileSync(source, 'utf8')}9;later\n`);
    await runCommand(project, ['ingest']);
    const standing = { [loadIdFor('people', 'a.csv', second)]: 3 };
    expect(await parquetRows(project, 'people')).toEqual(standing);
    expect(await database.tableRows('people')).toEqual(standing);
    expect(filesIn(project.failed)).toContain('a.csv');
  });
});

describeWithMariadb('replace behind a proxy', () => {
  let server: Mariadb;
  let proxy: TcpProxy;
  beforeAll(async () => {
    server = await startMariadb();
    proxy = await startTcpProxy(server.port);
  });
  afterAll(async () => {
    await proxy.close();
    await server.stop();
  });

  test.each([
    ['whose answer is lost', false],
    ['that is lost itself', true],
  ])('a COMMIT %s ends with the new version alone', async (_name, lost) => {
    const database = await TestDatabase.create(server);
    project = new HopperProject({
      datasets: replacing,
      database: database.config({ port: proxy.port }),
    });
    await ingest('a.csv', first);
    await project.start();
    const cut = proxy.cutAfterSending('COMMIT', lost);
    project.drop('a.csv', second);
    await cut;
    await project.event('finished', 'a.csv', 2);
    await stopIdle(project);
    await expectVersions(project, [['a.csv', second]], database);
  });
});
