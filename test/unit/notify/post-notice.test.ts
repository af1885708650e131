import { afterEach, expect, test } from 'vitest';
import type { NotifyConfig } from '../../../src/config/config.ts';
import { noticeKinds } from '../../../src/core/notice-kind.ts';
import { HopperError } from '../../../src/errors/hopper-error.ts';
import { postNotice } from '../../../src/notify/post-notice.ts';
import { Authority, hasOpenssl } from '../../support/certificates.ts';
import { type Answer, NoticeReceiver } from '../../support/notice-receiver.ts';

const notice = { id: 'msg_1', sealedAt: '2025-01-01T00:00:00.000Z', body: '{"type":"t"}' };

let receiver: NoticeReceiver | null = null;
afterEach(async () => {
  await receiver?.close();
  receiver = null;
});

function configOf(url: string, more: Partial<NotifyConfig> = {}): NotifyConfig {
  const times = { groupMs: 1000, timeoutMs: 5000 };
  return { url, ca: null, secret: null, events: noticeKinds, ...times, ...more };
}

/** What is said of a notice that is not taken; null of one that is. */
async function trouble(config: NotifyConfig): Promise<string | null> {
  try {
    await postNotice(config, notice, new AbortController().signal);
    return null;
  } catch (error) {
    if (!(error instanceof HopperError)) throw error;
    expect(error.code).toBe('notice_undelivered');
    expect(JSON.stringify([error.message, error.hint, error.details])).not.toMatch(/token|Xsecret/);
    expect(error.cause).toBeUndefined();
    return error.message;
  }
}

async function listening(answer: Answer): Promise<string> {
  receiver = new NoticeReceiver(answer);
  return `http://user:Xsecret@127.0.0.1:${await receiver.listen()}/token`;
}

test('a notice is taken with any answer of success, and is sent as it is', async () => {
  const url = await listening((nth) => (nth === 1 ? 200 : 202));
  expect(await trouble(configOf(url))).toBeNull();
  expect(await trouble(configOf(url))).toBeNull();
  const [first] = receiver?.received ?? [];
  expect(first?.text).toBe(notice.body);
  expect(first?.headers).toMatchObject({
    'webhook-id': 'msg_1',
    authorization: `Basic ${Buffer.from('user:Xsecret').toString('base64')}`,
  });
});

test.each([
  [500, 'HTTP 500'],
  [404, 'HTTP 404'],
  [307, 'HTTP 307, a redirect, which is not followed'],
])('an answer of %d is none of success', async (status, said) => {
  expect(await trouble(configOf(await listening(() => status)))).toContain(said);
  expect(receiver?.received).toHaveLength(1);
});

test('a receiver that does not answer is not waited for', async () => {
  const url = await listening(() => 'nothing');
  expect(await trouble(configOf(url, { timeoutMs: 200 }))).toContain('no answer within 200 ms');
});

test('a receiver that is not there, or has no such name, is told of without its address', async () => {
  const url = await listening(() => 200);
  await receiver?.close();
  receiver = null;
  expect(await trouble(configOf(url))).toContain('ECONNREFUSED');
  const unknown = 'https://token.invalid/Xsecret';
  expect(await trouble(configOf(unknown))).toMatch(/ENOTFOUND|EAI_AGAIN/);
});

test.skipIf(!hasOpenssl)('a certificate is checked: the authority, and the name', async () => {
  const authority = new Authority();
  try {
    receiver = new NoticeReceiver(() => 200, authority.serverFor('localhost'));
    const port = await receiver.listen();
    const ca = authority.caText;
    expect(await trouble(configOf(`https://localhost:${port}/token`, { ca }))).toBeNull();
    expect(await trouble(configOf(`https://localhost:${port}/token`))).toMatch(
      /[A-Z_]*CERT|ISSUER|SIGNATURE/,
    );
    expect(await trouble(configOf(`https://127.0.0.1:${port}/token`, { ca }))).toContain(
      'ERR_TLS_CERT_ALTNAME_INVALID',
    );
    expect(receiver.received).toHaveLength(1);
  } finally {
    authority.remove();
  }
});
