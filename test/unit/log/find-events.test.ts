import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findEvents } from '../../../src/log/find-events.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'csv-hopper-events-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, ...events: object[]): void {
  writeFileSync(join(folder, name), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
}

const found = async (loadId: string | null, file = 'a.csv', max = 10) =>
  (await findEvents({ folder, file, loadId, max })).map(({ event }) => event);

test('the events of a load are found across rotations, with those from before its id was known', async () => {
  write(
    'conversion_log-20270101T000000.000Z.jsonl',
    { event: 'found', file: 'a.csv' },
    { event: 'claimed', file: 'a.csv', loadId: '1' },
    { event: 'found', file: 'b.csv' },
  );
  write(
    'conversion_log.jsonl',
    { event: 'finished', file: 'a.csv', loadId: '1' },
    { event: 'found', file: 'a.csv', bytes: 2 },
    { event: 'failed', file: 'a.csv', loadId: '2' },
    { event: 'found', file: 'xa.csv', reason: '"file":"a.csv"' },
  );
  expect(await found('1')).toEqual(['found', 'claimed', 'finished']);
  expect(await found('2')).toEqual(['found', 'failed']);
  expect(await found(null)).toEqual(['found', 'claimed', 'finished', 'found', 'failed']);
  expect(await found(null, 'a.csv', 2)).toEqual(['found', 'failed']);
});

test('a name is found whatever stands in it, and a torn line is passed over', async () => {
  const file = 'a"\\größe\n.csv';
  write('conversion_log.jsonl', { event: 'found', file }, { event: 'claimed', file });
  expect(await found(null, file)).toEqual(['found', 'claimed']);
  writeFileSync(
    join(folder, 'conversion_log.jsonl'),
    '{"event":"found","file":"a.csv"\n{"file":"a.csv","event":"claimed"}\n',
  );
  expect(await found(null)).toEqual(['claimed']);
});

test('without a log there is nothing', async () => {
  expect(await found(null)).toEqual([]);
});
