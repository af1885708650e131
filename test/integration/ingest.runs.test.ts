import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimsIn, expectExactlyOnce, expectNothingLeft } from '../support/exactly-once.ts';
import { filesIn, HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { describeWithMariadb, startMariadb } from '../support/mariadb.ts';
import { TestDatabase } from '../support/test-database.ts';

let project: HopperProject;
beforeEach(() => {
  project = new HopperProject({ datasets: peopleDataset });
});
afterEach(() => project.remove());

/** Exit code, and the last line on standard output. */
async function ingest(...words: string[]): Promise<[code: unknown, last: string, errors: string]> {
  const run = project.run(['ingest', ...words]);
  const code = await run.ended;
  return [code, run.stdout.trimEnd().split('\n').at(-1) ?? '', run.stderr];
}

test('ingest without files takes what is in the input folder and ends with 0', async () => {
  const files = new Map<string, string>();
  for (let n = 0; n < 30; n++) files.set(`file-${n}.csv`, people(n * 5, 5));
  for (const [name, content] of files) project.drop(name, content);
  expect(await ingest()).toEqual([0, '30 finished', '']);
  await expectExactlyOnce(project, 'people', files);
  expect(await ingest()).toEqual([0, 'no files', '']);
});

test.each([
  ['finished', people(0, 5), { afterRenameTo: '/archive/' }, [0, '1 finished', '']],
  [
    'failed',
    'id;name\nx;y\n',
    { afterRenameTo: 'output_failed/a.csv', nth: 3 },
    [1, '1 failed', ''],
  ],
] as const)(
  'ingest counts a file that had %s when the run before was killed, and ends accordingly',
  async (_end, content, crash, result) => {
    project.drop('a.csv', content);
    expect(await project.run(['ingest'], { crash }).ended).toBe('SIGKILL');
    expect(filesIn(project.input)).toEqual([]);
    expect(await ingest()).toEqual(result);
    expect(await ingest()).toEqual([0, 'no files', '']);
  },
);

test('ingest takes a file named in the input folder out of it, and leaves one from elsewhere where it is', async () => {
  mkdirSync(join(project.root, 'elsewhere'));
  const elsewhere = join(project.root, 'elsewhere/b.csv');
  writeFileSync(elsewhere, people(10, 5));
  project.drop('a.csv', people(0, 5));
  project.drop('not-named.csv', people(20, 5));
  expect(await ingest('input_csv/a.csv', 'elsewhere/b.csv')).toEqual([0, '2 finished', '']);
  expect(readFileSync(elsewhere, 'utf8')).toBe(people(10, 5));
  expect(filesIn(project.input)).toEqual(['not-named.csv']);
  expect(await ingest()).toEqual([0, '1 finished', '']);
  const files = new Map([
    ['a.csv', people(0, 5)],
    ['b.csv', people(10, 5)],
    ['not-named.csv', people(20, 5)],
  ]);
  await expectExactlyOnce(project, 'people', files);
  expect(await ingest('elsewhere/b.csv')).toEqual([0, '1 skipped as loaded before', '']);
});

test('ingest ends with 1 when a file fails, and loads the others', async () => {
  project.drop('good.csv', people(0, 5));
  project.drop('bad.csv', 'id;name\nnone;Ann\n');
  expect(await ingest()).toEqual([1, '1 finished, 1 failed', '']);
  expect(filesIn(project.failed)).toEqual([
    'bad.csv',
    'bad.csv.report.html',
    'bad.csv.report.json',
  ]);
});

test('ingest ends with 1 for a file that is not there', async () => {
  const [code, , errors] = await ingest('missing.csv');
  expect(code).toBe(1);
  expect(errors).toContain('missing.csv');
  await expectNothingLeft(project);
});

test('ingest ends with 2, and touches nothing, for a name that no dataset takes and for a wrong configuration', async () => {
  writeFileSync(join(project.root, 'notes.txt'), 'x');
  const [code, , errors] = await ingest('notes.txt');
  expect(code).toBe(2);
  expect(errors).toContain('No dataset takes notes.txt');
  project.configure({ more: 'intakes: {}' });
  const [misconfigured, , told] = await ingest();
  expect(misconfigured).toBe(2);
  expect(told).toContain('intakes');
  expect(existsSync(project.processing)).toBe(false);
});

test('a second process on the same folder is refused with the pid of the first', async () => {
  const daemon = await project.start();
  const [code, , errors] = await ingest();
  expect(code).toBe(2);
  expect(errors).toContain(`process ${daemon.child.pid ?? 0}`);
  project.drop('a.csv', people(0, 5));
  await project.event('finished', 'a.csv');
});

describeWithMariadb('ingest with a database', () => {
  test('ends with 1 while the server is away and leaves the load for the next run, which ends with 0', async () => {
    const server = await startMariadb();
    try {
      const database = await TestDatabase.create(server);
      project.configure({ database: database.config() });
      await server.kill('SIGKILL');
      project.drop('a.csv', people(0, 5));
      const [code, last] = await ingest();
      expect([code, last]).toEqual([1, '1 waiting for the next run']);
      expect(claimsIn(project)).toHaveLength(1);
      expect(filesIn(join(project.output, 'people'))).toHaveLength(1);
      await server.restart();
      expect((await ingest()).slice(0, 2)).toEqual([0, '1 finished']);
      await expectExactlyOnce(project, 'people', new Map([['a.csv', people(0, 5)]]), database);
    } finally {
      await server.stop();
    }
  });
});
