import type { Readable } from 'node:stream';
import type { Role } from '../core/role.ts';
import type { ConversionLog } from '../log/conversion-log.ts';
import type { Caller } from './access.ts';
import { HttpRefusal } from './http-refusal.ts';

/** What a route gets of a request that may be served. */
export interface ServedRequest {
  query: URLSearchParams;
  caller: Caller;
  /** Whether the caller may do what this role may. */
  may: (role: Role) => boolean;
  /** With who it is in each line; for an action. */
  log: ConversionLog;
  /** Reads the body; throws an HttpRefusal for one that is too large. */
  body: () => Promise<Buffer>;
  /** The body as it comes, and how long it says that it is, for a route that limits it itself. */
  stream: Readable;
  length: number | null;
  /** The caller's connection was closed before the answer was sent. */
  gone: AbortSignal;
}

export interface Answer {
  status: number;
  /** Media type. */
  type: string;
  /** Besides those that every answer has, or instead of them. One with an `etag` that the caller has already is answered by 304. */
  headers?: Readonly<Record<string, string>>;
  /** A stream is sent as it comes, and destroyed when the caller goes away. */
  body: string | Uint8Array | Readable;
}

/** What is served under a path, which is told from others as a whole: what varies stands in the query. */
export type Route = {
  path: string;
  /** Whether it is a part of the page that nobody asks for by name. */
  isPart?: boolean;
  /** Null: open to all. */
  role: Role | null;
  /** How long nothing may be said while the answer is found. Left out: half a minute. */
  quietMs?: number;
  serve: (request: ServedRequest) => Answer | Promise<Answer>;
} & (
  | { method: 'GET' }
  /** Changes something: `action` names it in the log. `streams`: its body is a file, which it limits itself. */
  | { method: 'POST'; action: string; streams?: boolean }
);

export type Action = Extract<Route, { method: 'POST' }>;

export function jsonAnswer(status: number, value: unknown): Answer {
  return {
    ...{ status, type: 'application/json; charset=utf-8' },
    body: `${JSON.stringify(value, null, 2)}\n`,
  };
}

/** The route of a request; HEAD goes where GET goes. Throws an HttpRefusal where there is none. */
export function findRoute(
  routes: readonly Route[],
  method: string | undefined,
  path: string,
): Route {
  const there = routes.filter((route) => route.path === path);
  const wanted = method === 'HEAD' ? 'GET' : method;
  const found = there.find((route) => route.method === wanted);
  if (found !== undefined) return found;
  if (there.length === 0) {
    const named = routes.filter(({ isPart }) => isPart !== true);
    const paths = named.map((route) => route.path).join(', ');
    throw new HttpRefusal(404, 'There is nothing under this path.', `There are ${paths}.`);
  }
  const allow = there.flatMap((route) => (route.method === 'GET' ? ['GET', 'HEAD'] : ['POST']));
  throw new HttpRefusal(405, 'This path takes no such method.', `Use ${allow.join(' or ')}.`, {
    allow: allow.join(', '),
  });
}
