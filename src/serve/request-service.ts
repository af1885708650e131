// Serves one request: who is it, may they, and only then what they ask for. Every answer of ours, a refusal too, has the security headers,
// and every action stands in the log before it begins, with who asked for it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ServeConfig } from '../config/config.ts';
import { asHopperError } from '../core/environment-error.ts';
import { type Role, suffices } from '../core/role.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { ConversionLog } from '../log/conversion-log.ts';
import { Access, type Caller, unauthorised } from './access.ts';
import { HttpRefusal } from './http-refusal.ts';
import { checkHost, checkOrigin } from './origin-check.ts';
import type { RefusalData } from './page-data.ts';
import { RateLimit } from './rate-limit.ts';
import { checkLength, hasBody, lengthOf, readBody } from './request-body.ts';
import { type Action, type Answer, findRoute, jsonAnswer, type Route } from './route.ts';
import { securityHeaders } from './security-headers.ts';

/** For each caller; a page that loads its parts and looks every second stays far below. */
const CALLS_BURST = 100;
const CALLS_PER_SECOND = 20;

/** Of refusals in the log: a program that tries in vain all night is seen, and does not fill the disk. */
const REFUSALS_BURST = 10;
const REFUSALS_PER_SECOND = 1 / 60;

const PATH_LENGTH_MAX = 2048;

export class RequestService {
  readonly #config: ServeConfig;
  readonly #routes: readonly Route[];
  readonly #log: ConversionLog;
  readonly #access: Access;
  readonly #calls = new RateLimit(CALLS_BURST, CALLS_PER_SECOND);
  readonly #refusalsLogged = new RateLimit(REFUSALS_BURST, REFUSALS_PER_SECOND);

  constructor(config: ServeConfig, routes: readonly Route[], log: ConversionLog) {
    this.#config = config;
    this.#routes = routes;
    this.#log = log;
    this.#access = new Access(config);
  }

  /** Never rejects. */
  async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let answer: Answer;
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    try {
      answer = await this.#serve(request, gone.signal);
    } catch (error) {
      const { status, message, hint, headers } = refusalOf(error);
      const body: RefusalData = { error: message, hint };
      answer = { ...jsonAnswer(status, body), headers };
    }
    // What is not read of a body would be taken for the next request.
    if (hasBody(request) && !request.readableEnded) response.setHeader('connection', 'close');
    await send(answer, request, response);
  }

  async #serve(request: IncomingMessage, gone: AbortSignal): Promise<Answer> {
    const { method, url = '', headers } = request;
    const peer = request.socket.remoteAddress ?? '';
    checkHost(headers.host, this.#config, request.socket.localAddress);
    const caller = this.#identify(request, peer);
    this.#limit(caller);
    if (!url.startsWith('/') || url.length > PATH_LENGTH_MAX) {
      throw new HttpRefusal(400, 'The path cannot be read.', 'Ask for a path such as /metrics.');
    }
    const [path = '', query = ''] = url.split('?', 2);
    const route = findRoute(this.#routes, method, path);
    this.#checkRole(caller, route);
    if (route.method === 'POST') this.#admitAction(caller, route, request);
    if (route.quietMs !== undefined) request.socket.setTimeout(route.quietMs);
    return route.serve({
      query: new URLSearchParams(query),
      caller,
      may: (role: Role) => suffices(caller.role, role),
      log: this.#log.with({ by: caller.name }),
      body: () => readBody(request),
      stream: request,
      length: lengthOf(request),
      gone,
    });
  }

  #identify(request: IncomingMessage, peer: string): Caller {
    const { headers, headersDistinct } = request;
    try {
      return this.#access.identify({ headers, headersDistinct, peer });
    } catch (error) {
      if (error instanceof HttpRefusal) this.#logRefusal(peer, undefined, error);
      throw error;
    }
  }

  #limit({ name, isKnown }: Caller): void {
    const waitSeconds = this.#calls.take(`${isKnown ? 'user' : 'address'} ${name}`);
    if (waitSeconds === 0) return;
    throw new HttpRefusal(429, 'Too many requests.', `Ask at most ${CALLS_PER_SECOND} a second.`, {
      'retry-after': String(waitSeconds),
    });
  }

  #checkRole(caller: Caller, route: Route): void {
    const { role } = route;
    if (role === null || suffices(caller.role, role)) return;
    const refusal = caller.isKnown
      ? new HttpRefusal(
          403,
          `This needs the role ${role}.`,
          'Whoever writes the configuration gives roles, under serve.',
        )
      : unauthorised('This needs a token.');
    if (route.method === 'POST') this.#logRefusal(caller.name, route.action, refusal);
    throw refusal;
  }

  #admitAction({ name }: Caller, route: Action, request: IncomingMessage): void {
    const { action, streams } = route;
    try {
      checkOrigin(request.headers, this.#config);
      if (streams !== true) checkLength(request);
    } catch (error) {
      if (error instanceof HttpRefusal) this.#logRefusal(name, action, error);
      throw error;
    }
    this.#log.info('access', 'asked for over HTTP', { by: name, action });
  }

  #logRefusal(by: string, action: string | undefined, { message, hint }: HttpRefusal): void {
    if (this.#refusalsLogged.take('all') > 0) return;
    const what = action === undefined ? {} : { action };
    this.#log.warn('access', 'refused over HTTP', { by, ...what, reason: message, hint });
  }
}

async function send(
  { status, type, headers = {}, body }: Answer,
  { method, headers: asked }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const common = { ...securityHeaders, ...headers };
  const isKnown = hasAlready(asked['if-none-match'], headers['etag']);
  if (body instanceof Readable) {
    response.writeHead(status, { ...common, 'content-type': type });
    if (method === 'HEAD') {
      body.destroy();
      response.end();
      return;
    }
    // Whoever goes away is no trouble, and what fails on the way can only be cut off.
    await pipeline(body, response).catch(() => undefined);
  } else if (isKnown) {
    response.writeHead(304, common).end();
  } else {
    const length = Buffer.byteLength(body);
    response.writeHead(status, { ...common, 'content-type': type, 'content-length': length });
    response.end(method === 'HEAD' ? undefined : body);
  }
}

/** RFC 9110: If-None-Match may list tags, and a proxy that packs an answer has made its tag a weak one (W/"…"), which counts as the same. */
function hasAlready(tags: string | undefined, tag: string | undefined): boolean {
  if (tags === undefined || tag === undefined) return false;
  return tags.split(',').some((one) => one.trim().replace(/^W\//, '') === tag);
}

const statuses = { content: 422, configuration: 409, environment: 503 } as const;

function refusalOf(error: unknown): HttpRefusal {
  if (error instanceof HttpRefusal) return error;
  const { code, fault, message, hint } = asHopperError(error);
  // Of anything else the words are not ours.
  const status = code === 'defect' ? 500 : statuses[fault];
  return new HttpRefusal(status, error instanceof HopperError ? message : `Failed: ${code}.`, hint);
}
