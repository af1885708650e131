import { once } from 'node:events';
import { createServer, type IncomingMessage, request as call, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HopperError } from '../../../src/errors/hopper-error.ts';
import { BODY_BYTES_MAX } from '../../../src/serve/request-body.ts';
import { RequestService } from '../../../src/serve/request-service.ts';
import { jsonAnswer, type Route } from '../../../src/serve/route.ts';
import { keepLog, type Logged } from './logged.ts';
import { secrets, serveConfig, tokens } from './serve-config.ts';

let streamed: Readable | null = null;
function* endless(): Generator<string> {
  for (;;) yield 'x'.repeat(1000);
}

const routes: Route[] = [
  { method: 'GET', path: '/open', role: null, serve: ({ may }) => jsonAnswer(200, may('viewer')) },
  {
    ...{ method: 'GET', path: '/look', role: 'viewer' },
    serve: ({ query }) => jsonAnswer(200, query.get('q')),
  },
  {
    ...{ method: 'POST', path: '/undo', role: 'operator', action: 'undo' },
    serve: async ({ log, body }) => {
      const text = (await body()).toString();
      log.warn('undone', 'taken back', { file: 'a.csv' });
      return jsonAnswer(200, { took: text });
    },
  },
  {
    ...{ method: 'POST', path: '/upload', role: 'sender', action: 'upload' },
    serve: () => jsonAnswer(200, 'not read'),
  },
  {
    ...{ method: 'GET', path: '/part', role: null, isPart: true },
    serve: () => ({
      ...{ status: 200, type: 'text/css', headers: { etag: '"1"', 'cache-control': 'no-cache' } },
      body: 'p {}',
    }),
  },
  {
    ...{ method: 'GET', path: '/stream', role: null },
    serve: () => {
      streamed = Readable.from(endless());
      return { status: 200, type: 'text/plain', body: streamed };
    },
  },
  {
    ...{ method: 'GET', path: '/refuses', role: null },
    serve: () => {
      throw new HopperError('undo_refused', { message: 'The load cannot be taken back: Xreason.' });
    },
  },
  {
    ...{ method: 'GET', path: '/fails', role: null },
    serve: () => {
      throw new TypeError('Xinternal');
    },
  },
];

