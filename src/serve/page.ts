// What the page asks for, and what may be done from it. Each answer is JSON of page-data.ts, but for events and downloads.
import { createReadStream } from 'node:fs';
import { basename, extname } from 'node:path';
import * as z from 'zod';
import type { Config, ServeConfig } from '../config/config.ts';
import { version } from '../core/version.ts';
import { retryFailed } from '../daemon/failed-files.ts';
import { UnknownLoad } from '../daemon/undo-load.ts';
import type { DaemonView } from '../daemon/run-daemon.ts';
import { LogReader } from '../log/log-reader.ts';
import { parsedLine } from '../log/logged-event.ts';
import type { ActiveFiles } from './active-files.ts';
import { FailedFolder, noFailedFile } from './failed-list.ts';
import { FileDetail } from './file-detail.ts';
import type { Health } from './health.ts';
import { LiveEvents } from './live-events.ts';
import { LoadHistory } from './load-history.ts';
import { logLine } from './log-line.ts';
import { ownUploads } from './own-uploads.ts';
import { pageAssets } from './page-assets.ts';
import type {
  FailedList,
  FileData,
  LoadPage,
  LoadState,
  LogLine,
  RetriedData,
  SessionData,
  ThroughputData,
  UndoneData,
  UploadedData,
  UploadReceipt,
} from './page-data.ts';
import { PageState } from './page-state.ts';
import { HttpRefusal } from './http-refusal.ts';
import { jsonBody } from './request-body.ts';
import { type Answer, jsonAnswer, type Route, type ServedRequest } from './route.ts';
import type { Surroundings } from './surroundings.ts';
import { type Span, spans, spanStart, throughput } from './throughput.ts';
import { UploadBook } from './upload-book.ts';
import { Uploads } from './upload.ts';

const LOADS_SHOWN = 50;
const FAILED_SHOWN = 100;
const UPLOADS_SHOWN = 20;
const LINES_MAX = 1000;

const states = ['loaded', 'diverted', 'undone', 'replaced'] as const satisfies LoadState[];
const undoBody = z.strictObject({ loadId: z.string().regex(/^[0-9a-f]{32}$/) });
const retryBody = z.strictObject({ name: z.string().min(1), overtaking: z.boolean() });

export interface PageOptions {
  config: Config;
  serve: ServeConfig;
  view: DaemonView;
  health: Health;
  active: ActiveFiles;
  surroundings: Surroundings;
}

/** The page and its data. It holds open connections, which have to be closed. */
export class Page {
  readonly routes: Route[];
  readonly #options: PageOptions;
  readonly #history: LoadHistory;
  readonly #failed: FailedFolder;
  readonly #detail: FileDetail;
  readonly #events: LiveEvents;
  readonly #uploads: Uploads;
  readonly #book: UploadBook;

