import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request as call } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StateData, UploadReceipt } from '../../src/serve/page-data.ts';
import { runCommand } from '../support/command-run.ts';
import { loadIdFor, parquetRows, receiptsIn } from '../support/exactly-once.ts';
import { HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { describeWithMariadb, type Mariadb, startMariadb } from '../support/mariadb.ts';
import { TestDatabase } from '../support/test-database.ts';
import { until } from '../support/until.ts';

const tokens = {
  viewer: 'viewer-0123456789abcdef0123456789',
  sender: 'sender-0123456789abcdef0123456789',
  operator: 'operator-0123456789abcdef01234567',
};
const serve = {
  ...{ listen: '127.0.0.1:0', upload_bytes_max: 50_000 },
  tokens: Object.entries(tokens).map(([role, token]) => ({ name: `the-${role}`, role, token })),
};

let project: HopperProject;
let url: string;

type Role = keyof typeof tokens;
const as = (role: Role): Record<string, string> => ({ authorization: `Bearer ${tokens[role]}` });

interface Answered {
  status: number;
  value: Record<string, unknown>;
}

async function post(
  path: string,
  body: string | Uint8Array,
  role: Role = 'operator',
): Promise<Answered> {
  const response = await fetch(`${url}${path}`, { method: 'POST', headers: as(role), body });
  return { status: response.status, value: (await response.json()) as Answered['value'] };
}

async function get<T>(path: string, role: Role = 'viewer'): Promise<T> {
  return (await (await fetch(`${url}${path}`, { headers: as(role) })).json()) as T;
}

const upload = (name: string, body: string | Uint8Array, role: Role = 'sender') =>
  post(`/api/upload?name=${encodeURIComponent(name)}`, body, role);
const undo = (loadId: string) => post('/api/undo', JSON.stringify({ loadId }));
const leftovers = () => readdirSync(project.processing).filter((name) => name.includes('upload'));

describeWithMariadb('what the page asks of the daemon', () => {
  let server: Mariadb;
  let database: TestDatabase;
  beforeAll(async () => {
    server = await startMariadb();
    database = await TestDatabase.create(server);
    project = new HopperProject({
      ...{ datasets: peopleDataset, database: database.config() },
      more: `intake: { quiet_ms: 100, sweep_ms: 300 }\nconvert: { workers: 1 }\nserve: ${JSON.stringify(serve)}`,
    });
    // Of a run that was killed.
    await (await project.start()).stop();
    writeFileSync(join(project.processing, '.upload-0123456789abcdef.tmp'), 'half');
    await project.start();
    url = (await project.event('serving', undefined, 2)).reason ?? '';
  });
  afterAll(async () => {
    await project.remove();
    await server.stop();
  });

  test('what a killed run had not received to its end is gone', async () => {
    await until(
      () => leftovers().length === 0,
      () => leftovers().join(),
    );
  });

  test.each([
    ['', 'is none for a file'],
    ['../up.csv', 'leads to another folder'],
    ['a\\b.csv', 'leads to another folder'],
    ['.hidden.csv', 'is one of files that are not complete'],
    ['a.csv.part', 'is one of files that are not complete'],
    ['output_failed', 'is none for a file'],
    ['a\u202egnp.csv', 'has characters that cannot be seen'],
    ['a\n.csv', 'has characters that cannot be seen'],
    [`${'x'.repeat(252)}.csv`, 'has more than 255 bytes'],
    ['notes.txt', 'No dataset takes a file'],
  ])('no file is taken under the name %j', async (name, why) => {
    const { status, value } = await upload(name, people(1, 2));
    expect([status, value['error']]).toEqual([422, expect.stringContaining(why)]);
    expect(leftovers()).toEqual([]);
  });

  test('a file that is too large is refused, by what it says of itself and on the way, and leaves nothing', async () => {
    const large = Buffer.alloc(50_001, 'x');
    expect((await upload('large.csv', large)).status).toBe(413);
    const path = '/api/upload?name=large.csv';
    const headers = { ...as('sender'), 'transfer-encoding': 'chunked' };
    const request = call(`${url}${path}`, { method: 'POST', headers });
    request.on('error', () => undefined);
    const answered = new Promise<number>((resolve) => {
      request.on('response', (response) => {
        resolve(response.statusCode ?? 0);
      });
    });
    request.end(large);
    expect(await answered).toBe(413);
    expect(leftovers()).toEqual([]);
  });

  test('an upload that breaks off leaves nothing, and is no file', async () => {
    const headers = { ...as('sender'), 'content-length': '1000' };
    const request = call(`${url}/api/upload?name=broken.csv`, { method: 'POST', headers });
    request.on('error', () => undefined);
    request.write('id;name\n');
    await until(
      () => leftovers().length === 1,
      () => 'The upload has not begun.',
    );
    request.destroy();
    await until(
      () => leftovers().length === 0,
      () => 'It is still there.',
    );
    expect(project.stepsOf('broken.csv')).toEqual([]);
  });

  test('nothing that waits is overwritten', async () => {
    const writer = openSync(join(project.input, 'waits.csv'), 'w');
    try {
      await until(
        async () => {
          const { waiting } = await stateNow();
          return waiting.files.some(({ file }) => file === 'waits.csv');
        },
        () => 'It does not wait.',
      );
      const { status, value } = await upload('waits.csv', people(1, 2));
      expect([status, value['error']]).toEqual([
        ...[409, 'A file of the name waits.csv waits in the input folder already.'],
      ]);
      writeFileSync(writer, people(300, 2));
    } finally {
      closeSync(writer);
    }
    await project.event('finished', 'waits.csv');
  });

  test('an upload is loaded as any file, and its sender finds what became of it, after a restart too', async () => {
    const content = people(1000, 20);
    const { status, value } = await upload('own.csv', content);
    const loadId = loadIdFor('people', 'own.csv', content);
    expect([status, value]).toEqual([
      ...[201, { file: 'own.csv', dataset: 'people', loadId, bytes: content.length }],
    ]);
    await project.event('finished', 'own.csv');
    expect((await database.tableRows('people'))[loadId]).toBe(20);
    await upload('own.csv', content);
    await project.event('skipped', 'own.csv');
    await upload('bad.csv', 'id;name\nx;y\n');
    await project.event('failed', 'bad.csv');
    const uploads = await get<UploadReceipt[]>('/api/uploads', 'sender');
    expect(uploads.map(({ file, verdict }) => [file, verdict])).toEqual([
      ...[
        ['bad.csv', 'failed'],
        ['own.csv', 'skipped'],
        ['own.csv', 'loaded'],
      ],
    ]);
    expect(await get<UploadReceipt[]>('/api/uploads', 'operator')).toEqual([]);
    const asked = project
      .events()
      .filter(({ event, file }) => event === 'access' && file === 'own.csv');
    expect(asked).toMatchObject([{ by: 'the-sender' }, { by: 'the-sender' }]);
  });

  test('who may not do something is refused, and nothing is done', async () => {
    expect((await upload('no.csv', people(1, 2), 'viewer')).status).toBe(403);
    expect((await post('/api/retry', '{}', 'sender')).status).toBe(403);
    expect((await post('/api/undo', '{}', 'sender')).status).toBe(403);
    expect((await post('/api/undo', '{"loadId":"x"}')).status).toBe(400);
    expect(await undo('0'.repeat(32))).toEqual({
      status: 404,
      value: {
        error: `No load ${'0'.repeat(32)} is known.`,
        hint: expect.stringContaining('the conversion log has the id of each') as string,
      },
    });
    expect((await post('/api/retry', 'no json')).status).toBe(400);
    expect((await fetch(`${url}/api/loads`)).status).toBe(401);
    const evil = {
      ...as('operator'),
      origin: 'https://evil.example',
      'sec-fetch-site': 'cross-site',
    };
    const response = await fetch(`${url}/api/undo`, { method: 'POST', headers: evil, body: '{}' });
    expect(response.status).toBe(403);
  });

  test('only what lies in the failed folder can be downloaded, and never as a page of ours', async () => {
    writeFileSync(join(project.root, 'secret.csv'), 'secret');
    for (const name of ['../../secret.csv', '..', '', 'none.csv', 'bad.csv.report.json']) {
      const path = `/api/download?name=${encodeURIComponent(name)}`;
      expect((await fetch(`${url}${path}`, { headers: as('operator') })).status).toBe(404);
    }
    const page = await fetch(`${url}/api/download?name=bad.csv&part=page`, {
      headers: as('viewer'),
    });
    expect(page.headers.get('content-type')).toBe('application/octet-stream');
    expect(page.headers.get('content-disposition')).toMatch(/^attachment; /);
    const file = await fetch(`${url}/api/download?name=bad.csv`, { headers: as('viewer') });
    expect(await file.text()).toBe('id;name\nx;y\n');
  });

  test('a load that is taken back while its file is dropped again is loaded once, or not at all, in every place', async () => {
    const content = people(2000, 5, 'twice');
    const loadId = loadIdFor('people', 'twice.csv', content);
    const statuses: number[] = [];
    const ends = ['finished', 'skipped', 'failed'];
    const ended = (count: number): Promise<boolean> =>
      until(
        () => project.stepsOf('twice.csv').filter((event) => ends.includes(event)).length === count,
        () => `It has not ended ${count} times.`,
      );
    for (let round = 1; round <= 8; round++) {
      project.drop('twice.csv', content);
      await ended(2 * round - 1);
      // Each time the drop meets another step of it.
      const undone = delay(round * 25).then(() => undo(loadId));
      project.drop('twice.csv', content);
      statuses.push((await undone).status);
      await ended(2 * round);
      const inTable = (await database.tableRows('people'))[loadId] ?? 0;
      expect((await database.ledgerRows('people'))[loadId] ?? 0).toBe(inTable);
      expect((await parquetRows(project, 'people'))[loadId] ?? 0).toBe(inTable);
      const receipts = await receiptsIn(project, 'people');
      expect(receipts.filter((receipt) => receipt.loadId === loadId)).toHaveLength(
        inTable === 0 ? 0 : 1,
      );
    }
    // Taken back, or refused because it was under way.
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    expect(statuses).toContain(200);
    const check = await runCommand(project, ['check', '--ledger']);
    expect(check.stdout).toMatch(/no differences\n$/);
  });

  test('no token is written anywhere', () => {
    const events = readFileSync(join(project.logs, 'conversion_log.jsonl'), 'utf8');
    expect(events).not.toMatch(/-0123456789abcdef/);
  });
});

/** The first event of a page that is opened. */
async function stateNow(): Promise<StateData> {
  const response = await fetch(`${url}/api/events`, { headers: as('viewer') });
  let text = '';
  // To leave the loop ends the request.
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk as Uint8Array).toString();
    const data = /event: state\ndata: (.*)\n\n/.exec(text)?.[1];
    if (data !== undefined) return JSON.parse(data) as StateData;
  }
  throw new Error(`No state: ${text}`);
}