interface Answered {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

let server: Server;
let port: number;
let logged: Logged[];
async function serve(config: object): Promise<void> {
  const kept = keepLog();
  logged = kept.logged;
  const service = new RequestService(serveConfig(config), routes, kept.log);
  server = createServer((request, response) => void service.respond(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
}
beforeEach(() => serve({ tokens }));
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

async function ask(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = '',
): Promise<Answered> {
  const request = call({ port, host: '127.0.0.1', method, path, headers, agent: false });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    ...{ status: response.statusCode ?? 0, headers: response.headers },
    body: Buffer.concat(chunks).toString(),
  };
}

const as = (role: keyof typeof secrets): Record<string, string> => ({
  authorization: `Bearer ${secrets[role]}`,
});

describe('roles', () => {
  test.each([
    ['GET', '/open', [200, 200, 200, 200]],
    ['GET', '/look', [401, 200, 200, 200]],
    ['POST', '/upload', [401, 403, 200, 200]],
    ['POST', '/undo', [401, 403, 403, 200]],
  ])('%s %s for nobody, viewers, senders and operators', async (method, path, expected) => {
    const callers = [{}, as('viewer'), as('sender'), as('operator')];
    const answers = [];
    for (const caller of callers) answers.push((await ask(method, path, caller)).status);
    expect(answers).toEqual(expected);
  });

  test('what is open to all may show more to those who may see more', async () => {
    expect((await ask('GET', '/open')).body).toBe('false\n');
    expect((await ask('GET', '/open', as('viewer'))).body).toBe('true\n');
  });
});

describe('the log', () => {
  test('has every action before it is done, and what it does, with who asked for it', async () => {
    const answer = await ask('POST', '/undo', as('operator'), 'd00e65ea');
    expect(answer.body).toBe('{\n  "took": "d00e65ea"\n}\n');
    expect(logged).toEqual([
      { level: 'info', event: 'access', by: 'the-operator', action: 'undo' },
      { level: 'warn', event: 'undone', by: 'the-operator', file: 'a.csv' },
    ]);
  });

  test('has who was refused one, and no token', async () => {
    await ask('POST', '/undo', as('viewer'));
    await ask('POST', '/undo', { ...as('operator'), origin: 'https://evil.example.com' });
    await ask('GET', '/look', { authorization: 'Bearer Xguess' });
    expect(logged).toMatchObject([
      { level: 'warn', event: 'access', by: 'the-viewer', action: 'undo' },
      { level: 'warn', event: 'access', by: 'the-operator', action: 'undo' },
      { level: 'warn', event: 'access', by: '127.0.0.1', reason: 'The token is wrong.' },
    ]);
    expect(JSON.stringify(logged)).not.toMatch(/Xguess|0123456789/);
  });

  test('is not filled by who is refused all the time, nor by who looks', async () => {
    for (let n = 0; n < 30; n++) await ask('POST', '/undo', as('viewer'));
    for (let n = 0; n < 30; n++) await ask('GET', '/look', as('viewer'));
    expect(logged).toHaveLength(10);
  });
});

describe('an answer', () => {
  test('has the headers that keep a browser from doing harm, also a refusal', async () => {
    for (const path of ['/open', '/look', '/none', '/fails']) {
      const { headers } = await ask('GET', path);
      expect(headers).toMatchObject({
        'content-security-policy': expect.stringMatching(/^default-src 'self'; /) as string,
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
        'content-type': 'application/json; charset=utf-8',
      });
      expect(headers['content-security-policy']).not.toMatch(/unsafe/);
      expect(headers['x-powered-by'] ?? headers['server']).toBeUndefined();
    }
  });

  test('to HEAD has no body, and the length of that to GET', async () => {
    const get = await ask('GET', '/look?q=a%20b', as('viewer'));
    expect(get.body).toBe('"a b"\n');
    const head = await ask('HEAD', '/look?q=a%20b', as('viewer'));
    expect(head).toMatchObject({ status: 200, body: '' });
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
  });

  test.each([
    ['GET', '/none', 404],
    ['GET', '/look/', 404],
    ['GET', '/%2e%2e/look', 404],
    ['GET', '//evil.example.com/look', 404],
    ['POST', '/look', 405],
    ['GET', '/undo', 405],
    ['DELETE', '/undo', 405],
    ['OPTIONS', '/undo', 405],
    ['GET', `/${'x'.repeat(3000)}`, 400],
  ])('to %s %s is an error with a hint', async (method, path, status) => {
    const answer = await ask(method, path, as('operator'));
    expect(answer.status).toBe(status);
    const { error, hint } = JSON.parse(answer.body) as { error: string; hint: string };
    expect([error, hint].every((text) => text.endsWith('.'))).toBe(true);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  test('says what csv-hopper itself says, and nothing of what failed inside', async () => {
    const refused = await ask('GET', '/refuses');
    expect([refused.status, refused.body]).toMatchObject([503, expect.stringContaining('Xreason')]);
    const failed = await ask('GET', '/fails');
    expect(failed.status).toBe(500);
    expect(failed.body).not.toContain('Xinternal');
  });
});

test('what the caller has already is not sent again, and its own caching stands', async () => {
  const first = await ask('GET', '/part');
  expect([first.status, first.body, first.headers['cache-control']]).toEqual([
    200,
    'p {}',
    'no-cache',
  ]);
  const again = await ask('GET', '/part', { 'if-none-match': '"1"' });
  expect([again.status, again.body, again.headers.etag]).toEqual([304, '', '"1"']);
  expect((await ask('GET', '/part', { 'if-none-match': '"0"' })).status).toBe(200);
  expect((await ask('GET', '/nothing')).body).not.toContain('/part');
});

test('a stream is sent as it comes, has the headers of any answer, and ends when the caller goes away', async () => {
  const response = await fetch(`http://127.0.0.1:${port}/stream`);
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  const reader = response.body?.getReader();
  expect((await reader?.read())?.done).toBe(false);
  const closed = once(streamed!, 'close').catch(() => undefined);
  await reader?.cancel();
  await closed;
  expect(await ask('HEAD', '/stream')).toMatchObject({ status: 200, body: '' });
  expect(streamed!.destroyed).toBe(true);
});

describe('a body', () => {
  const tooMuch = 'x'.repeat(BODY_BYTES_MAX + 1);

  test('of the most that is allowed is taken', async () => {
    expect((await ask('POST', '/undo', as('operator'), tooMuch.slice(1))).status).toBe(200);
  });

  test('that is larger is refused: by what it says, or on the way', async () => {
    expect((await ask('POST', '/undo', as('operator'), tooMuch)).status).toBe(413);
    const chunked = { ...as('operator'), 'transfer-encoding': 'chunked' };
    expect((await ask('POST', '/undo', chunked, tooMuch)).status).toBe(413);
  });

  test('that nobody reads is not taken for the next request', async () => {
    const socket = connect(port, '127.0.0.1');
    const inside = `GET /look?q=smuggled HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${secrets.viewer}\r\n\r\n`;
    socket.write(
      `POST /upload HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${secrets.sender}\r\nContent-Length: 9999\r\n\r\n${inside}`,
    );
    let said = '';
    socket.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await once(socket, 'close');
    expect(said).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*"not read"\n$/);
    expect(said).toContain('connection: close');
  });
});

test('a name that is none of ours is refused before anything else', async () => {
  const rebound = { ...as('operator'), host: 'evil.example.com' };
  expect((await ask('POST', '/undo', rebound)).status).toBe(421);
  expect((await ask('GET', '/open', rebound)).status).toBe(421);
  expect(logged).toEqual([]);
});

test('a caller who asks without end has to wait, and others have not', async () => {
  let status = 200;
  let asked = 0;
  while (status === 200) {
    ({ status } = await ask('GET', '/look', as('viewer')));
    asked++;
  }
  expect([status, asked > 100]).toEqual([429, true]);
  expect((await ask('GET', '/look', as('sender'))).status).toBe(200);
  expect((await ask('GET', '/open')).status).toBe(200);
});