  constructor(options: PageOptions) {
    const { config, serve, active } = options;
    const { folders } = config;
    this.#options = options;
    this.#history = new LoadHistory(config);
    this.#failed = new FailedFolder(folders.failed);
    this.#detail = new FileDetail({ config, active, history: this.#history, failed: this.#failed });
    const state = new PageState({ ...options, failed: this.#failed });
    this.#events = new LiveEvents(() => state.now(), folders.logs);
    this.#uploads = new Uploads(config, serve.uploadBytesMax);
    this.#book = new UploadBook(folders.output);
    this.routes = [...pageAssets(), ...this.#looks(), ...this.#actions()];
  }

  async close(): Promise<void> {
    this.#events.close();
    await this.#book.close();
  }

  #looks(): Route[] {
    return [
      look('/api/session', (request) => this.#session(request)),
      look('/api/loads', ({ query }) => this.#loads(query)),
      look('/api/throughput', ({ query }) => this.#throughput(query)),
      look<FailedList>('/api/failed', () => this.#failed.list(FAILED_SHOWN)),
      look<FileData>('/api/file', ({ query }) => {
        const failed = query.get('failed');
        return failed === null
          ? this.#detail.ofLoad(query.get('load') ?? '')
          : this.#detail.ofFailed(failed);
      }),
      look('/api/log', ({ query }) => this.#lastLines(Number(query.get('last') ?? 200))),
      {
        ...{ method: 'GET', path: '/api/events', role: 'viewer' },
        serve: async () => ({
          ...{ status: 200, type: 'text/event-stream', body: await this.#events.open() },
        }),
      },
      {
        ...{ method: 'GET', path: '/api/download', role: 'viewer' },
        serve: ({ query }) => this.#download(query.get('name') ?? '', query.get('part') ?? 'file'),
      },
      {
        ...{ method: 'GET', path: '/api/uploads', role: 'sender' },
        serve: async ({ caller }) => {
          const { active, config } = this.#options;
          const uploads = await ownUploads(caller.name, UPLOADS_SHOWN, {
            ...{ book: this.#book, history: this.#history, active, failed: this.#failed },
            inputFolder: config.folders.input,
          });
          return jsonAnswer(200, uploads satisfies UploadReceipt[]);
        },
      },
    ];
  }

  #actions(): Route[] {
    return [
      {
        ...{ method: 'POST', path: '/api/upload', role: 'sender', action: 'upload', streams: true },
        serve: (request) => this.#upload(request),
      },
      {
        ...{ method: 'POST', path: '/api/retry', role: 'operator', action: 'retry' },
        serve: (request) => this.#retry(request),
      },
      {
        ...{ method: 'POST', path: '/api/undo', role: 'operator', action: 'undo' },
        serve: (request) => this.#undo(request),
      },
    ];
  }

  #session({ caller: { name, role }, may }: ServedRequest): SessionData {
    const { config, serve } = this.#options;
    return {
      ...{ name, role: role ?? 'viewer', version },
      datasets: config.datasets.map((dataset) => ({ name: dataset.name, match: dataset.match })),
      inputFolder: config.folders.input,
      seesData: config.data.role !== null && may(config.data.role),
      hasDatabase: config.database !== null,
      uploadBytesMax: serve.uploadBytesMax,
    };
  }

  #loads(query: URLSearchParams): Promise<LoadPage> {
    const state = states.find((one) => one === query.get('state')) ?? null;
    const filter = { search: query.get('search') ?? '', dataset: query.get('dataset'), state };
    return this.#history.page(filter, query.get('before'), LOADS_SHOWN);
  }

  async #throughput(query: URLSearchParams): Promise<ThroughputData> {
    const asked = query.get('span') ?? '';
    const span: Span = Object.hasOwn(spans, asked) ? (asked as Span) : 'day';
    const nowMs = Date.now();
    return throughput(await this.#history.since(spanStart(span, nowMs)), span, nowMs);
  }

  #lastLines(asked: number): LogLine[] {
    const count = Math.min(LINES_MAX, Math.max(1, Math.trunc(asked) || 1));
    const reader = new LogReader(this.#options.config.folders.logs);
    try {
      return reader.lastLines(count).flatMap((line) => {
        const event = parsedLine(line);
        return event === null ? [] : [logLine(event)];
      });
    } finally {
      reader.close();
    }
  }

  async #download(name: string, part: string): Promise<Answer> {
    if ((await this.#failed.find(name)) === null) throw noFailedFile(name);
    const parts = await this.#failed.parts(name);
    const path = Object.entries(parts).find(([known]) => known === part)?.[1];
    if (path === undefined) throw noFailedFile(name);
    // Never as a page of ours, whatever a sender has put into it.
    const shown = encodeURIComponent(basename(path)).replaceAll("'", '%27');
    const headers = { 'content-disposition': `attachment; filename*=UTF-8''${shown}` };
    const type = extname(path) === '.json' ? 'application/json' : 'application/octet-stream';
    return { status: 200, type, headers, body: createReadStream(path) };
  }

  async #upload({ query, stream, length, log, caller }: ServedRequest): Promise<Answer> {
    const uploaded = await this.#uploads.take(query.get('name') ?? '', stream, length);
    const { file, bytes, dataset } = uploaded;
    log.info('access', 'uploaded over HTTP', { action: 'upload', file, bytes, dataset });
    // The file has arrived, and goes its way whether or not this can be written.
    await this.#book
      .add({ by: caller.name, time: new Date().toISOString(), ...uploaded })
      .catch((err: unknown) => {
        log.warn('access', 'the list of uploads cannot be written', { file, err });
      });
    return jsonAnswer(201, uploaded satisfies UploadedData);
  }

  async #retry({ body, log }: ServedRequest): Promise<Answer> {
    const { name: failedName, overtaking } = jsonBody(await body(), retryBody);
    const { config } = this.#options;
    if ((await this.#failed.find(failedName)) === null) throw noFailedFile(failedName);
    const { name } = await retryFailed(config, failedName, overtaking);
    log.info('access', 'back in the input folder over HTTP', { action: 'retry', file: name });
    return jsonAnswer(200, { name } satisfies RetriedData);
  }

  async #undo({ body, log }: ServedRequest): Promise<Answer> {
    const { loadId } = jsonBody(await body(), undoBody);
    const undone = await this.#options.view.hopper.undo(loadId, log).catch((error: unknown) => {
      if (error instanceof UnknownLoad) throw new HttpRefusal(404, error.message, error.hint);
      throw error;
    });
    const { file, table, rowsAccepted, rowsDeleted, source, repairedBy } = undone;
    const rows = rowsDeleted ?? rowsAccepted;
    const data = { file, loadId, rows, table, source, repairedBy } satisfies UndoneData;
    return jsonAnswer(200, data);
  }
}

/** A route that answers whoever may look with JSON. */
function look<T>(path: string, find: (request: ServedRequest) => T | Promise<T>): Route {
  return {
    ...{ method: 'GET', path, role: 'viewer' },
    serve: async (request) => jsonAnswer(200, await find(request)),
  };
}
