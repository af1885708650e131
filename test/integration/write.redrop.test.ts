import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadIdOf } from '../../src/core/load-id.ts';
import type { CrashPoint } from '../support/crash-point.ts';
import { runCommand } from '../support/command-run.ts';
import { eachWithDatabase } from '../support/database-project.ts';
import { expectNothingLeft, parquetRows, receiptsIn } from '../support/exactly-once.ts';
import { HopperProject, people } from '../support/hopper-project.ts';
import { describeWithMariadb } from '../support/mariadb.ts';
import type { TestDatabase } from '../support/test-database.ts';
import { peopleWith } from '../support/versions.ts';

const again = peopleWith('redrop: load');
const content = people(0, 4);

let project: HopperProject;
let database: TestDatabase | null;
afterEach(() => project.remove());

async function ingest(crash?: CrashPoint): Promise<void> {
  project.drop('a.csv', content);
  const { code } = await runCommand(project, ['ingest'], crash === undefined ? {} : { crash });
  expect(code).toBe(crash === undefined ? 0 : 'SIGKILL');
}

/** The file is in so many times, each time as a load of its own, everywhere. */
async function expectTimes(times: number): Promise<void> {
  const receipts = await receiptsIn(project, 'people');
  const ids = receipts.map(({ loadId }) => loadId);
  const { sha256 = '' } = receipts[0] ?? {};
  expect(ids).toEqual(
    Array.from({ length: times }, (_, n) => loadIdOf('people', 'a.csv', sha256, n)),
  );
  const rows = Object.fromEntries(ids.map((id) => [id, 4]));
  expect(await parquetRows(project, 'people')).toEqual(rows);
  if (database !== null) {
    expect(await database.tableRows('people')).toEqual(rows);
    expect(await database.ledgerRows('people')).toEqual(rows);
  }
  await expectNothingLeft(project);
  const { stdout } = await runCommand(project, ['check', '--ledger']);
  expect(stdout).toMatch(/^[\d,]+ loads? compared, no differences\n$/);
}

const points: [string, CrashPoint][] = [
  ['claimed', { event: 'claimed' }],
  ['converted', { event: 'converted' }],
  ['published', { event: 'published' }],
  ['loaded', { event: 'loaded' }],
  ['to be archived', { beforeRenameTo: '/archive/' }],
  ['archived', { afterRenameTo: '/archive/' }],
];

describe('redrop: load without a database', () => {
  beforeEach(() => {
    database = null;
    project = new HopperProject({ datasets: again });
  });

  test('the same file dropped again is loaded again, each time as a load of its own', async () => {
    for (let times = 1; times <= 3; times++) {
      await ingest();
      await expectTimes(times);
    }
    const ids = (await receiptsIn(project, 'people')).map(({ loadId }) => loadId);
    expect((await runCommand(project, ['undo', ids[2]!])).code).toBe(0);
    await expectTimes(2);
    await ingest();
    await expectTimes(3);
  });

  test('dropped again while it is under way, it is not lost either', async () => {
    await project.start();
    for (let n = 1; n <= 4; n++) {
      project.drop('a.csv', content);
      await project.event('found', 'a.csv', n);
    }
    await project.ends(4);
    await project.stopAll();
    const ids = (await receiptsIn(project, 'people')).map(({ loadId }) => loadId);
    expect(new Set(ids).size).toBe(4);
    expect(Object.keys(await parquetRows(project, 'people'))).toHaveLength(4);
  });
});

