import type { IncomingHttpHeaders } from 'node:http';
import type { ServeConfig } from '../config/config.ts';
import { isLoopback } from '../core/listen-address.ts';
import { HttpRefusal } from './http-refusal.ts';

/**
 * Refuses a request under a name that is none of ours: a page whose own name was made to lead to this machine (DNS rebinding) would
 * be taken for ours by the browser. Where other machines are listened to as well names cannot be known, unless they are configured, and
 * nothing is open without a token or a proxy, which such a page does not have.
 */
export function checkHost(
  host: string | undefined,
  { listen, hosts }: ServeConfig,
  localAddress?: string,
): void {
  if (!isLoopback(listen.host) && hosts.length === 0) return;
  const name = nameIn(host);
  // The address that was called cannot be made to lead elsewhere.
  const ours = [listen.host, localAddress?.replace(/^::ffff:(?=\d+\.)/i, ''), ...hosts];
  if (name !== null && (isLoopback(name) || ours.includes(name))) return;
  throw new HttpRefusal(
    421,
    'csv-hopper is not called by this name.',
    'Call it by its address, or add the name to serve.hosts.',
  );
}

/**
 * Refuses a change that another site has a browser ask for (CSRF). Browsers say where a request comes from; what says nothing of it is
 * no browser, and has nothing that a site could use without knowing it.
 */
export function checkOrigin(headers: IncomingHttpHeaders, { hosts }: ServeConfig): void {
  const { host, origin } = headers;
  const site = headers['sec-fetch-site'];
  if (site === undefined && origin === undefined) return;
  if (site === 'same-origin') return;
  if (site === undefined && origin !== undefined && URL.canParse(origin)) {
    const from = new URL(origin);
    if (from.host === host?.toLowerCase() || hosts.includes(bare(from.hostname))) return;
  }
  throw new HttpRefusal(
    403,
    'The request comes from another site.',
    'Use the pages of csv-hopper itself, or a program.',
  );
}

/** The name in a Host header, without the port, in lower case. */
function nameIn(host: string | undefined): string | null {
  if (host === undefined) return null;
  const match = /^(\[[0-9a-f:.]+\]|[^[\]:]+)(?::\d{1,5})?$/i.exec(host);
  return match?.[1] === undefined ? null : bare(match[1].toLowerCase());
}

function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
