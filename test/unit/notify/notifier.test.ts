import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NotifyConfig } from '../../../src/config/config.ts';
import { noticeKinds } from '../../../src/core/notice-kind.ts';
import { HopperError } from '../../../src/errors/hopper-error.ts';
import { type ConversionLog, openConversionLog } from '../../../src/log/conversion-log.ts';
import { Notifier } from '../../../src/notify/notifier.ts';
import { NoticeReceiver } from '../../support/notice-receiver.ts';
import { until } from '../../support/until.ts';

let folder: string;
const receivers: NoticeReceiver[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hopper-notifier-'));
});
afterEach(async () => {
  for (const receiver of receivers.splice(0)) await receiver.close();
  rmSync(folder, { recursive: true });
});

async function listening(...answers: ConstructorParameters<typeof NoticeReceiver>) {
  const receiver = new NoticeReceiver(...answers);
  receivers.push(receiver);
  return { receiver, url: `http://127.0.0.1:${await receiver.listen()}/` };
}

function begin(url: string, more: Partial<NotifyConfig> = {}) {
  const times = { groupMs: 1000, timeoutMs: 2000 };
  const config = { url, ca: null, secret: null, events: noticeKinds, ...times, ...more };
  const notifier = new Notifier({ config, logsFolder: folder, inputFolder: '/drop' });
  const log = openConversionLog({
    ...{ folder, rotateBytes: 1 << 30, rotateDays: 7, keepFiles: 1, now: () => new Date() },
    onEvent: notifier.hear,
  });
  notifier.begin(log);
  return { notifier, log };
}

function failFile(log: ConversionLog, file: string): void {
  const err = new HopperError('content_invalid', { message: 'line 2: Xcell is no number.' });
  log.error('failed', 'content at fault', {
    ...{ file, dataset: 'people', bytes: 9, rowsRead: 3, rowsRejected: 1, err },
    ...{ reason: 'Xcell', hint: 'Xcell', rule: 'type', report: `${file}.report.json` },
  });
}

function outbox(): string | undefined {
  return readdirSync(folder).find((name) => name.startsWith('notices-'));
}

function said(): string {
  return readFileSync(join(folder, 'conversion_log.jsonl'), 'utf8');
}

test('what happens while a notice cannot be sent is one more, of bounded size, however much it is', async () => {
  const { receiver, url } = await listening((nth) => (nth < 3 ? 503 : 200));
  const { notifier, log } = begin(url);
  failFile(log, 'first.csv');
  await receiver.notice(() => true);
  for (let n = 0; n < 3000; n++) failFile(log, `file-${n}.csv`);
  const name = outbox() ?? 'none';
  expect(statSync(join(folder, name)).size).toBeLessThan(20_000);
  expect(statSync(join(folder, name)).mode & 0o77).toBe(0);
  const second = await receiver.notice(({ data }) => data.counts.failed > 1);
  expect(second.data).toMatchObject({ counts: { failed: 3000 }, filesOmitted: 2980 });
  expect(second.data.files).toHaveLength(20);
  const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(new Set(ids.slice(0, 3)).size).toBe(1);
  expect(new Set(ids).size).toBe(2);
  expect(new Set(receiver.received.slice(0, 3).map(({ text }) => text)).size).toBe(1);
  expect(second.text).not.toContain('Xcell');
  await notifier.close(1000);
  expect(outbox()).toBeUndefined();
  expect(said().match(/a notice waits/g)).toHaveLength(1);
  expect(said().match(/notices are sent again/g)).toHaveLength(1);
  expect(said()).not.toContain(url);
});

test('events that nobody asked for are not told', async () => {
  const { receiver, url } = await listening();
  const { notifier, log } = begin(url, { events: ['set_aside'] });
  failFile(log, 'a.csv');
  log.warn('parked', 'waits', { file: 'b.csv', err: new HopperError('disk_full') });
  log.error('failed', 'set aside', { file: 'c.csv', err: new HopperError('set_aside') });
  await notifier.close(2000);
  expect(receiver.received.map(({ data }) => data.counts)).toEqual([
    {
      ...{ failed: 0, diverted: 0, set_aside: 1, parked: 0, resumed: 0 },
      ...{ unexpected: 0, alarm: 0 },
    },
  ]);
});

test('rows that were put into a reject file are told of with the name of their report', async () => {
  const { receiver, url } = await listening();
  const { notifier, log } = begin(url);
  const err = new HopperError('content_invalid', { message: 'Xcell' });
  const fields = { file: 'a.csv', rowsRead: 3, rowsRejected: 1, rule: 'type' } as const;
  log.warn('diverted', 'rows', { ...fields, err, report: 'a.csv.report.json', reason: 'Xcell' });
  await notifier.close(2000);
  expect(receiver.received[0]?.data.files).toMatchObject([
    { verdict: 'diverted', ...fields, code: 'content_invalid', report: 'a.csv.report.json' },
  ]);
  expect(receiver.received[0]?.text).not.toContain('Xcell');
});

