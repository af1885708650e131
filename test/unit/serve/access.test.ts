import { describe, expect, test } from 'vitest';
import { Access, type Caller } from '../../../src/serve/access.ts';
import { HttpRefusal } from '../../../src/serve/http-refusal.ts';
import { secrets, serveConfig, tokens } from './serve-config.ts';

function identify(
  access: Access,
  sent: Record<string, string | string[]>,
  peer = '127.0.0.1',
): Caller {
  const headersDistinct = Object.fromEntries(
    Object.entries(sent).map(([name, value]) => [name, [value].flat()]),
  );
  const headers = Object.fromEntries(
    Object.entries(sent).map(([name, value]) => [name, [value].flat().join(', ')]),
  );
  return access.identify({ headers, headersDistinct, peer });
}

function refusalOf(call: () => unknown): HttpRefusal {
  try {
    call();
  } catch (error) {
    if (error instanceof HttpRefusal) return error;
    throw error;
  }
  throw new Error('It was let in.');
}

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

describe('without tokens', () => {
  test('whoever is on this machine may look', () => {
    expect(identify(new Access(serveConfig()), {}, '::ffff:127.0.0.1')).toEqual({
      ...{ name: '127.0.0.1', role: 'viewer', isKnown: false },
    });
  });

  test('the configuration may give them more, or nothing', () => {
    const role = (anonymous: string): unknown =>
      identify(new Access(serveConfig({ anonymous })), {}).role;
    expect([role('operator'), role('none')]).toEqual(['operator', null]);
  });

  test('a token is wrong, whatever it is', () => {
    const access = new Access(serveConfig());
    expect(refusalOf(() => identify(access, { authorization: 'Bearer x' })).status).toBe(401);
  });
});

describe('a token', () => {
  const access = (): Access => new Access(serveConfig({ tokens }));

  test.each(Object.entries(secrets))('of a %s gives that role, in either form', (role, secret) => {
    const expected = { name: `the-${role}`, role, isKnown: true };
    expect(identify(access(), { authorization: `Bearer ${secret}` })).toEqual(expected);
    expect(identify(access(), { authorization: basic('anybody', secret) })).toEqual(expected);
  });

  test('is needed where there are any', () => {
    expect(identify(access(), {}).role).toBeNull();
  });

  test.each([
    ['a part of one', `Bearer ${secrets.operator.slice(0, -1)}`],
    ['one with more behind it', `Bearer ${secrets.operator}x`],
    ['none', 'Bearer '],
    ['another scheme', `Digest ${secrets.operator}`],
    ['a user for a password', basic(secrets.operator, '')],
    ['no user and no password', `Basic ${Buffer.from('nothing').toString('base64')}`],
    ['nothing', ''],
    ['an own property of every object', 'Bearer __proto__'],
  ])('%s is refused, also where anybody may look', (_, authorization) => {
    const open = new Access(serveConfig({ tokens, anonymous: 'viewer' }));
    for (const one of [access(), open]) {
      const refusal = refusalOf(() => identify(one, { authorization }));
      expect(refusal.status).toBe(401);
      expect(refusal.headers['www-authenticate']).toMatch(/Basic .*Bearer/);
      expect(JSON.stringify(refusal)).not.toContain(secrets.operator);
    }
  });

  test('cannot be guessed: after some wrong ones the right one has to wait too, from that address alone', () => {
    const one = access();
    const wrong = (): number =>
      refusalOf(() => identify(one, { authorization: 'Bearer guess' })).status;
    const answers = Array.from({ length: 12 }, wrong);
    expect(answers).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
    const right = { authorization: `Bearer ${secrets.viewer}` };
    expect(refusalOf(() => identify(one, right)).headers['retry-after']).toMatch(/^\d+$/);
    expect(identify(one, right, '10.0.0.9').role).toBe('viewer');
  });
});

describe('a proxy', () => {
  const proxy = {
    ...{ peers: ['10.0.0.7', '192.168.0.0/16', 'fd00::/8'], user_header: 'X-Remote-User' },
    users: [{ name: 'alice', role: 'operator' }],
    others: 'viewer',
  };
  const access = (more: object = {}): Access => new Access(serveConfig({ proxy, ...more }));

  test.each(['10.0.0.7', '::ffff:10.0.0.7', '192.168.3.4', 'fd12::1'])(
    'at %s is believed who somebody is',
    (peer) => {
      expect(identify(access(), { 'x-remote-user': 'alice' }, peer)).toEqual({
        ...{ name: 'alice', role: 'operator', isKnown: true },
      });
      expect(identify(access(), { 'x-remote-user': 'bob@example.com' }, peer).role).toBe('viewer');
    },
  );

  test.each(['10.0.0.8', '127.0.0.1', '::1', '192.169.0.1', 'fe80::1', '', 'nonsense'])(
    'at %s is none: its header means nothing',
    (peer) => {
      expect(identify(access(), { 'x-remote-user': 'alice' }, peer)).toMatchObject({
        ...{ role: null, isKnown: false },
      });
    },
  );

  test('that names nobody lets nobody in', () => {
    expect(identify(access(), {}, '10.0.0.7').role).toBeNull();
    expect(identify(access(), { 'x-remote-user': '' }, '10.0.0.7').role).toBeNull();
  });

  test.each([['alice', 'bob'], 'alice, bob', 'alice\u00e9', 'a b', 'x'.repeat(65)])(
    'that sends %s as the user is refused',
    (user) => {
      const refusal = refusalOf(() => identify(access(), { 'x-remote-user': user }, '10.0.0.7'));
      expect(refusal.status).toBe(400);
    },
  );

  test('that sends on the password of its own users is believed all the same', () => {
    const sent = { 'x-remote-user': 'alice', authorization: basic('alice', 'her password') };
    expect(identify(access({ tokens }), sent, '10.0.0.7').name).toBe('alice');
  });

  test('users beyond those that are listed get nothing unless it is said', () => {
    const strict = new Access(serveConfig({ proxy: { ...proxy, others: 'none' } }));
    const bob = identify(strict, { 'x-remote-user': 'constructor' }, '10.0.0.7');
    expect(bob).toEqual({ name: 'constructor', role: null, isKnown: true });
  });
});
