import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServeConfig } from '../../../src/config/config.ts';
import { readConfig } from '../../../src/config/read-config.ts';
import { HopperError } from '../../../src/errors/hopper-error.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hopper-serve-config-'));
  writeFileSync(join(folder, 'schema.yaml'), 'id: INTEGER\n');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** `serve`: YAML of the key. */
function read(serve: string, environment: Record<string, string> = {}): ServeConfig | null {
  const path = join(folder, 'config.yaml');
  const dataset = `datasets: [{name: words, schema: ${join(folder, 'schema.yaml')}}]\n`;
  writeFileSync(path, `${dataset}${serve === '' ? '' : `serve: ${serve}\n`}`);
  return readConfig(path, environment).serve;
}

function refusal(serve: string): string {
  try {
    read(serve);
  } catch (error) {
    if (error instanceof HopperError) return `${error.code} ${error.message}`;
    throw error;
  }
  throw new Error('The configuration was accepted.');
}

const secret = 'Xtoken-0123456789abcdef';

test('by default this machine alone may look', () => {
  expect(read('')).toEqual({
    ...{ listen: { host: '127.0.0.1', port: 9278 }, hosts: [], anonymous: 'viewer' },
    ...{ tokens: [], proxy: null, uploadBytesMax: 1_000_000_000 },
  });
  expect(read('{listen: null}')).toBeNull();
});

describe('tokens', () => {
  test('come from the environment or from files, and end what anybody may do', () => {
    const file = join(folder, 'token');
    writeFileSync(file, `${secret}-of-a-file\n`);
    const tokens = `[{name: a, role: viewer, token: "\${TOKEN}"}, {name: b, role: operator, token_file: ${file}}]`;
    const serve = read(`{tokens: ${tokens}}`, { TOKEN: `${secret}-given` });
    expect(serve?.anonymous).toBeNull();
    expect(serve?.tokens).toEqual([
      { name: 'a', role: 'viewer', secret: `${secret}-given` },
      { name: 'b', role: 'operator', secret: `${secret}-of-a-file` },
    ]);
  });

  const both = `token: ${secret}-1, token_file: x`;
  const same = `{name: a, role: viewer, token: ${secret}-1}, {name: b, role: viewer, token: ${secret}-1}`;
  const twice = `{name: a, role: viewer, token: ${secret}-1}, {name: a, role: viewer, token: ${secret}-2}`;
  test.each([
    ['none', '{name: a, role: viewer}', /needs a token/],
    ['two', `{name: a, role: viewer, ${both}}`, /needs a token/],
    ['a short one', '{name: a, role: viewer, token: Xtoken}', /tokens\[0\]\.token must be 24 to/],
    ['spaces', `{name: a, role: viewer, token: "${secret} Xtoken"}`, /without spaces/],
    [
      'an unknown role',
      `{name: a, role: root, token: ${secret}-1}`,
      /viewer or sender or operator/,
    ],
    ['no name', `{role: viewer, token: ${secret}-1}`, /tokens\[0\]\.name/],
    ['a name for a log to stumble on', `{name: "a b", role: viewer, token: ${secret}-1}`, /name/],
    ['one for two users', same, /is the same as another/],
    ['one name twice', twice, /is the name of another token too/],
    ['an unknown key', `{name: a, role: viewer, tokn: ${secret}-1}`, /tokn/],
  ])('%s is refused, and not quoted', (_, token, message) => {
    const said = refusal(`{tokens: [${token}]}`);
    expect(said).toMatch(message);
    expect(said).not.toContain('Xtoken');
  });

  test('a file that is not there is named', () => {
    expect(refusal('{tokens: [{name: a, role: viewer, token_file: /none}]}')).toMatch(
      /config_unreadable serve\.tokens\[0\]\.token_file: \/none cannot be read: ENOENT/,
    );
  });
});

