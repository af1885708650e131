import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { HttpPort } from '../../../src/serve/http-port.ts';
import { until } from '../../support/until.ts';
import { keepLog } from './logged.ts';

const limits = { connections: 3, headersMs: 150, quietMs: 300, lookMs: 50 };
const { log, logged } = keepLog();
const ports: HttpPort[] = [];
afterEach(async () => {
  for (const port of ports.splice(0)) await port.close();
  logged.length = 0;
});

function open(port = 0): HttpPort {
  const opened = new HttpPort(
    { host: '127.0.0.1', port },
    (request, response) => {
      request.resume().on('end', () => response.end('hello'));
    },
    log,
    limits,
  );
  ports.push(opened);
  opened.open();
  return opened;
}

const url = (): Promise<string> =>
  until(
    () => logged.find(({ level, event }) => level === 'info' && event === 'serving')?.reason,
    () => JSON.stringify(logged),
  );

test('any free port is opened where none is named, and the log tells which', async () => {
  open();
  expect(await url()).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d+$/);
  expect(await (await fetch(await url())).text()).toBe('hello');
});

test('a port that another has is waited for, told of once, and then opened', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  open(port);
  await until(
    () => logged.length > 0,
    () => 'Nothing is logged.',
  );
  expect(logged).toMatchObject([
    {
      ...{ level: 'warn', event: 'serving' },
      reason: `127.0.0.1:${port} is in use by another program, maybe another csv-hopper. Files are taken all the same.`,
      hint: 'Give serve.listen another port, or null for none.',
    },
  ]);
  other.close();
  await once(other, 'close');
  expect(await url()).toBe(`http://127.0.0.1:${port}`);
  expect(logged).toHaveLength(2);
});

test('an end while it waits for the port is an end', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const port = open((other.address() as AddressInfo).port);
  await until(
    () => logged.length > 0,
    () => 'Nothing is logged.',
  );
  await port.close();
  other.close();
  await once(other, 'close');
});

test.each([
  ['says nothing', ''],
  ['stops within its headers', 'GET / HTTP/1.1\r\nHost: a\r\nX-Slow: '],
  ['stops within its body', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc'],
])('a client that %s is cut off, and others are served meanwhile', async (_, text) => {
  open();
  const { port } = new URL(await url());
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => undefined).resume();
  socket.write(text);
  const closed = once(socket, 'close');
  expect((await fetch(await url())).status).toBe(200);
  await closed;
});

test('more connections than are allowed are turned away', async () => {
  open();
  const { port } = new URL(await url());
  const sockets = Array.from({ length: 6 }, () => connect(Number(port), '127.0.0.1'));
  for (const socket of sockets) socket.on('error', () => undefined).resume();
  await Promise.all(sockets.map((socket) => once(socket, 'close')));
  expect((await fetch(await url())).status).toBe(200);
});

test('headers without end are refused', async () => {
  open();
  const { port } = new URL(await url());
  const socket = connect(Number(port), '127.0.0.1');
  let said = '';
  socket.on('error', () => undefined).on('data', (chunk: Buffer) => (said += chunk.toString()));
  socket.write(`GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`);
  await once(socket, 'close');
  expect(said).toMatch(/^HTTP\/1\.1 431 /);
});
