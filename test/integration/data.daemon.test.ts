import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type {
  DatasetJson,
  HistoryJson,
  QuestionJson,
  SummaryJson,
  TableJson,
} from '../../src/core/explorer-data.ts';
import type { HopperProcess } from '../support/hopper-process.ts';
import { HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { until } from '../support/until.ts';
import { writeQuestions } from '../support/questions.ts';

// The data as the daemon serves them, at its port.

const tokens = ['viewer', 'operator'].map(
  (role) => `{ name: ${role}, role: ${role}, token: token-of-a-${role}-0123456789 }`,
);
let project: HopperProject;
let daemon: HopperProcess;
let url: string;

beforeAll(async () => {
  project = new HopperProject({
    datasets: peopleDataset,
    more: [
      'intake: { quiet_ms: 100, sweep_ms: 300 }',
      'convert: { workers: 1 }',
      `serve: { listen: 127.0.0.1:0, anonymous: none, tokens: [${tokens.join(', ')}], data: { timeout_ms: 8000, rows_max: 100 } }`,
    ].join('\n'),
  });
  writeQuestions(project.root, {
    'count.sql':
      '-- How many people are there?\n-- plot: tiles x=n\nSELECT COUNT(*) AS n FROM people',
  });
  daemon = await project.start();
  url = (await project.event('serving')).reason ?? '';
  project.drop('a.csv', people(1, 3));
  await project.event('finished', 'a.csv');
});

afterAll(async () => {
  await project.remove();
});

interface Asked {
  role?: 'viewer' | 'operator' | null;
  headers?: Record<string, string>;
  body?: string;
}

function ask(path: string, { role = 'viewer', headers = {}, body }: Asked = {}): Promise<Response> {
  const authorization =
    role === null ? {} : { authorization: `Bearer token-of-a-${role}-0123456789` };
  return fetch(`${url}${path}`, {
    headers: { ...authorization, ...headers },
    ...(body !== undefined && { method: 'POST', body }),
  });
}

async function json<T>(path: string): Promise<T> {
  const response = await ask(path);
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

function query(sql: string, headers: Record<string, string> = {}): Promise<Response> {
  return ask('/api/data/query', { headers, body: JSON.stringify({ sql }) });
}

test('datasets, their columns, their loads and the questions are told', async () => {
  expect(await json<DatasetJson[]>('/api/data')).toMatchObject([
    { name: 'people', match: '*.csv', files: 1, columns: 2 },
  ]);
  const summary = await json<SummaryJson>('/api/data/summary?name=people');
  expect(summary).toMatchObject({ rows: 3, columns: [{ name: 'id' }, { name: 'name' }] });
  const history = await json<HistoryJson>('/api/data/history?name=people');
  expect(history).toMatchObject({ loads: 1, rows: 3, steps: [{ loads: 1, rows: 3 }] });
  expect(await json<QuestionJson[]>('/api/data/questions')).toMatchObject([
    { name: 'count', title: 'How many people are there?', plot: { kind: 'tiles', x: 'n' } },
  ]);
  expect(await json<TableJson>('/api/data/answer?name=count')).toMatchObject({ rows: [[3]] });
  expect((await ask('/api/data/summary?name=nix')).status).toBe(404);
  expect((await ask('/api/data/answer?name=../count')).status).toBe(404);
});

test('an answer is kept by browsers until something is loaded or taken back', async () => {
  const path = '/api/data/answer?name=count';
  // Just after a load the next change could not be told from it.
  await new Promise((resolve) => setTimeout(resolve, 1300));
  const first = await ask(path);
  const etag = first.headers.get('etag') ?? '';
  expect(first.headers.get('cache-control')).toBe('private, no-cache');
  expect(etag).not.toBe('');
  const again = await ask(path, { headers: { 'if-none-match': etag } });
  expect({ status: again.status, body: await again.text() }).toEqual({ status: 304, body: '' });
  // As it comes through a proxy that packs answers.
  const packed = await ask(path, { headers: { 'if-none-match': `"other", W/${etag}` } });
  expect(packed.status).toBe(304);
  project.drop('b.csv', people(10, 5));
  const { loadId = '' } = await project.event('finished', 'b.csv');
  const second = await ask(path, { headers: { 'if-none-match': etag } });
  expect({ status: second.status, rows: ((await second.json()) as TableJson).rows }).toEqual({
    ...{ status: 200, rows: [[8]] },
  });
  // Queries go on while a load is taken back: each has what is there before or after.
  const counts = Array.from({ length: 20 }, async (_, i) => {
    const response = await query(`SELECT COUNT(*), ${i} FROM people`);
    return ((await response.json()) as TableJson).rows[0]?.[0];
  });
  const undone = await ask('/api/undo', {
    role: 'operator',
    body: JSON.stringify({ loadId }),
    headers: { 'content-type': 'application/json' },
  });
  expect(undone.status).toBe(200);
  for (const count of await Promise.all(counts)) expect([3, 8]).toContain(count);
  const last = await ask(path, { headers: { 'if-none-match': etag } });
  expect(((await last.json()) as TableJson).rows).toEqual([[3]]);
});

test('SQL is answered, or refused with what to do; who asked stands in the log, and never what for', async () => {
  const answer = (await (
    await query("SELECT name FROM people WHERE name = 'person 2'")
  ).json()) as TableJson;
  expect(answer).toEqual({
    ...{ columns: [{ name: 'name', type: 'VARCHAR' }], isWhole: true, cellsCut: 0 },
    rows: [['person 2']],
  });
  const wrong = await query('SELECT nam FROM people');
  expect(wrong.status).toBe(400);
  expect(await wrong.json()).toEqual({
    error: expect.stringMatching(/"nam" not found .*\(line 1, column 8\)$/) as string,
    hint: 'Correct the SQL; the tables are: people.',
  });
  const slow = await query('SELECT count(*) FROM range(1000000) a, range(1000000) b');
  expect({ status: slow.status, body: await slow.json() }).toMatchObject({
    ...{ status: 422, body: { error: 'The query took longer than 8 s and was given up.' } },
  });
  expect((await ask('/api/data/query', { body: 'SELECT 1' })).status).toBe(400);
  const asked = project.events().filter(({ event }) => event === 'access');
  expect(asked.at(-1)).toMatchObject({ by: 'viewer', action: 'query' });
  const logs = readFileSync(join(project.logs, 'conversion_log.jsonl'), 'utf8');
  expect(logs + daemon.said).not.toMatch(/person 2|SELECT/);
});

test('a download is a file that is sent as it comes', async () => {
  const body = new URLSearchParams({
    ...{ sql: "SELECT id, '=' || name AS name FROM people ORDER BY id", name: '../people "x"' },
  }).toString();
  const response = await ask('/api/data/csv', { body });
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="people-x-.csv"');
  expect(await response.text()).toBe("id,name\r\n1,'=person 1\r\n2,'=person 2\r\n3,'=person 3\r\n");
});

test('without a token nothing is told, and no other site can ask', async () => {
  for (const path of ['/api/data', '/api/data/summary?name=people', '/api/data/questions']) {
    expect((await ask(path, { role: null })).status).toBe(401);
  }
  expect((await ask('/api/data/query', { role: null, body: '{"sql":"SELECT 1"}' })).status).toBe(
    401,
  );
  expect((await query('SELECT 1', { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  expect((await query('SELECT 1', { origin: 'https://elsewhere.example' })).status).toBe(403);
  expect((await query('SELECT 1', { 'sec-fetch-site': 'same-origin' })).status).toBe(200);
});

function isQuery(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('query-process');
  } catch {
    return false;
  }
}

/** The ids of the daemon's. */
function queryProcesses(): string[] {
  const parent = daemon.child.pid ?? 0;
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8');
  return children.trim().split(' ').filter(isQuery);
}

/** User time that a process has had. */
function ticksOf(pid: string): number {
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  return Number(fields.split(' ')[11]);
}

test('a query ends when whoever asked for it has gone, before its first row and behind it', async () => {
  const sql = 'SELECT count(*) FROM range(1000000) a, range(1000000) b';
  const authorization = 'Bearer token-of-a-viewer-0123456789';
  const csv = new URLSearchParams({ sql }).toString();
  for (const [path, body] of [
    ['query', JSON.stringify({ sql })],
    ['csv', csv],
  ] as const) {
    // Both processes have started, so the one that is busy from here on is busy with the query.
    await Promise.all([1, 2, 3, 4].map((n) => query(`SELECT ${n}, '${path}'`)));
    const before = queryProcesses().map((one) => [one, ticksOf(one)] as const);
    const client = new AbortController();
    const response = fetch(`${url}/api/data/${path}`, {
      ...{ method: 'POST', body, headers: { authorization }, signal: client.signal },
    });
    const [pid] = await until(
      () => before.find(([one, ticks]) => ticksOf(one) > ticks + 5),
      () => 'No query is running.',
    );
    client.abort();
    await expect(response).rejects.toThrow('abort');
    // One that was given up only for its time would wait for the next query.
    await until(
      () => !existsSync(`/proc/${pid}`),
      () => `Query process ${pid} is there still.`,
    );
  }
});

test('queries at their worst cost the daemon neither its life nor its memory, and files go on', async () => {
  const pid = daemon.child.pid ?? 0;
  const heldBytes = (): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
  const before = heldBytes();
  const worst = [
    "SELECT repeat('x', 15000000) || i FROM range(600) t(i)",
    "SELECT string_agg(repeat('x', 1000) || i) FROM range(100000000) t(i)",
    'SELECT count(*) FROM range(1000000) a, range(1000000) b',
    'SELECT * FROM range(10000000)',
  ];
  const answers = Promise.all(worst.map((sql) => query(sql)));
  project.drop('c.csv', people(100, 4));
  await project.event('finished', 'c.csv');
  expect((await ask('/healthz')).status).toBe(200);
  const statuses = (await answers).map(({ status }) => status);
  expect(statuses.slice(2)).toEqual([422, 200]);
  for (const status of statuses.slice(0, 2)) expect([400, 422]).toContain(status);
  expect(heldBytes() - before).toBeLessThan(100 << 20);
});

test('a query ends with the daemon, however that ends', async () => {
  const answer = query('SELECT count(*) FROM range(1000000) a, range(1000000) b').catch(() => null);
  const pids = await until(
    () => {
      const found = queryProcesses();
      return found.length > 0 && found;
    },
    () => daemon.said,
  );
  await daemon.stop('SIGKILL');
  await answer;
  await until(
    () => !pids.some(isQuery),
    () => 'it goes on',
  );
});

test('where nobody may see data, there is nothing of them at the port', async () => {
  const none = new HopperProject({
    datasets: peopleDataset,
    more: 'intake: { quiet_ms: 100, sweep_ms: 300 }\nserve: { listen: 127.0.0.1:0, data: { role: none } }',
  });
  try {
    await none.start();
    const base = (await none.event('serving')).reason ?? '';
    expect((await fetch(`${base}/api/data`)).status).toBe(404);
    expect(await (await fetch(`${base}/api/session`)).json()).toMatchObject({ seesData: false });
  } finally {
    await none.remove();
  }
});
