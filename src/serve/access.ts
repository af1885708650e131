// Who somebody is, and what they may do. In: the headers of a request and the address that it comes from. Out: a caller with a
// role. A proxy's word is taken only from where the proxy is; a token is compared in the same time whatever it is.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import type { AccessToken, ProxyTrust, ServeConfig } from '../config/config.ts';
import type { Role } from '../core/role.ts';
import { HttpRefusal } from './http-refusal.ts';
import { RateLimit } from './rate-limit.ts';

/** So many wrong tokens from an address at once, and so many a second: nobody gets to try many. */
const WRONG_TOKENS_BURST = 10;
const WRONG_TOKENS_PER_SECOND = 0.1;

export interface Caller {
  /** As the log has them. */
  name: string;
  /** Null: nothing that is not open to all. */
  role: Role | null;
  /** Whether it is known who they are. */
  isKnown: boolean;
}

/** What of a request tells who sends it. */
export interface Credentials {
  headers: IncomingHttpHeaders;
  /** The values of each header, as often as it was sent. */
  headersDistinct: NodeJS.Dict<string[]>;
  /** Address that the connection comes from. */
  peer: string;
}

export class Access {
  readonly #config: ServeConfig;
  readonly #tokens: readonly (AccessToken & { digest: Buffer })[];
  readonly #wrongTokens = new RateLimit(WRONG_TOKENS_BURST, WRONG_TOKENS_PER_SECOND);

  constructor(config: ServeConfig) {
    this.#config = config;
    this.#tokens = config.tokens.map((token) => ({ ...token, digest: digestOf(token.secret) }));
  }

  /** Throws an HttpRefusal for a token that is wrong, and after many of them. */
  identify(credentials: Credentials): Caller {
    const { headers, peer } = credentials;
    const address = plainAddress(peer);
    const { proxy, anonymous } = this.#config;
    // First, because a proxy that asks for passwords sends those on as well.
    if (proxy !== null && isTrusted(address, proxy)) {
      const user = userOf(credentials, proxy);
      if (user !== null) {
        return { name: user, role: proxy.users.get(user) ?? proxy.others, isKnown: true };
      }
    }
    const { authorization } = headers;
    if (authorization === undefined) return { name: address, role: anonymous, isKnown: false };
    const waitSeconds = this.#wrongTokens.wait(address);
    if (waitSeconds > 0) {
      throw new HttpRefusal(429, 'Too many wrong tokens.', 'Wait, and use the right one.', {
        'retry-after': String(waitSeconds),
      });
    }
    const token = this.#tokenOf(secretIn(authorization));
    if (token !== null) return { name: token.name, role: token.role, isKnown: true };
    this.#wrongTokens.take(address);
    throw unauthorised('The token is wrong.');
  }

  #tokenOf(secret: string): AccessToken | null {
    const digest = digestOf(secret);
    let found: AccessToken | null = null;
    // All of them, and their digests, whose equal lengths tell nothing of the tokens.
    for (const token of this.#tokens) if (timingSafeEqual(token.digest, digest)) found = token;
    return found;
  }
}

/** A browser asks for a password then, and takes a token for one, under any name. */
export function unauthorised(message: string): HttpRefusal {
  return new HttpRefusal(
    401,
    message,
    'Send a token of serve.tokens, as Authorization: Bearer, or as the password of any user.',
    { 'www-authenticate': 'Basic realm="csv-hopper", charset="UTF-8", Bearer realm="csv-hopper"' },
  );
}

/** An address without the prefix that one of IPv4 has on a socket of IPv6. */
function plainAddress(peer: string): string {
  return peer.replace(/^::ffff:(?=\d+\.)/i, '');
}

function isTrusted(address: string, { peers }: ProxyTrust): boolean {
  const version = isIP(address);
  return version !== 0 && peers.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

function userOf({ headersDistinct }: Credentials, { userHeader }: ProxyTrust): string | null {
  const values = headersDistinct[userHeader] ?? [];
  const [user = ''] = values;
  if (values.length === 0 || user === '') return null;
  // Two would be one of the proxy and one of whoever calls it.
  if (values.length > 1 || !/^[\w.@+-]{1,64}$/.test(user)) {
    throw new HttpRefusal(
      400,
      `The header ${userHeader} of the proxy names no user.`,
      'The proxy must send it once, with one name of at most 64 letters, digits and . _ @ + -.',
    );
  }
  return user;
}

/** The token, or the password of any user; empty where there is none. */
function secretIn(authorization: string): string {
  const [, scheme = '', rest = ''] = /^(\S+) +(\S+) *$/.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'bearer') return rest;
  if (scheme.toLowerCase() !== 'basic') return '';
  const text = Buffer.from(rest, 'base64').toString();
  return text.includes(':') ? text.slice(text.indexOf(':') + 1) : '';
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
