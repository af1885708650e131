import { describe, expect, test } from 'vitest';
import { checkHost, checkOrigin } from '../../../src/serve/origin-check.ts';
import { serveConfig, tokens } from './serve-config.ts';

describe('the name that a request is for', () => {
  const local = serveConfig({ hosts: ['hopper.example.com'] });

  test.each(['127.0.0.1:9278', 'localhost', 'LOCALHOST:1', '[::1]:9278', 'Hopper.Example.com:443'])(
    '%s is one of ours',
    (host) => {
      expect(() => {
        checkHost(host, local);
      }).not.toThrow();
    },
  );

  test.each([
    undefined,
    '',
    'evil.example.com',
    'localhost.evil.example.com',
    '127.0.0.1.evil.example.com',
    '127.evil.example.com',
    'localhost@evil.example.com',
    'hopper.example.com.evil',
    '10.0.0.1',
    '0.0.0.0:9278',
    'localhost:9278:9278',
    '[::1',
    'a b',
  ])('%s is none of ours', (host) => {
    expect(() => {
      checkHost(host, local);
    }).toThrow('not called by this name');
  });

  test('where other machines call, any name is as good as the address, unless names are configured', () => {
    const beyond = { listen: '0.0.0.0:9278', tokens };
    expect(() => {
      checkHost('anything.example.com', serveConfig(beyond));
    }).not.toThrow();
    expect(() => {
      checkHost('anything.example.com', serveConfig({ ...beyond, hosts: ['a.example.com'] }));
    }).toThrow();
  });

  test('the address that was called is one of ours', () => {
    const some = serveConfig({ listen: '0.0.0.0:9278', tokens, hosts: ['a.example.com'] });
    for (const address of ['192.0.2.2', '::ffff:192.0.2.2']) {
      expect(() => {
        checkHost('192.0.2.2:9278', some, address);
      }).not.toThrow();
    }
    expect(() => {
      checkHost('192.0.2.3:9278', some, '192.0.2.2');
    }).toThrow();
  });
});

describe('a change', () => {
  const config = serveConfig({ hosts: ['hopper.example.com'] });
  const host = '127.0.0.1:9278';

  test.each([
    ['a program', {}],
    ['our own page', { 'sec-fetch-site': 'same-origin', origin: 'http://127.0.0.1:9278' }],
    ['our own page, in an old browser', { origin: 'http://127.0.0.1:9278' }],
    ['our page behind a proxy', { origin: 'https://hopper.example.com' }],
    [
      'our page behind a proxy that changes the name',
      { 'sec-fetch-site': 'same-origin', origin: 'https://other.example.com' },
    ],
  ])('that %s asks for is made', (_, headers) => {
    expect(() => {
      checkOrigin({ host, ...headers }, config);
    }).not.toThrow();
  });

  test.each([
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example.com' }],
    ['another site, in an old browser', { origin: 'https://evil.example.com' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:8080' }],
    ['a page of a related site', { 'sec-fetch-site': 'same-site' }],
    ['a link somewhere', { 'sec-fetch-site': 'none' }],
    ['a page without an origin', { origin: 'null' }],
    ['a page that lies badly', { origin: 'http://127.0.0.1:9278@evil.example.com' }],
    [
      'another site under our origin',
      { 'sec-fetch-site': 'cross-site', origin: 'http://127.0.0.1:9278' },
    ],
  ])('that %s asks for is not', (_, headers) => {
    expect(() => {
      checkOrigin({ host, ...headers }, config);
    }).toThrow('another site');
  });
});
