// What the page asks for about the rows of the datasets. Looking is GET, with an ETag by which a browser or a proxy keeps an answer until
// something is loaded. SQL is POST: it may hold values, and addresses stand in the logs of proxies; ours has who asked, and never the SQL.
import type { Config, DataConfig } from '../config/config.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { DataService, DataSettings, TaggedAnswer } from '../query/data-service.ts';
import { HttpRefusal } from './http-refusal.ts';
import { type Answer, jsonAnswer, type Route, type ServedRequest } from './route.ts';

/** A query waits for its turn at most so long, and an answer is sent at once. */
const WAITING_MS = 40_000;

export function dataSettings({ folders, datasets, data }: Config): DataSettings {
  const { questionsFolder, timeoutMs, memoryBytesMax, atOnce, waitingMax } = data;
  return {
    ...{ outputFolder: folders.output, datasets, questionsFolder },
    ...{ rowsMax: data.rowsMax, downloadRowsMax: data.downloadRowsMax },
    limits: { timeoutMs, memoryBytes: memoryBytesMax, atOnce, waitingMax },
  };
}

export function dataRoutes({ role, timeoutMs }: DataConfig, data: DataService): Route[] {
  const quietMs = timeoutMs + WAITING_MS;
  const names = async (): Promise<string[]> => (await data.datasets()).map(({ name }) => name);
  const dataset = async ({ query }: ServedRequest): Promise<string> => {
    const name = query.get('name') ?? '';
    if ((await names()).includes(name)) return name;
    throw new HttpRefusal(404, 'There is no such dataset.', '/api/data has the names of all.');
  };
  const get = (path: string, serve: Route['serve']): Route => ({
    ...{ method: 'GET', path, role, quietMs, isPart: true },
    serve: (request) => answered(() => serve(request)),
  });
  const post = (path: string, action: string, serve: Route['serve']): Route => ({
    ...{ method: 'POST', path, action, role, quietMs, isPart: true },
    serve: (request) => answered(() => serve(request)),
  });
  return [
    get('/api/data', async () => jsonAnswer(200, await data.datasets())),
    get('/api/data/summary', async (request) =>
      tagged(await data.summary(await dataset(request), request.gone)),
    ),
    get('/api/data/history', async (request) =>
      tagged(await data.history(await dataset(request), request.gone)),
    ),
    get('/api/data/questions', async () => jsonAnswer(200, await data.questions())),
    get('/api/data/answer', async ({ query, gone }) => {
      const name = query.get('name');
      const question = (await data.questions()).find((one) => one.name === name);
      if (question !== undefined) return tagged(await data.rows(question.sql, gone));
      throw new HttpRefusal(404, 'There is no such question.', '/api/data/questions has them all.');
    }),
    post('/api/data/query', 'query', async (request) => {
      const body = await request.body();
      return tagged(await data.rows(sqlInJson(body), request.gone));
    }),
    post('/api/data/csv', 'download', async (request) => {
      const form = new URLSearchParams((await request.body()).toString());
      const formulas = form.get('formulas') === 'raw' ? 'raw' : 'neutralised';
      return {
        ...{ status: 200, type: 'text/csv; charset=utf-8; header=present' },
        headers: { 'content-disposition': `attachment; filename="${fileName(form.get('name'))}"` },
        body: await data.csv(form.get('sql') ?? '', formulas, request.gone),
      };
    }),
  ];
}

function tagged({ etag, body }: TaggedAnswer): Answer {
  return {
    ...{ status: 200, type: 'application/json; charset=utf-8', body },
    // A browser asks each time whether its answer still holds, and no proxy keeps it for others than who asked.
    ...(etag !== null && { headers: { etag, 'cache-control': 'private, no-cache' } }),
  };
}

function sqlInJson(body: Buffer): string {
  try {
    const { sql } = JSON.parse(body.toString()) as { sql?: unknown };
    if (typeof sql === 'string') return sql;
  } catch {
    // As what is not JSON is no SQL either.
  }
  throw new HttpRefusal(400, 'The request has no SQL.', 'Send JSON such as {"sql": "SELECT 1"}.');
}

/** Letters, digits, dots, hyphens and underscores of a name, which may be anything. */
function fileName(name: string | null): string {
  const plain = (name ?? '')
    .replaceAll(/[^\w.-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 80);
  return `${plain === '' ? 'result' : plain}.csv`;
}

/** What is wrong with a query is wrong with the request; who has to wait is told so. */
async function answered(serve: () => Answer | Promise<Answer>): Promise<Answer> {
  try {
    return await serve();
  } catch (error) {
    if (!(error instanceof HopperError)) throw error;
    const { code, message, hint } = error;
    if (code === 'query_invalid') throw new HttpRefusal(400, message, hint);
    if (code === 'query_too_long' || code === 'query_too_large') {
      throw new HttpRefusal(422, message, hint);
    }
    if (code === 'query_busy') throw new HttpRefusal(503, message, hint, { 'retry-after': '5' });
    throw error;
  }
}