describe('where it listens', () => {
  test.each([
    ['127.0.0.1:0', '127.0.0.1', 0],
    ['127.8.8.8:80', '127.8.8.8', 80],
    ['localhost:9278', 'localhost', 9278],
    ['"[::1]:65535"', '::1', 65_535],
  ])('%s is this machine', (listen, host, port) => {
    expect(read(`{listen: ${listen}}`)?.listen).toEqual({ host, port });
  });

  test.each(['9278', '":9278"', 'example.com:80', '127.0.0.1', '127.0.0.1:x', '"::1:80"'])(
    '%s is refused',
    (listen) => {
      expect(refusal(`{listen: ${listen}}`)).toMatch(/serve\.listen must be an IP address/);
    },
  );

  const beyond = ['0.0.0.0:9278', '10.1.2.3:80', '"[::]:80"', '"[fd00::1]:80"', '127.0.0.1:65536'];
  test.each(beyond)('%s is refused without a token or a proxy', (listen) => {
    expect(refusal(`{listen: ${listen}}`)).toMatch(/serve\.listen (is reached from|must be)/);
  });

  test('other machines are let in with a token or a proxy, and never without', () => {
    const token = `tokens: [{name: a, role: viewer, token: ${secret}-1}]`;
    const proxy = 'proxy: {peers: [10.0.0.7], user_header: X-Remote-User}';
    for (const guard of [token, proxy]) {
      expect(read(`{listen: 0.0.0.0:80, ${guard}}`)?.anonymous).toBeNull();
      expect(refusal(`{listen: 0.0.0.0:80, anonymous: viewer, ${guard}}`)).toMatch(
        /serve\.anonymous must be none/,
      );
      expect(read(`{anonymous: viewer, ${guard}}`)?.anonymous).toBe('viewer');
    }
    expect(refusal('{listen: 0.0.0.0:80, anonymous: none}')).toMatch(/is reached from other/);
    expect(refusal('{listen: 0.0.0.0:80, tokens: []}')).toMatch(/is reached from other/);
  });
});

test('the example in docs/SECURITY.md is taken as it is described', () => {
  const docs = readFileSync(join(import.meta.dirname, '../../../docs/SECURITY.md'), 'utf8');
  const [, example = ''] = /```yaml\nserve:\n([^]*?)```/.exec(docs) ?? [];
  const file = join(folder, 'prometheus');
  writeFileSync(file, `${secret}-1\n`);
  const serve = read(`\n${example.replace('/run/secrets/prometheus', file)}`);
  expect(serve).toMatchObject({
    ...{ listen: { host: '0.0.0.0', port: 9278 }, anonymous: null },
    tokens: [{ name: 'prometheus', role: 'viewer', secret: `${secret}-1` }],
    proxy: { userHeader: 'x-remote-user', others: 'viewer' },
  });
  expect(serve?.proxy?.users.get('alice')).toBe('operator');
});

test.each([
  ['no peers', '{peers: [], user_header: X-User}', /must list at least one/],
  ['a name for a peer', '{peers: [proxy.example.com], user_header: X-User}', /peers\[0\] must be/],
  ['a network of no size', '{peers: [10.0.0.0/33], user_header: X-User}', /peers\[0\] must be/],
  ['half a network', '{peers: [10.0.0.0/], user_header: X-User}', /peers\[0\] must be/],
  ['no header', '{peers: [10.0.0.7]}', /user_header/],
  ['two headers', '{peers: [10.0.0.7], user_header: "X-User, Y"}', /name of a header/],
  [
    'a user twice',
    '{peers: [10.0.0.7], user_header: X-U, users: [{name: a, role: viewer}, {name: a, role: operator}]}',
    /users\[1\]\.name is listed twice/,
  ],
])('a proxy with %s is refused', (_, proxy, message) => {
  expect(refusal(`{proxy: ${proxy}}`)).toMatch(message);
});

test.each(['https://example.com', 'example.com:80', 'a b', '-a', 'a/b'])(
  'the host name %s is refused',
  (host) => {
    expect(refusal(`{hosts: ['${host}']}`)).toMatch(/serve\.hosts\[0\] must be a name/);
  },
);
