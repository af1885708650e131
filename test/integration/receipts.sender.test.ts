import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SenderReceipt } from '../../src/pipeline/sender-receipt.ts';
import { runCommand } from '../support/command-run.ts';
import type { CrashPoint } from '../support/crash-point.ts';
import { eachWithDatabase } from '../support/database-project.ts';
import { expectExactlyOnce, loadIdFor, noClaims } from '../support/exactly-once.ts';
import { filesIn, HopperProject, people } from '../support/hopper-project.ts';
import { describeWithMariadb } from '../support/mariadb.ts';

const folders = 'folders: { receipts: input_csv/receipts }';
// Every name is wanted, so that a receipt that were taken for input would show.
const datasets = "datasets: [{ name: people, match: '*', schema: schema/people.yaml }]";
const bad = 'id;name\nXnumber;Ann\n2;Bob\nXother;Eve\n';

let project: HopperProject;
afterEach(() => project.remove());

function receiptsFolder(): string {
  return join(project.input, 'receipts');
}

function receiptOf(file: string): SenderReceipt {
  return JSON.parse(readFileSync(join(receiptsFolder(), `${file}.json`), 'utf8')) as SenderReceipt;
}

function earlier(): string[] {
  const folder = join(receiptsFolder(), 'earlier');
  return existsSync(folder) ? readdirSync(folder) : [];
}

