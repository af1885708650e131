import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { claimsIn, expectExactlyOnce } from '../support/exactly-once.ts';
import { filesIn, HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { describeWithMariadb, type Mariadb, startMariadb } from '../support/mariadb.ts';
import { TestDatabase } from '../support/test-database.ts';
import { until } from '../support/until.ts';

/** By when it promises to have ended. */
const STOP_MS_MAX = 10_000;

let project: HopperProject;
afterEach(() => project.remove());

function dropMany(count: number, rows = 20): Map<string, string> {
  const files = new Map<string, string>();
  for (let n = 0; n < count; n++) files.set(`file-${n}.csv`, people(n * rows, rows));
  for (const [name, content] of files) project.drop(name, content);
  return files;
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s in a burst ends it with 0; nothing is half done, and the next start does the rest, each file once',
  async (signal) => {
    project = new HopperProject({ datasets: peopleDataset });
    const daemon = await project.start();
    const files = dropMany(80);
    await project.event('claimed');
    expect(await daemon.stop(signal)).toBe(0);
    expect(project.events().at(-1)?.event).toBe('stopped');
    // What is not finished is back where it was dropped, or published and kept in its claim.
    const finished = project.events().filter(({ event }) => event === 'finished').length;
    const rest = [...filesIn(project.input), ...claimsIn(project)];
    expect(rest).toHaveLength(files.size - finished);
    await project.start();
    await project.ends(files.size);
    await expectExactlyOnce(project, 'people', files);
  },
);

test('a stop while a large file is converted gives it back whole within ten seconds', async () => {
  project = new HopperProject({ datasets: peopleDataset });
  const daemon = await project.start();
  const row = '1;somebody with a name of middle length\n';
  const content = `id;name\n${row.repeat(4_000_000)}`;
  project.drop('large.csv', content);
  await project.event('claimed', 'large.csv');
  const startedMs = performance.now();
  daemon.child.kill('SIGTERM');
  expect(await daemon.ended).toBe(0);
  expect(performance.now() - startedMs).toBeLessThan(STOP_MS_MAX);
  expect(project.stepsOf('large.csv')).not.toContain('finished');
  expect(filesIn(project.input)).toEqual(['large.csv']);
  expect(readFileSync(join(project.input, 'large.csv'), 'utf8') === content).toBe(true);
  expect(filesIn(join(project.output, 'people'))).toEqual([]);
});

describeWithMariadb('a stop with a database', () => {
  let server: Mariadb;
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterAll(() => server.stop());

  test('SIGTERM in a burst leaves every file loaded once after the next start', async () => {
    const database = await TestDatabase.create(server);
    project = new HopperProject({ datasets: peopleDataset, database: database.config() });
    const daemon = await project.start();
    const files = dropMany(80);
    await project.event('published');
    expect(await daemon.stop()).toBe(0);
    await project.start();
    await project.ends(files.size);
    await expectExactlyOnce(project, 'people', files, database);
  });

  test('the second signal ends it at once, also with a database that hangs, and the next start completes everything', async () => {
    const database = await TestDatabase.create(server);
    project = new HopperProject({ datasets: peopleDataset, database: database.config() });
    const daemon = await project.start();
    const first = dropMany(1);
    await project.ends(1);
    await server.kill('SIGSTOP');
    const more = new Map([['late.csv', people(5000, 5)]]);
    project.drop('late.csv', people(5000, 5));
    await project.event('published', 'late.csv');
    daemon.child.kill('SIGTERM');
    await until(
      () => daemon.stdout.includes('stopping'),
      () => daemon.said,
    );
    const startedMs = performance.now();
    daemon.child.kill('SIGTERM');
    expect(await daemon.ended).toBe(143);
    expect(performance.now() - startedMs).toBeLessThan(STOP_MS_MAX / 2);
    await server.kill('SIGCONT');
    await project.start();
    await project.event('finished', 'late.csv');
    await expectExactlyOnce(project, 'people', new Map([...first, ...more]), database);
  });

  test('a stop with a database that hangs takes less than ten seconds, and the load is done at the next start', async () => {
    const database = await TestDatabase.create(server);
    project = new HopperProject({ datasets: peopleDataset, database: database.config() });
    const daemon = await project.start();
    const files = dropMany(1);
    await project.ends(1);
    await server.kill('SIGSTOP');
    files.set('late.csv', people(5000, 5));
    project.drop('late.csv', people(5000, 5));
    await project.event('published', 'late.csv');
    const startedMs = performance.now();
    expect(await daemon.stop()).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(STOP_MS_MAX);
    expect(claimsIn(project)).toHaveLength(1);
    await server.kill('SIGCONT');
    await project.start();
    await project.event('finished', 'late.csv');
    await expectExactlyOnce(project, 'people', files, database);
  });
});
