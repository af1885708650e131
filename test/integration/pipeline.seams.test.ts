import { appendFileSync, linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { claimsIn, expectExactlyOnce, noClaims, parquetRows } from '../support/exactly-once.ts';
import { filesIn, HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { describeWithMariadb, type Mariadb, startMariadb } from '../support/mariadb.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { TestDatabase } from '../support/test-database.ts';

let project: HopperProject;
beforeEach(() => {
  project = new HopperProject({ datasets: peopleDataset });
});
afterEach(() => project.remove());

/** The source of the only claim there is. */
function claimedSource(): string {
  const [claim = ''] = claimsIn(project);
  return join(project.processing, claim, 'a.csv');
}

describe('without a database', () => {
  test('a second link of the archived file, dropped again, is skipped and leaves nothing', async () => {
    const content = people(0, 3);
    const original = join(project.root, 'original.csv');
    writeFileSync(original, content);
    await project.start();
    for (const event of ['finished', 'skipped'] as const) {
      linkSync(original, join(project.input, 'a.csv'));
      await project.event(event, 'a.csv');
    }
    await expectExactlyOnce(project, 'people', new Map([['a.csv', content]]));
  });

  test('a claim that no dataset takes any more stays, is reported, and stops nobody', async () => {
    const claim = join(project.processing, 'claim-0123456789abcdef');
    mkdirSync(claim, { recursive: true });
    writeFileSync(join(claim, 'old.txt'), 'claimed once');
    writeFileSync(join(project.input, 'old.txt'), 'newer');
    await project.start();
    expect(await project.event('parked', 'old.txt')).toMatchObject({ level: 'warn' });
    project.drop('a.csv', people(0, 1));
    await project.event('finished', 'a.csv');
    expect(readFileSync(join(claim, 'old.txt'), 'utf8')).toBe('claimed once');
    expect(readFileSync(join(project.input, 'old.txt'), 'utf8')).toBe('newer');
  });

  test.each([
    ['its source was in the archive', null],
    ['its source was on the way there', people(0, 3)],
  ])('an end that is told after a kill has the counts of its load where %s', async (_, source) => {
    const first = await project.start();
    project.drop('a.csv', people(0, 3));
    const told = await project.event('finished', 'a.csv');
    expect(told).toMatchObject({ rowsRead: 3, rowsAccepted: 3, bytes: people(0, 3).length });
    expect(await first.stop('SIGTERM')).toBe(0);
    const claim = join(project.processing, String(told.loadId));
    mkdirSync(claim);
    if (source !== null) writeFileSync(join(claim, 'a.csv'), source);
    await project.start();
    const again = await project.event('finished', 'a.csv', 2);
    const { bytes, rowsRead, rowsAccepted, rowsRejected } = told;
    expect(again).toMatchObject({ bytes, rowsRead, rowsAccepted, rowsRejected });
    expect(again['durationMs']).toEqual(expect.any(Number));
    await expectExactlyOnce(project, 'people', new Map([['a.csv', people(0, 3)]]));
  });

  test('a source that is written to between publish and a restart is in the lake once, as it is now', async () => {
    const crashed = project.run(['start'], { crash: { event: 'published' } });
    project.drop('a.csv', people(0, 2));
    expect(await crashed.ended).toBe('SIGKILL');
    appendFileSync(claimedSource(), '7;added later\n');
    await project.start();
    await project.event('finished', 'a.csv');
    await expectExactlyOnce(
      project,
      'people',
      new Map([['a.csv', `${people(0, 2)}7;added later\n`]]),
    );
  });

  test('one that is written to after its receipt goes back to people, and its rows are there once', async () => {
    const crashed = project.run(['start'], { crash: { beforeRenameTo: '/archive/' } });
    project.drop('a.csv', people(0, 2));
    expect(await crashed.ended).toBe('SIGKILL');
    appendFileSync(claimedSource(), '7;added later\n');
    await project.start();
    await project.event('failed', 'a.csv');
    expect(filesIn(project.failed)).toEqual(['a.csv', 'a.csv.report.html', 'a.csv.report.json']);
    expect(Object.values(await parquetRows(project, 'people'))).toEqual([2]);
    const report = readFileSync(join(project.failed, 'a.csv.report.json'), 'utf8');
    expect(JSON.parse(report)).toMatchObject({ problems: [{ rule: 'changed' }] });
  });

  test('a file name as long as names can be goes all the way', async () => {
    const name = `${'n'.repeat(251)}.csv`;
    await project.start();
    project.drop(name, people(0, 1));
    await project.event('finished', name);
    expect(filesIn(join(project.archive, 'people'))).toHaveLength(1);
    await noClaims(project);
  });

  test('a stop with more files than may be under way gives back what has not begun, within ten seconds', async () => {
    const files = new Map<string, string>();
    for (let n = 0; n < 1500; n++) files.set(`file-${n}.csv`, people(n * 40, 40));
    const daemon = await project.start();
    for (const [name, content] of files) project.drop(name, content);
    await project.event('claimed', undefined, 100);
    expect(await daemon.stop('SIGTERM')).toBe(0);
    expect(project.events().at(-1)).toMatchObject({ event: 'stopped' });
    expect(filesIn(project.input).length).toBeGreaterThan(0);
    await project.start();
    await project.ends(files.size);
    await expectExactlyOnce(project, 'people', files);
    await noClaims(project);
  });
});

describeWithMariadb('with a database behind a proxy', () => {
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

  test('a load from before there was a database keeps its Parquet file when the database refuses its rows', async () => {
    const content = people(0, 2);
    const first = await project.start();
    project.drop('a.csv', content);
    await project.event('finished', 'a.csv');
    expect(await first.stop('SIGTERM')).toBe(0);
    const database = await TestDatabase.create(server);
    await database.query('CREATE TABLE $people (id INT PRIMARY KEY, name VARCHAR(40))');
    await database.query("INSERT INTO $people VALUES (0, 'there before')");
    project.configure({ database: database.config() });
    await project.start();
    project.drop('a.csv', content);
    await project.event('failed', 'a.csv');
    expect(Object.values(await parquetRows(project, 'people'))).toEqual([2]);
  });

  test('a COMMIT whose answer is lost ends as loaded and finished, with a receipt, not as a repetition', async () => {
    const database = await TestDatabase.create(server);
    project.configure({ database: database.config({ port: proxy.port }) });
    await project.start();
    project.drop('first.csv', people(0, 2));
    await project.event('finished', 'first.csv');
    const cut = proxy.cutAfterSending('COMMIT');
    project.drop('a.csv', people(10, 5));
    await cut;
    await project.event('finished', 'a.csv');
    expect(project.stepsOf('a.csv')).toEqual(
      expect.arrayContaining(['published', 'parked', 'resumed', 'loaded', 'finished']),
    );
    expect(project.stepsOf('a.csv')).not.toContain('skipped');
    const files = new Map([
      ['first.csv', people(0, 2)],
      ['a.csv', people(10, 5)],
    ]);
    await expectExactlyOnce(project, 'people', files, database);
  });
});
