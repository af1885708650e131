import { readdirSync } from 'node:fs';
import { request as call } from 'node:http';
import mysql from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { CrashPoint } from '../support/crash-point.ts';
import { runCommand } from '../support/command-run.ts';
import { claimsIn, expectExactlyOnce, loadIdFor } from '../support/exactly-once.ts';
import { HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { describeWithMariadb, type Mariadb, startMariadb } from '../support/mariadb.ts';
import { TestDatabase } from '../support/test-database.ts';
import { until } from '../support/until.ts';

const kept = ['kept.csv', people(1, 4)] as const;
const gone = ['gone.csv', people(100, 6)] as const;
const loadId = loadIdFor('people', ...gone);

describeWithMariadb('a kill -9 in the middle of what the page asks for', () => {
  let server: Mariadb;
  let database: TestDatabase;
  let project: HopperProject;
  let starts = 0;
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    database = await TestDatabase.create(server);
    project = new HopperProject({
      ...{ datasets: peopleDataset, database: database.config() },
      more: `intake: { quiet_ms: 100, sweep_ms: 300 }
convert: { workers: 1 }
serve: { listen: 127.0.0.1:0, anonymous: operator }`,
    });
    starts = 0;
  });
  afterEach(() => project.remove());

  const start = async (crash?: CrashPoint) => {
    const daemon = await project.start(crash === undefined ? {} : { crash });
    const url = (await project.event('serving', undefined, ++starts)).reason ?? '';
    return { daemon, url };
  };
  const loadBoth = async (): Promise<void> => {
    for (const [name, content] of [kept, gone]) project.drop(name, content);
    await project.ends(2);
  };
  const undo = (url: string): Promise<number> =>
    fetch(`${url}/api/undo`, { method: 'POST', body: JSON.stringify({ loadId }) }).then(
      ({ status }) => status,
      () => 0,
    );
  const hidden = () => readdirSync(project.processing).filter((name) => /undo|upload/.test(name));
  const nothingHidden = () =>
    until(
      () => hidden().length === 0,
      () => hidden().join(),
    );
  /** Keeps rows from being deleted until the function returned is called. */
  const lockRows = async (): Promise<() => Promise<void>> => {
    const { host, port, user, password, database: name } = database.config();
    const other = await mysql.createConnection({ host, port, user, password, database: name });
    await other.query('START TRANSACTION');
    await other.query('SELECT * FROM people FOR UPDATE');
    return () => other.end();
  };
  const expectNoDifference = async (): Promise<void> => {
    const { stdout } = await runCommand(project, ['check', '--ledger']);
    expect(stdout).toMatch(/no differences\n$/);
  };

  test.each<[string, CrashPoint]>([
    ['before its rows are deleted', { afterRenameTo: '.undo-' }],
    ['when they are deleted and nothing else is', { beforeAppendOf: '"undone"' }],
    ['before its Parquet file is removed', { beforeUnlinkOf: 'gone-' }],
    ['when it is done, and that is not noted', { beforeUnlinkOf: '.undo-' }],
  ])('an undo goes on at the next start: killed %s', async (_, crash) => {
    const { daemon, url } = await start(crash);
    await loadBoth();
    expect(await undo(url)).toBe(0);
    expect(await daemon.ended).toBe('SIGKILL');
    await start();
    await nothingHidden();
    await expectNoDifference();
    expect(Object.keys(await database.tableRows('people'))).toEqual([loadIdFor('people', ...kept)]);
    // Dropped again it is a new load, which the undo before has nothing to do with.
    project.drop(...gone);
    await project.ends(3);
    await expectExactlyOnce(project, 'people', [kept, gone], database);
  });

  test('a drop that waits for an undo is loaded when a kill ends both', async () => {
    const { daemon, url } = await start({ beforeAppendOf: '"undone"' });
    await loadBoth();
    const unlock = await lockRows();
    const undone = undo(url);
    await until(
      () => hidden().length === 1,
      () => 'The undo has not begun.',
    );
    project.drop(...gone);
    await until(
      () => claimsIn(project).includes(loadId),
      () => 'The drop has not come.',
    );
    await unlock();
    await undone;
    expect(await daemon.ended).toBe('SIGKILL');
    await start();
    await project.ends(3);
    await nothingHidden();
    await expectNoDifference();
    await expectExactlyOnce(project, 'people', [kept, gone], database);
  });

  test('an undo that a kill interrupted goes on as soon as the database is back', async () => {
    const { daemon, url } = await start({ afterRenameTo: '.undo-' });
    await loadBoth();
    await undo(url);
    await daemon.ended;
    project.configure({ database: database.config({ port: 1 }) });
    await (await start()).daemon.stop();
    expect(hidden()).toHaveLength(1);
    project.configure({ database: database.config() });
    await start();
    await nothingHidden();
    await expectNoDifference();
    expect(Object.keys(await database.ledgerRows('people'))).toEqual([
      loadIdFor('people', ...kept),
    ]);
  });

  test('two clicks on undo are one, and a stop in between lets it come to its end', async () => {
    const { daemon, url } = await start();
    await loadBoth();
    const unlock = await lockRows();
    const undos = Promise.all([undo(url), undo(url)]);
    await until(
      () =>
        project.events().filter(({ event, action }) => event === 'access' && action === 'undo')
          .length === 2,
      () => 'The undos have not begun.',
    );
    const stopped = daemon.stop();
    await until(
      () => daemon.stdout.includes('stopping'),
      () => daemon.said,
    );
    await unlock();
    expect(await undos).toEqual([200, 200]);
    expect(await stopped).toBe(0);
    expect(project.events().filter(({ event }) => event === 'undone')).toHaveLength(1);
    expect(hidden()).toEqual([]);
    await expectNoDifference();
  });

  test('an upload that is killed on the way leaves nothing', async () => {
    const { daemon, url } = await start();
    const request = call(`${url}/api/upload?name=up.csv`, {
      ...{ method: 'POST', headers: { 'content-length': '1000' } },
    });
    request.on('error', () => undefined);
    request.write('id;name\n1;half\n');
    await until(
      () => hidden().length === 1,
      () => 'The upload has not begun.',
    );
    await daemon.stop('SIGKILL');
    await start();
    await nothingHidden();
    project.drop(...kept);
    await project.ends(1);
    await expectExactlyOnce(project, 'people', [kept], database);
  });

  test('an upload that is killed when it has its name is loaded once', async () => {
    const { daemon, url } = await start({ afterLinkTo: 'up.csv' });
    const content = people(500, 7);
    await fetch(`${url}/api/upload?name=up.csv`, { method: 'POST', body: content }).catch(
      () => undefined,
    );
    expect(await daemon.ended).toBe('SIGKILL');
    const again = await start();
    await project.event('finished', 'up.csv');
    await nothingHidden();
    // Its sender had no answer, and sends it again.
    await fetch(`${again.url}/api/upload?name=up.csv`, { method: 'POST', body: content });
    await project.event('skipped', 'up.csv');
    await expectExactlyOnce(project, 'people', [['up.csv', content]], database);
  });
});
