import { BlockList, isIP } from 'node:net';
import { resolve } from 'node:path';
import { isLoopback, parseListenAddress } from '../core/listen-address.ts';
import type { YamlPath, YamlProblem } from '../core/yaml-file.ts';
import type { AccessToken, DataConfig, ProxyTrust, ServeConfig } from './config.ts';
import type { SecretReader } from './read-secret.ts';
import type { ServeValues } from './serve-schema.ts';

const TOKEN_LENGTH_MIN = 24;
const TOKEN_LENGTH_MAX = 1024;

type Refuse = (path: YamlPath, wrong: string) => void;

/** What `serve` says, null where there is to be no port; or what is wrong with it. No token is quoted. Throws config_unreadable. */
export function readServe(
  values: ServeValues,
  secrets: SecretReader,
): ServeConfig | null | YamlProblem[] {
  const problems: YamlProblem[] = [];
  const refuse: Refuse = (path, wrong) => {
    const name = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`));
    problems.push({ path: ['serve', ...path], message: `serve${name.join('')} ${wrong}` });
  };
  const tokens = readTokens(values.tokens, secrets, refuse);
  const proxy = values.proxy === undefined ? null : readProxy(values.proxy, refuse);
  const listen = values.listen === null ? null : parseListenAddress(values.listen);
  if (values.listen !== null && listen === null) {
    refuse(['listen'], 'must be an IP address and a port, such as 127.0.0.1:9278 or [::1]:9278');
  }
  const isGuarded = tokens.length > 0 || proxy !== null;
  if (listen !== null && !isLoopback(listen.host)) {
    if (!isGuarded) {
      refuse(
        ['listen'],
        'is reached from other machines: configure tokens or a proxy, or listen on 127.0.0.1',
      );
    }
    if (values.anonymous !== undefined && values.anonymous !== 'none') {
      refuse(['anonymous'], 'must be none where other machines reach serve.listen');
    }
  }
  for (const [index, host] of values.hosts.entries()) {
    if (!isHostName(host)) refuse(['hosts', index], 'must be a name without scheme, port or path');
  }
  if (problems.length > 0) return problems;
  if (listen === null) return null;
  const anonymous = values.anonymous ?? (isGuarded ? 'none' : 'viewer');
  return {
    ...{ listen, hosts: values.hosts.map((host) => host.toLowerCase()) },
    ...{ anonymous: anonymous === 'none' ? null : anonymous, tokens, proxy },
    uploadBytesMax: values.upload_bytes_max,
  };
}

/** What `serve.data` says; `report` asks for it too, with a port or without. */
export function readData(given: ServeValues['data']): DataConfig {
  return {
    role: given.role === 'none' ? null : given.role,
    questionsFolder: resolve(given.questions),
    timeoutMs: given.timeout_ms,
    rowsMax: given.rows_max,
    downloadRowsMax: given.download_rows_max,
    memoryBytesMax: given.memory_bytes_max,
    atOnce: given.at_once,
    waitingMax: given.waiting_max,
  };
}

function readTokens(
  given: ServeValues['tokens'],
  secrets: SecretReader,
  refuse: Refuse,
): AccessToken[] {
  const tokens: AccessToken[] = [];
  for (const [index, { name, role, token, token_file: file }] of given.entries()) {
    const key = token === undefined ? 'token_file' : 'token';
    const secret =
      token ??
      secrets.read(`serve.tokens[${index}].token_file`, file ?? '', `serve.tokens.${name}.token`);
    const { length } = secret;
    if (!/^[\x21-\x7e]*$/.test(secret) || length < TOKEN_LENGTH_MIN || length > TOKEN_LENGTH_MAX) {
      const form = `${TOKEN_LENGTH_MIN} to ${TOKEN_LENGTH_MAX} ASCII characters without spaces`;
      refuse(['tokens', index, key], `must be ${form}; make one with: openssl rand -hex 32`);
    }
    if (tokens.some((other) => other.name === name)) {
      refuse(['tokens', index, 'name'], 'is the name of another token too');
    }
    if (tokens.some((other) => other.secret === secret)) {
      refuse(['tokens', index, key], 'is the same as another: each user needs one of their own');
    }
    tokens.push({ name, role, secret });
  }
  return tokens;
}

function readProxy(given: NonNullable<ServeValues['proxy']>, refuse: Refuse): ProxyTrust {
  const peers = new BlockList();
  for (const [index, peer] of given.peers.entries()) {
    if (!addPeer(peers, peer)) {
      refuse(['proxy', 'peers', index], 'must be an IP address or a network such as 10.0.0.0/24');
    }
  }
  const users = new Map<string, AccessToken['role']>();
  for (const [index, { name, role }] of given.users.entries()) {
    if (users.has(name)) refuse(['proxy', 'users', index, 'name'], 'is listed twice');
    users.set(name, role);
  }
  const others = given.others === 'none' ? null : given.others;
  return { peers, userHeader: given.user_header.toLowerCase(), users, others };
}

function addPeer(peers: BlockList, peer: string): boolean {
  const [address = '', bits, ...more] = peer.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (bits === undefined) {
    peers.addAddress(address, family);
    return true;
  }
  const length = Number(bits);
  if (!/^\d{1,3}$/.test(bits) || length > (version === 4 ? 32 : 128)) return false;
  peers.addSubnet(address, length, family);
  return true;
}

function isHostName(host: string): boolean {
  return isIP(host) !== 0 || /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(host);
}