describe('without a database', () => {
  beforeEach(() => {
    project = new HopperProject({ folders, datasets });
  });

  test('a sender finds what became of each file, and only of files that were dropped', async () => {
    await project.start();
    const content = people(0, 7);
    const loadId = loadIdFor('people', 'a.csv', content);
    project.drop('a.csv', content);
    await project.event('finished', 'a.csv');
    const { sha256, time, version, ...loaded } = receiptOf('a.csv');
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(Date.parse(time)).not.toBeNaN();
    expect(version).toMatch(/^\d/);
    expect(loaded).toEqual({
      ...{ file: 'a.csv', verdict: 'loaded', dataset: 'people', loadId, bytes: content.length },
      ...{ reason: 'Of 7 rows 7 are loaded.', hint: 'Nothing to do.' },
      rows: {
        ...{ rowsRead: 7, rowsAccepted: 7, rowsRejected: 0 },
        ...{ rowsDroppedNull: 0, rowsDroppedDuplicate: 0 },
      },
      ...{ repeats: null, code: null, report: null, page: null, rejects: null, values: null },
      ...{ problemsTotal: 0, problems: [] },
    });

    project.drop('a.csv', content);
    await project.event('skipped', 'a.csv');
    expect(receiptOf('a.csv')).toMatchObject({ verdict: 'skipped', rows: null, repeats: loadId });
    expect(earlier()).toEqual([`a.csv-${loadId.slice(0, 8)}.json`]);

    project.drop('a.csv', bad);
    await project.event('failed', 'a.csv');
    const failed = receiptOf('a.csv');
    expect(failed).toMatchObject({
      ...{ verdict: 'failed', code: 'content_invalid', problemsTotal: 2, values: 'shown' },
      rows: { rowsRead: 3, rowsAccepted: 1, rowsRejected: 2 },
    });
    expect(failed.problems.map(({ line, value }) => [line, value])).toEqual([
      [2, 'Xnumber'],
      [4, 'Xother'],
    ]);
    for (const path of [failed.report, failed.page]) {
      expect(existsSync(join(receiptsFolder(), path ?? 'none'))).toBe(true);
    }
    // The next file is taken by a look at the folder that sees the receipts as well.
    project.drop('b.csv', people(50, 1));
    await project.event('finished', 'b.csv');
    expect(new Set(project.events().flatMap(({ file }) => file ?? []))).toEqual(
      new Set(['a.csv', 'b.csv']),
    );
  });

  test('where values are redacted a receipt holds none', async () => {
    project.configure({
      more: 'intake: { quiet_ms: 100, sweep_ms: 300 }\nreport: { values: redacted }',
    });
    await project.start();
    project.drop('a.csv', bad);
    await project.event('failed', 'a.csv');
    expect(receiptOf('a.csv')).toMatchObject({ problemsTotal: 2, values: 'redacted' });
    expect(JSON.stringify(receiptOf('a.csv'))).not.toMatch(/Xnumber|Xother|Bob/);
  });

  const ends: [string, string, CrashPoint][] = [
    ['before', 'loaded', { beforeRenameTo: 'receipts/a.csv.json' }],
    ['after', 'loaded', { afterRenameTo: 'receipts/a.csv.json' }],
    ['before the archive after', 'loaded', { beforeRenameTo: '/archive/' }],
    ['before', 'failed', { beforeRenameTo: 'receipts/a.csv.json' }],
    ['after', 'failed', { afterRenameTo: 'receipts/a.csv.json' }],
  ];
  test.each(ends)(
    'a crash %s the receipt of a file that is %s leaves it ended once, with its receipt',
    async (_, verdict, crash) => {
      const content = verdict === 'loaded' ? people(0, 5) : bad;
      project.drop('a.csv', content);
      expect(await project.run(['start'], { crash }).ended).toBe('SIGKILL');
      const daemon = await project.start();
      await project.event(verdict === 'loaded' ? 'finished' : 'failed', 'a.csv');
      await noClaims(project);
      await daemon.stop();
      const loaded: [string, string][] = verdict === 'loaded' ? [['a.csv', content]] : [];
      await expectExactlyOnce(project, 'people', loaded);
      expect(receiptOf('a.csv')).toMatchObject({
        verdict,
        rows: { rowsRead: verdict === 'loaded' ? 5 : 3 },
      });
      expect(readdirSync(receiptsFolder())).toEqual(['a.csv.json']);
      expect(filesIn(project.failed)).toHaveLength(verdict === 'loaded' ? 0 : 3);
    },
  );

  test('a crash while the newest receipt takes the place of the one before leaves both', async () => {
    const [older, newer] = [people(0, 5), people(50, 6)];
    project.drop('a.csv', older);
    await runCommand(project, ['ingest']);
    project.drop('a.csv', newer);
    const crash = { afterRenameTo: 'receipts/earlier/' };
    expect(await project.run(['ingest'], { crash }).ended).toBe('SIGKILL');
    expect(receiptOf('a.csv').loadId).toBe(loadIdFor('people', 'a.csv', older));
    expect((await runCommand(project, ['ingest'])).code).toBe(0);
    expect(receiptOf('a.csv').loadId).toBe(loadIdFor('people', 'a.csv', newer));
    expect(earlier()).toEqual([`a.csv-${loadIdFor('people', 'a.csv', older).slice(0, 8)}.json`]);
  });

  test('where the folder cannot be written to, files wait and say why, also over a restart, and none is lost or doubled', async () => {
    const daemon = await project.start();
    const away = join(project.root, 'away');
    renameSync(receiptsFolder(), away);
    writeFileSync(receiptsFolder(), 'in the way');
    const files = new Map([
      ['a.csv', people(0, 5)],
      ['b.csv', people(50, 6)],
    ]);
    for (const [name, content] of files) project.drop(name, content);
    project.drop('bad.csv', bad);
    for (const name of [...files.keys(), 'bad.csv']) {
      const { reason, err } = await project.event('parked', name);
      expect(reason).toContain('receipts');
      expect(err).toMatchObject({ code: 'folder_unusable' });
    }
    await daemon.stop();
    expect(project.stepsOf('a.csv')).not.toContain('finished');
    rmSync(receiptsFolder());
    mkdirSync(receiptsFolder());
    const second = await project.start();
    await project.ends(3);
    await noClaims(project);
    await second.stop();
    await expectExactlyOnce(project, 'people', files);
    expect(readdirSync(receiptsFolder()).sort()).toEqual([
      ...['a.csv.json', 'b.csv.json', 'bad.csv.json'],
    ]);
    expect(receiptOf('bad.csv').verdict).toBe('failed');
  });

  test('a file that is loaded without some rows says so, with the way to them, also after a crash', async () => {
    project.configure({ datasets: datasets.replace(' }]', ', on_invalid_rows: divert }]') });
    project.drop('a.csv', bad);
    const crash = { beforeRenameTo: 'receipts/a.csv.json' };
    expect(await project.run(['ingest'], { crash }).ended).toBe('SIGKILL');
    await runCommand(project, ['ingest']);
    const { rejects, report, page, ...receipt } = receiptOf('a.csv');
    expect(receipt).toMatchObject({
      ...{ verdict: 'diverted', code: 'content_invalid', problemsTotal: 2, values: 'shown' },
      rows: { rowsRead: 3, rowsAccepted: 1, rowsRejected: 2 },
    });
    expect([rejects, report, page].map((path) => basename(path ?? ''))).toEqual([
      ...['a.csv.rejects.csv', 'a.csv.report.json', 'a.csv.report.html'],
    ]);
    for (const path of [rejects, report, page]) {
      expect(existsSync(join(receiptsFolder(), path ?? 'none'))).toBe(true);
    }
    expect(readdirSync(receiptsFolder())).toEqual(['a.csv.json']);
  });

  test('a file that is dropped again has a receipt whenever its sender looks, also after a crash', async () => {
    const content = people(0, 5);
    project.drop('a.csv', content);
    await runCommand(project, ['ingest']);
    project.drop('a.csv', content);
    const crash = { afterRenameTo: 'receipts/earlier/' };
    expect(await project.run(['ingest'], { crash }).ended).toBe('SIGKILL');
    const loadId = loadIdFor('people', 'a.csv', content);
    expect(receiptOf('a.csv')).toMatchObject({ verdict: 'loaded', loadId });
    expect((await runCommand(project, ['ingest'])).code).toBe(0);
    expect(receiptOf('a.csv')).toMatchObject({ verdict: 'skipped', loadId });
    await noClaims(project);
  });

  test('of a packed file in another encoding it tells by what was dropped, with the way to its rejected rows', async () => {
    project.configure({
      datasets: datasets.replace(' }]', ', on_invalid_rows: divert, encoding: windows-1252 }]'),
    });
    const packed = gzipSync(Buffer.from('id;name\n1;Zo\u00eb\nXnumber;Bj\u00f6rn\n', 'latin1'));
    project.drop('a.csv.gz', packed);
    await runCommand(project, ['ingest']);
    const { rejects, report, page, ...receipt } = receiptOf('a.csv.gz');
    expect(receipt).toMatchObject({
      ...{ file: 'a.csv.gz', verdict: 'diverted', bytes: packed.length },
      sha256: createHash('sha256').update(packed).digest('hex'),
      loadId: loadIdFor('people', 'a.csv.gz', packed),
      rows: { rowsRead: 2, rowsAccepted: 1, rowsRejected: 1 },
    });
    const path = join(receiptsFolder(), rejects ?? 'none');
    expect(readFileSync(path, 'utf8')).toContain('Xnumber;Bj\u00f6rn');
    for (const one of [report, page]) {
      expect(existsSync(join(receiptsFolder(), one ?? 'none'))).toBe(true);
    }
    project.drop('b.csv.gz', packed.subarray(0, -9));
    await runCommand(project, ['ingest']);
    expect(receiptOf('b.csv.gz')).toMatchObject({ verdict: 'failed', bytes: packed.length - 9 });
  });

  test('a folder that is the input folder by another name is refused', async () => {
    symlinkSync(project.input, join(project.root, 'receipts'));
    project.configure({ folders: 'folders: { receipts: receipts }' });
    const { code, stderr } = await runCommand(project, ['ingest']);
    expect(code).not.toBe(0);
    expect(stderr).toContain('is the input folder');
  });

  test('a load that is taken back is undone for its sender too', async () => {
    project.drop('a.csv', people(0, 5));
    await runCommand(project, ['ingest']);
    const loadId = loadIdFor('people', 'a.csv', people(0, 5));
    expect((await runCommand(project, ['undo', loadId])).code).toBe(0);
    expect(receiptOf('a.csv')).toMatchObject({ verdict: 'undone', loadId });
    expect(earlier()).toEqual([`a.csv-${loadId.slice(0, 8)}.json`]);
  });
});

describeWithMariadb('with a database', () => {
  eachWithDatabase((made) => {
    ({ project } = made);
    project.configure({ folders });
  });

  test('a crash between COMMIT and receipt leaves one with the counts', async () => {
    project.drop('a.csv', people(0, 5));
    expect(await project.run(['start'], { crash: { event: 'loaded' } }).ended).toBe('SIGKILL');
    expect(existsSync(join(receiptsFolder(), 'a.csv.json'))).toBe(false);
    await project.start();
    await project.event('finished', 'a.csv');
    expect(receiptOf('a.csv')).toMatchObject({ verdict: 'loaded', rows: { rowsAccepted: 5 } });
    expect(earlier()).toEqual([]);
  });
});
