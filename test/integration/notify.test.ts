import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommand } from '../support/command-run.ts';
import type { CrashPoint } from '../support/crash-point.ts';
import { eachWithDatabase } from '../support/database-project.ts';
import { expectNothingLeft } from '../support/exactly-once.ts';
import { HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { describeWithMariadb, type Mariadb } from '../support/mariadb.ts';
import { type Answer, isSignedBy, NoticeReceiver } from '../support/notice-receiver.ts';

const secret = `whsec_${Buffer.from('a key of thirty-two bytes or so!').toString('base64')}`;
const brief = 'intake: { quiet_ms: 100, sweep_ms: 300 }\nconvert: { workers: 2 }';
const bad = 'id;name\nXnumber;Xname\n2;Bob\n';

let project: HopperProject;
let receiver: NoticeReceiver;
let port: number;
afterEach(async () => {
  await project.remove();
  await receiver.close();
});

async function receive(answer?: Answer): Promise<void> {
  receiver = new NoticeReceiver(answer);
  port = await receiver.listen();
}

function notifyKey(more = 'group_seconds: 1'): string {
  const url = `http://127.0.0.1:${port}/hook?token=Xtoken`;
  return `${brief}\nnotify: { url: "${url}", secret: "${secret}", ${more} }`;
}

/** All that csv-hopper has written down, and `more`. */
function everythingWritten(...more: string[]): string {
  const logs = readdirSync(project.logs).map((name) =>
    readFileSync(join(project.logs, name), 'utf8'),
  );
  return [...logs, ...more].join('\n');
}

describe('without a database', () => {
  beforeEach(async () => {
    await receive();
    project = new HopperProject({ datasets: peopleDataset, more: notifyKey() });
  });

  test('files that fail are told of in few notices, signed, with names and codes and nothing of their content', async () => {
    for (let n = 0; n < 30; n++) project.drop(`bad-${n}.csv`, bad);
    project.drop('good.csv', people(0, 3));
    const daemon = await project.start();
    await project.ends(31);
    const told = (): number =>
      receiver.received.reduce((sum, { data }) => sum + data.counts.failed, 0);
    await receiver.notice(() => told() === 30);
    expect(receiver.received.length).toBeLessThan(10);
    for (const notice of receiver.received) {
      expect(isSignedBy(secret, notice)).toBe(true);
      expect(isSignedBy(secret, { ...notice, text: `${notice.text} ` })).toBe(false);
      expect(notice.data.input).toBe(project.input);
      expect(notice.text).not.toMatch(/Xnumber|Xname|Xtoken|whsec|good\.csv/);
    }
    const [file] = receiver.received[0]?.data.files ?? [];
    expect(file).toMatchObject({
      ...{ verdict: 'failed', dataset: 'people', code: 'content_invalid', rule: 'type' },
      ...{ rowsRead: 2, rowsRejected: 1, report: `${file?.file ?? ''}.report.json` },
    });
    const check = await runCommand(project, ['check']);
    expect(check.stdout).toContain(
      'Notices of failed, diverted, set_aside, parked, resumed, unexpected, alarm are sent, signed',
    );
    const status = await runCommand(project, ['status', '--json']);
    await daemon.stop();
    const written = everythingWritten(check.stdout, check.stderr, status.stdout, daemon.said);
    expect(written).not.toMatch(/Xtoken|whsec|Xnumber/);
  });

  test('what a killed run had to tell is told by the next', async () => {
    await receiver.close();
    project.drop('bad.csv', bad);
    const daemon = project.run(['start'], { crash: { event: 'failed' } });
    expect(await daemon.ended).toBe('SIGKILL');
    receiver = new NoticeReceiver();
    await receiver.listen(port);
    await project.start();
    const { data } = await receiver.notice(() => true);
    expect(data.files[0]).toMatchObject({ file: 'bad.csv', code: 'content_invalid' });
  });

  const moves: [string, string, CrashPoint][] = [
    ['after', 'once', { afterRenameTo: 'output_failed/bad.csv', nth: 3 }],
    ['before', 'once', { beforeRenameTo: 'output_failed/bad.csv', nth: 3 }],
  ];
  test.each(moves)(
    'a file whose csv-hopper is killed right %s it was moved to the failed folder is told of %s, in the log too',
    async (_, __, crash) => {
      project.drop('bad.csv', bad);
      expect(await project.run(['start'], { crash }).ended).toBe('SIGKILL');
      expect(project.stepsOf('bad.csv')).not.toContain('failed');
      const daemon = await project.start();
      await project.event('failed', 'bad.csv');
      expect(await daemon.stop()).toBe(0);
      expect(await (await project.start()).stop()).toBe(0);
      const told = project.events().filter(({ event }) => event === 'failed');
      expect(told).toMatchObject([
        {
          ...{ file: 'bad.csv', dataset: 'people', rowsRead: 2, rowsRejected: 1, rule: 'type' },
          ...{ msg: 'content at fault', report: 'bad.csv.report.json' },
          err: { code: 'content_invalid' },
        },
      ]);
      expect(receiver.received.map(({ data }) => data.files)).toMatchObject([
        [{ file: 'bad.csv', code: 'content_invalid', rowsRejected: 1 }],
      ]);
      await expectNothingLeft(project);
      expect(readdirSync(project.processing)).toEqual([]);
    },
  );

  test('while a run sends its last notice no other uses its outbox', async () => {
    await receiver.close();
    await receive(() => 'nothing');
    project.configure({ more: notifyKey() });
    project.drop('bad.csv', bad);
    const first = project.run(['ingest']);
    await receiver.notice(() => true);
    const second = await runCommand(project, ['ingest']);
    expect(second.stderr).toContain('csv-hopper');
    expect(second.code).toBe(2);
    expect(await first.ended).toBe(1);
  });

  test('a notice on its way when its sender is killed keeps its id', async () => {
    await receiver.close();
    await receive(() => 500);
    project.configure({ more: notifyKey() });
    const daemon = await project.start();
    project.drop('bad.csv', bad);
    await receiver.notice(() => true);
    await daemon.stop('SIGKILL');
    const before = receiver.received.length;
    await project.start();
    await receiver.notice(() => receiver.received.length > before);
    const ids = new Set(receiver.received.map(({ headers }) => headers['webhook-id']));
    expect(ids.size).toBe(1);
    for (const notice of receiver.received) expect(isSignedBy(secret, notice)).toBe(true);
  });

  test('a stop sends what is queued, and is not held up by a receiver that hangs', async () => {
    project.configure({ more: notifyKey('group_seconds: 86400') });
    const daemon = await project.start();
    project.drop('bad.csv', bad);
    await project.event('failed', 'bad.csv');
    expect(await daemon.stop()).toBe(0);
    expect(receiver.received.map(({ data }) => data.counts.failed)).toEqual([1]);

    await receiver.close();
    await receive((nth) => (nth === 1 ? 'nothing' : 204));
    project.configure({ more: notifyKey('group_seconds: 86400, timeout_ms: 600000') });
    const second = await project.start();
    project.drop('worse.csv', bad);
    await project.event('failed', 'worse.csv');
    expect(await second.stop()).toBe(0);
    expect(receiver.received).toHaveLength(1);
    await project.start();
    const { data } = await receiver.notice(() => receiver.received.length > 1);
    expect(data.files).toMatchObject([{ file: 'worse.csv' }]);
  });

  test('ingest tells at its end, and a test notice tries the receiver', async () => {
    project.drop('bad.csv', bad);
    expect((await runCommand(project, ['ingest'])).code).toBe(1);
    expect(receiver.received.map(({ data }) => data.files[0]?.file)).toEqual(['bad.csv']);
    const tried = await runCommand(project, ['notify', '--test']);
    expect(tried).toMatchObject({ code: 0, stdout: 'a test notice was taken, signed\n' });
    expect(receiver.received.map(({ type }) => type)).toEqual([
      'csv_hopper.notice',
      'csv_hopper.test',
    ]);
    await receiver.close();
    const refused = await runCommand(project, ['notify', '--test']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/does not take them: ECONNREFUSED/);
    expect(refused.stderr).not.toContain('Xtoken');
    await receive();
  });

  test('trouble that outlives a stop is told of once, and its end too', async () => {
    project.configure({ folders: 'folders: { receipts: receipts }' });
    const inTheWay = join(project.root, 'receipts');
    const first = await project.start();
    renameSync(inTheWay, join(project.root, 'away'));
    writeFileSync(inTheWay, '');
    for (let n = 0; n < 5; n++) project.drop(`a-${n}.csv`, people(n, 3));
    const begun = await receiver.notice(({ data }) => data.counts.parked > 0);
    expect(begun.data.troubles).toMatchObject([{ code: 'folder_unusable', until: null }]);
    await first.stop();
    rmSync(inTheWay);
    await project.start();
    await project.ends(5);
    const over = await receiver.notice(({ data }) => data.counts.resumed > 0);
    const [trouble] = over.data.troubles;
    expect(trouble).toMatchObject({
      since: begun.data.troubles[0]?.since,
      code: 'folder_unusable',
    });
    expect(trouble?.until).not.toBeNull();
    expect(receiver.received).toHaveLength(2);
  });
});

describeWithMariadb('with a database', () => {
  let server: Mariadb;
  eachWithDatabase(async (made) => {
    ({ server, project } = made);
    await receive();
    project.configure({ more: notifyKey() });
  });

  test('an outage is one notice when it begins and one when it ends, not one a file', async () => {
    await project.start();
    project.drop('before.csv', people(0, 3));
    await project.event('finished', 'before.csv');
    await server.kill('SIGKILL');
    for (let n = 0; n < 10; n++) project.drop(`a-${n}.csv`, people(n * 10, 3));
    const begun = await receiver.notice(({ data }) => data.counts.parked > 0);
    expect(begun.data.troubles).toMatchObject([{ code: 'database_unreachable', until: null }]);
    await server.restart();
    await project.ends(11);
    const over = await receiver.notice(({ data }) => data.counts.resumed > 0);
    expect(over.data.troubles).toMatchObject([{ code: 'database_unreachable' }]);
    expect(over.data.troubles[0]?.until).not.toBeNull();
    expect(receiver.received.every(({ data }) => data.files.length === 0)).toBe(true);
    expect(receiver.received.length).toBeLessThanOrEqual(3);
  });
});
