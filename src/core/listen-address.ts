import { isIP } from 'node:net';

export interface ListenAddress {
  /** An IP address, or `localhost`. */
  host: string;
  /** 0: any that is free. */
  port: number;
}

/** An address such as 127.0.0.1:9278, localhost:9278 or [::1]:9278; null for anything else, another name among it. */
export function parseListenAddress(given: string): ListenAddress | null {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^[\]:]+)):(\d{1,5})$/.exec(given);
  const [, six, four, digits] = match ?? [];
  const host = six ?? four;
  const port = Number(digits);
  if (host === undefined || port > 65_535) return null;
  const isAddress = six === undefined ? isIP(host) === 4 : isIP(host) === 6;
  return isAddress || host === 'localhost' ? { host, port } : null;
}

/** Whether only this machine can reach an address, or whether a host's name is that of this machine. */
export function isLoopback(host: string): boolean {
  const plain = host.toLowerCase().replace(/^::ffff:(?=\d)/, '');
  return (
    plain === 'localhost' || plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'))
  );
}

/** As it stands in a URL. */
export function hostInUrl(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}