test('a file that is not as expected, and one that did not come, are told of with the reason', async () => {
  const { receiver, url } = await listening();
  const { notifier, log } = begin(url);
  const odd = { dataset: 'people', file: 'a.csv', loadId: 'f27b', reason: 'Too few rows.' };
  log.warn('unexpected', 'not as expected', { ...odd, hint: 'Look.' });
  log.warn('unexpected', 'not as expected', { ...odd, reason: 'x'.repeat(5000) });
  const due = { dataset: 'orders', reason: 'Due since 06:00.', hint: 'Ask its sender.' };
  for (let n = 0; n < 30; n++) log.error('alarm', 'due and not here', due);
  await notifier.close(2000);
  const data = receiver.received[0]?.data;
  expect(data).toMatchObject({ counts: { unexpected: 2, alarm: 30 }, alertsOmitted: 12 });
  expect(data?.alerts.slice(0, 3)).toMatchObject([
    { kind: 'unexpected', ...odd, hint: 'Look.' },
    { kind: 'unexpected', ...odd, reason: 'x'.repeat(1000) },
    { kind: 'alarm', file: null, loadId: null, ...due },
  ]);
  expect(data?.alerts).toHaveLength(20);
});

test('what comes and goes before it is told is told once', async () => {
  const { receiver, url } = await listening();
  const { notifier, log } = begin(url);
  for (let n = 0; n < 50; n++) {
    log.warn('parked', 'waits', { file: 'b.csv', err: new HopperError('disk_full') });
    log.info('resumed', 'goes on', { file: 'b.csv' });
  }
  await notifier.close(2000);
  const [notice, ...others] = receiver.received;
  expect(others).toEqual([]);
  expect(notice?.data.counts).toMatchObject({ parked: 50, resumed: 50 });
  expect(notice?.data.troubles).toMatchObject([{ code: 'disk_full', dataset: null }]);
  expect(notice?.data.troubles[0]?.until).not.toBeNull();
});

test('the end does not wait longer than it may, and what is left is sent by the next run', async () => {
  const silent = await listening(() => 'nothing');
  const first = begin(silent.url, { timeoutMs: 600_000 });
  failFile(first.log, 'a.csv');
  await first.notifier.close(200);
  const [lost] = silent.receiver.received;
  const { receiver, url } = await listening();
  const second = begin(url);
  const notice = await receiver.notice(() => true);
  expect(notice.headers['webhook-id']).toBe(lost?.headers['webhook-id']);
  expect(notice.text).toBe(lost?.text);
  await until(
    () => outbox() === undefined,
    () => 'The outbox is still there.',
  );
  await second.notifier.close(1000);
});

test('an outbox that cannot be written to keeps nothing from being sent', async () => {
  const { receiver, url } = await listening();
  const broken = begin(url);
  failFile(broken.log, 'a.csv');
  rmSync(folder, { recursive: true });
  failFile(broken.log, 'b.csv');
  await broken.notifier.close(2000);
  expect(receiver.received.map(({ data }) => data.counts.failed)).toEqual([2]);
  folder = mkdtempSync(join(tmpdir(), 'hopper-notifier-'));
});

test('what could not be written to the outbox is written when it can, also if nothing happens', async () => {
  const { receiver, url } = await listening(() => 503);
  const { notifier, log } = begin(url);
  const away = `${folder}-away`;
  renameSync(folder, away);
  failFile(log, 'a.csv');
  await receiver.notice(() => true);
  renameSync(away, folder);
  await until(
    () => outbox() !== undefined,
    () => 'The outbox is not there.',
  );
  await notifier.close(1000);
});

test.each([
  ['torn', '{"format":2,"seal'],
  ['of another version', '{"format":1,"sealed":null,"group":{},"open":[]}'],
  ['not what it should be', '{"format":2,"sealed":{},"group":null,"open":[]}'],
])('an outbox that is %s is told of in the log, and what comes is sent', async (_, text) => {
  const first = begin('http://127.0.0.1:9/');
  failFile(first.log, 'old.csv');
  await first.notifier.close(1000);
  writeFileSync(join(folder, outbox() ?? 'none'), text);
  const { receiver, url } = await listening();
  const { notifier, log } = begin(url);
  failFile(log, 'new.csv');
  await notifier.close(2000);
  expect(receiver.received.map(({ data }) => data.files)).toMatchObject([[{ file: 'new.csv' }]]);
  expect(said().match(/the outbox of notices is damaged/g)).toHaveLength(1);
});

test('a notice that has been refused for more than a day makes room for the next, which counts what it told of', async () => {
  const { receiver, url } = await listening((nth) => (nth === 1 ? 400 : 200));
  const first = begin('http://127.0.0.1:9/', {});
  failFile(first.log, 'old.csv');
  await first.notifier.close(1000);
  const path = join(folder, outbox() ?? 'none');
  const state = JSON.parse(readFileSync(path, 'utf8')) as { sealed: { sealedAt: string } };
  state.sealed.sealedAt = new Date(Date.now() - 2 * 86_400_000).toISOString();
  writeFileSync(path, JSON.stringify(state));
  const second = begin(url);
  failFile(second.log, 'new.csv');
  const notice = await receiver.notice(({ data }) => data.files[0]?.file === 'new.csv');
  const { counts, filesOmitted, from, to } = notice.data;
  expect({ failed: counts.failed, filesOmitted }).toEqual({ failed: 2, filesOmitted: 1 });
  expect(from < to).toBe(true);
  expect(said().match(/a notice was given up/g)).toHaveLength(1);
  await second.notifier.close(1000);
});
