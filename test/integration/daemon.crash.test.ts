import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { shortLoadId } from '../../src/core/load.ts';
import { receiptsPath } from '../../src/pipeline/receipt-book.ts';
import type { CrashPoint } from '../support/crash-point.ts';
import { eachWithDatabase } from '../support/database-project.ts';
import { expectExactlyOnce, loadIdFor, parquetRows } from '../support/exactly-once.ts';
import { filesIn, HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { describeWithMariadb } from '../support/mariadb.ts';
import type { TestDatabase } from '../support/test-database.ts';
import { until } from '../support/until.ts';

const BURST = 150;

function burst(count = BURST): Map<string, string> {
  const files = new Map<string, string>();
  for (let n = 0; n < count; n++) files.set(`file-${n}.csv`, people(n * 20, 20));
  return files;
}

describeWithMariadb('kill -9 with a database', () => {
  let database: TestDatabase;
  let project: HopperProject;
  eachWithDatabase((made) => {
    ({ database, project } = made);
  });

  /** Lets it run into the crash, starts it again, and waits until the log has every file's end. */
  async function crashAndRecover(files: Map<string, string>, crash: CrashPoint): Promise<void> {
    // The backlog is there before, so that the crash comes in the middle of it.
    for (const [name, content] of files) project.drop(name, content);
    const daemon = project.run(['start'], { crash });
    expect(await daemon.ended).toBe('SIGKILL');
    await project.start();
    await until(
      () => unfinishedInLog(files).length === 0,
      () => `The log does not have the end of ${unfinishedInLog(files).join(', ')}.`,
    );
    await expectExactlyOnce(project, 'people', files, database);
  }

  function unfinishedInLog(files: Map<string, string>): string[] {
    const events = project.events().filter(({ event }) => event === 'finished');
    const finished = new Set(events.map(({ file }) => file));
    return [...files.keys()].filter((name) => !finished.has(name));
  }

  const moments: [string, CrashPoint][] = [
    ['the first file is claimed', { event: 'claimed' }],
    ['the first file is converted', { event: 'converted' }],
    ['the first file is published', { event: 'published' }],
    ['the first rows are committed and no receipt is written', { event: 'loaded' }],
    ['the first file is finished', { event: 'finished' }],
    ['half of the files are loaded', { event: 'loaded', nth: BURST / 2 }],
  ];
  test.each(moments)('in a burst, when %s, leaves every file exactly once', async (_, crash) => {
    await crashAndRecover(burst(), crash);
  });

  test('when a group is committed and the rows of the next are sent, leaves every file exactly once', async () => {
    const files = new Map<string, string>();
    for (let n = 0; n < 130; n++) files.set(`file-${n}.csv`, people(n * 1500, 1500));
    await crashAndRecover(files, { event: 'loaded' });
  });

  const seams: [string, CrashPoint][] = [
    ['before a file is claimed', { beforeRenameTo: '.processing/claim-' }],
    ['after a file is claimed', { afterRenameTo: '.processing/claim-' }],
    ['before a Parquet file gets its final name', { beforeRenameTo: '.parquet' }],
    ['after a Parquet file has its final name', { afterRenameTo: '.parquet' }],
    ['after the receipt and before the archive', { beforeRenameTo: '/archive/' }],
    ['after the archive and before the claim is dropped', { afterRenameTo: '/archive/' }],
  ];
  test.each(seams)('%s leaves each file exactly once', async (_, crash) => {
    await crashAndRecover(burst(3), crash);
  });

  test('from outside, again and again in one burst, leaves every file exactly once', async () => {
    const files = burst();
    for (const [name, content] of files) project.drop(name, content);
    for (const event of ['claimed', 'converted', 'loaded', 'finished'] as const) {
      const before = project.events().filter((line) => line.event === event).length;
      const daemon = project.run(['start']);
      await project.event(event, undefined, before + 1);
      expect(await daemon.stop('SIGKILL')).toBe('SIGKILL');
    }
    const finished = project.events().filter(({ event }) => event === 'finished').length;
    const left = files.size - filesIn(join(project.archive, 'people')).length;
    await project.start();
    if (left > 0) await project.event('finished', undefined, finished + left);
    await expectExactlyOnce(project, 'people', files, database);
  });

  test('between COMMIT and receipt, prepared by hand: the load is finished and its rows are not doubled', async () => {
    const content = people(0, 30);
    const files = new Map([['a.csv', content]]);
    const loadId = loadIdFor('people', 'a.csv', content);
    const daemon = await project.start();
    project.drop('a.csv', content);
    await project.event('finished', 'a.csv');
    await daemon.stop();
    const claim = join(project.processing, loadId);
    mkdirSync(claim);
    const archived = join(project.archive, 'people', `a-${shortLoadId(loadId)}.csv`);
    renameSync(archived, join(claim, 'a.csv'));
    rmSync(receiptsPath(project.output, 'people'));

    await project.start();
    await project.event('finished', 'a.csv', 2);
    const steps = ['resumed', 'converted', 'published', 'loaded', 'finished'];
    expect(project.stepsOf('a.csv').slice(-5)).toEqual(steps);
    await expectExactlyOnce(project, 'people', files, database);
  });
});

describe('kill -9 without a database', () => {
  let project: HopperProject;
  beforeEach(() => {
    project = new HopperProject({ datasets: peopleDataset });
  });
  afterEach(() => project.remove());

  test('a Parquet file from before the crash is replaced by an equal one', async () => {
    project.drop('a.csv', people(0, 500));
    const daemon = project.run(['start'], { crash: { event: 'published' } });
    expect(await daemon.ended).toBe('SIGKILL');
    const [name] = filesIn(join(project.output, 'people'));
    const path = join(project.output, 'people', name ?? '');
    const before = readFileSync(path);
    await project.start();
    await project.event('finished', 'a.csv');
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(Object.values(await parquetRows(project, 'people'))).toEqual([500]);
  });

  test('what a former run was writing is removed at the start', async () => {
    const stale = join(project.output, '.writing');
    mkdirSync(stale, { recursive: true });
    writeFileSync(join(stale, `${'0'.repeat(32)}.parquet.tmp`), 'PAR1 and no more');
    mkdirSync(project.failed, { recursive: true });
    writeFileSync(join(project.failed, '.0123456789abcdef.tmp'), '<!doctype html>');
    writeFileSync(join(project.failed, '.keep'), '');
    await project.start();
    expect(readdirSync(project.failed)).toEqual(['.keep']);
    rmSync(join(project.failed, '.keep'));
    project.drop('a.csv', people(0, 5));
    await project.event('finished', 'a.csv');
    await expectExactlyOnce(project, 'people', new Map([['a.csv', people(0, 5)]]));
  });

  test.each([
    ['before the report is complete', { beforeRenameTo: '.report.json' }],
    ['between report and page', { afterRenameTo: '.report.json' }],
    ['before the page is complete', { beforeRenameTo: '.report.html' }],
    ['between page and file', { afterRenameTo: '.report.html' }],
    // The first renames to this text are those of report and page.
    ['after the file is moved', { afterRenameTo: 'output_failed/bad.csv', nth: 3 }],
  ] as [string, CrashPoint][])(
    'a file at fault is failed once with its report after a crash %s',
    async (_, crash) => {
      const content = 'id;name\nnot a number;Ann\n';
      project.drop('bad.csv', content);
      const daemon = project.run(['start'], { crash });
      expect(await daemon.ended).toBe('SIGKILL');
      await project.start();
      project.drop('good.csv', people(0, 1));
      await project.event('finished', 'good.csv');
      await expectExactlyOnce(project, 'people', new Map([['good.csv', people(0, 1)]]));
      expect(filesIn(project.failed)).toEqual([
        'bad.csv',
        'bad.csv.report.html',
        'bad.csv.report.json',
      ]);
      expect(readFileSync(join(project.failed, 'bad.csv'), 'utf8')).toBe(content);
    },
  );
});