describeWithMariadb('redrop: load with a database', () => {
  eachWithDatabase((made) => {
    ({ database, project } = made);
    project.configure({ datasets: again });
  });

  test.each(points)(
    'a kill -9 of the repetition when it is %s: it is in once',
    async (_name, crash) => {
      await ingest();
      await ingest(crash);
      await runCommand(project, ['ingest']);
      await expectTimes(2);
      await ingest();
      await expectTimes(3);
    },
  );

  test.each(points)('a kill -9 of the first when it is %s: it is in once', async (_name, crash) => {
    await ingest(crash);
    await runCommand(project, ['ingest']);
    await expectTimes(1);
  });

  test('while one that was taken back is under way again, a further drop is none of those behind it', async () => {
    for (let n = 0; n < 3; n++) await ingest();
    const ids = (await receiptsIn(project, 'people')).map(({ loadId }) => loadId);
    expect((await runCommand(project, ['undo', ids[1]!])).code).toBe(0);
    await ingest({ event: 'claimed' });
    await ingest();
    const loads = Object.keys(await database!.tableRows('people'));
    expect(new Set(loads).size).toBe(4);
    expect(loads).toEqual(expect.arrayContaining(ids));
    expect(Object.keys(await parquetRows(project, 'people'))).toHaveLength(4);
    expect(project.stepsOf('a.csv')).not.toContain('skipped');
    await expectNothingLeft(project);
  });

  test('a repetition that somebody took out of the database comes back as itself', async () => {
    for (let n = 0; n < 2; n++) await ingest();
    const ids = (await receiptsIn(project, 'people')).map(({ loadId }) => loadId);
    await database!.query(`DELETE FROM $people WHERE _load_id = '${ids[1]!}'`);
    await database!.query(`DELETE FROM $csv_hopper_ledger WHERE load_id = '${ids[1]!}'`);
    await runCommand(project, ['ingest', '--lost']);
    expect(await database!.ledgerRows('people')).toEqual({ [ids[0]!]: 4, [ids[1]!]: 4 });
  });
});

describe('redrop: skip', () => {
  beforeEach(() => {
    database = null;
    project = new HopperProject({ datasets: peopleWith('redrop: skip') });
  });

  /** What the log says of the file's ends, in their order. */
  function ends(): string[] {
    return project.stepsOf('a.csv').filter((event) => /finished|failed|skipped/.test(event));
  }

  test.each([
    ['claimed', { event: 'claimed' }],
    ['to be archived', { beforeRenameTo: '/archive/' }],
    ['archived', { afterRenameTo: '/archive/' }],
  ] as [string, CrashPoint][])(
    'a kill -9 of a drop of what was loaded before, when it is %s: it is skipped, and the load named',
    async (_name, crash) => {
      await ingest();
      await ingest(crash);
      await runCommand(project, ['ingest']);
      expect(ends()).toEqual(['finished', 'skipped']);
      const [{ loadId } = { loadId: '' }] = await receiptsIn(project, 'people');
      const skipped = project.events().find(({ event }) => event === 'skipped');
      expect(skipped).toMatchObject({ file: 'a.csv', loadId, repeats: loadId });
      await expectTimes(1);
    },
  );

  test.each(points.filter(([moment]) => moment !== 'loaded'))(
    'a kill -9 of the first when it is %s: it is finished, and not skipped',
    async (_name, crash) => {
      await ingest(crash);
      const { stdout } = await runCommand(project, ['ingest']);
      expect(stdout).toMatch(/^1 finished$/m);
      expect(ends()).toEqual(['finished']);
      await expectTimes(1);
    },
  );

  test.each([
    ['the same', content],
    ['other', people(4, 3)],
  ])(
    'the end of an archived file is told also where a file of its name, with %s content, waits at the restart',
    async (_name, next) => {
      await ingest({ afterRenameTo: '/archive/' });
      project.drop('a.csv', next);
      expect((await runCommand(project, ['ingest'])).code).toBe(0);
      expect(ends()).toEqual(['finished', next === content ? 'skipped' : 'finished']);
    },
  );

  test('dropped again after it had been taken back, and killed: it is loaded, and finished', async () => {
    await ingest();
    const [{ loadId } = { loadId: '' }] = await receiptsIn(project, 'people');
    expect((await runCommand(project, ['undo', loadId])).code).toBe(0);
    await ingest({ event: 'published' });
    await runCommand(project, ['ingest']);
    expect(ends()).toEqual(['finished', 'finished']);
    await expectTimes(1);
  });
});
