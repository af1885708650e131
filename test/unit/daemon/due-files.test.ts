import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { readConfig } from '../../../src/config/read-config.ts';
import { DueFiles, readOverdue } from '../../../src/daemon/due-files.ts';
import type { ConversionLog } from '../../../src/log/conversion-log.ts';
import { mountMissing, SmallDisk } from '../../support/small-disk.ts';

let root: string;
let config: Config;
let alarms: string[];
let now: number;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hopper-due-'));
  writeFileSync(join(root, 's.yaml'), 'id: INTEGER\n');
  const folders = ['input', 'output', 'logs'].map((name) => `${name}: ${join(root, name)}`);
  writeFileSync(
    join(root, 'config.yaml'),
    `folders: { ${folders.join(', ')} }
datasets:
  - { name: d, match: 'd*.csv', schema: ${join(root, 's.yaml')}, expect: { every: 1 day, by: '06:00' } }
  - { name: other, schema: ${join(root, 's.yaml')} }
`,
  );
  config = readConfig(join(root, 'config.yaml'), {});
  mkdirSync(join(root, 'output/d'), { recursive: true });
  mkdirSync(join(root, 'input/output_failed'), { recursive: true });
  alarms = [];
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const log: ConversionLog = {
  info: () => undefined,
  warn: (event, msg) => alarms.push(`${event} ${msg}`),
  error: (event, _, fields) =>
    alarms.push(`${event} ${fields?.dataset ?? ''}: ${fields?.reason ?? ''}`),
  with: () => log,
  reopen: () => undefined,
  close: () => undefined,
};

function restarted(): DueFiles {
  return new DueFiles(config, log, () => now);
}

/** What is said at an instant. */
async function said(files: DueFiles, time: string): Promise<string[]> {
  now = Date.parse(time);
  alarms = [];
  await files.look();
  return alarms;
}

function receive(time: string, more: object = {}): void {
  writeFileSync(
    join(root, 'output/d/.receipts.jsonl'),
    `${JSON.stringify({ loadId: 'a', file: 'd.csv', time, ...more })}\n`,
  );
}

test('one alarm for each due time, over restarts and a clock that is set back', async () => {
  receive('2024-05-01T05:30:00Z');
  let files = restarted();
  expect(await said(files, '2024-05-02T05:59:59Z')).toEqual([]);
  expect(await said(files, '2024-05-02T06:00:00Z')).toEqual([
    'alarm d: No file since 2024-05-01 05:30 UTC has come for d; one was due at 2024-05-02 06:00 UTC.',
  ]);
  expect(await said(files, '2024-05-02T06:00:15Z')).toEqual([]);
  files = restarted();
  expect(await said(files, '2024-05-02T07:00:00Z')).toEqual([]);
  expect(await said(files, '2024-05-02T05:00:00Z')).toEqual([]);
  expect(await said(files, '2024-05-02T06:00:00Z')).toEqual([]);
  expect(await said(files, '2024-05-05T12:00:00Z')).toEqual([
    'alarm d: No file since 2024-05-01 05:30 UTC has come for d; one was due at 2024-05-02 06:00 UTC, and last at 2024-05-05 06:00 UTC.',
  ]);
});

const mount = mountMissing();

test.skipIf(mount !== null)(
  `one alarm also where its note cannot be written, and one word on that${mount === null ? '' : ` (${mount})`}`,
  async () => {
    const disk = new SmallDisk(join(root, 'output/d'), '1m');
    try {
      receive('2024-05-01T05:30:00Z');
      const files = restarted();
      expect(await said(files, '2024-05-01T06:00:00Z')).toEqual([]);
      disk.fill('inodes');
      expect(await said(files, '2024-05-02T06:00:00Z')).toEqual([
        expect.stringContaining('one was due at 2024-05-02 06:00 UTC'),
        'alarm cannot tell whether a file is due',
      ]);
      expect(await said(files, '2024-05-02T06:00:15Z')).toEqual([]);
      disk.free();
      expect(await said(files, '2024-05-02T06:00:30Z')).toEqual([]);
      expect(await said(restarted(), '2024-05-02T06:01:00Z')).toEqual([]);
    } finally {
      disk.unmount();
    }
  },
);

test('a file that comes ends it, and the next is waited for', async () => {
  receive('2024-05-01T05:30:00Z');
  const files = restarted();
  expect(await said(files, '2024-05-02T06:00:00Z')).toHaveLength(1);
  receive('2024-05-02T09:00:00Z');
  expect(await said(files, '2024-05-03T05:59:00Z')).toEqual([]);
  receive('2024-05-03T05:59:30Z');
  expect(await said(files, '2024-05-03T06:00:00Z')).toEqual([]);
  expect(await said(files, '2024-05-04T06:00:00Z')).toHaveLength(1);
});

test('rows of an earlier file that were repaired are not the file that is due', async () => {
  receive('2024-05-02T05:30:00Z', { file: 'd.csv.rejects.csv', repairs: 'b' });
  expect(await said(restarted(), '2024-05-01T07:00:00Z')).toEqual([]);
  expect(await said(restarted(), '2024-05-02T07:00:00Z')).toHaveLength(1);
});

test('where none has ever come it is waited for from the first start on', async () => {
  expect(await said(restarted(), '2024-05-01T12:00:00Z')).toEqual([]);
  expect(await said(restarted(), '2024-05-02T07:00:00Z')).toEqual([
    'alarm d: No file has come for d; one was due at 2024-05-02 06:00 UTC.',
  ]);
});

test('a file that failed or is on its way has come', async () => {
  receive('2024-05-01T05:30:00Z');
  writeFileSync(join(root, 'input/d-2.csv'), '');
  expect(await said(restarted(), '2024-05-02T06:00:00Z')).toEqual([]);
  rmSync(join(root, 'input/d-2.csv'));
  mkdirSync(join(root, 'input/.processing/x'), { recursive: true });
  writeFileSync(join(root, 'input/.processing/x/d-2.csv'), '');
  writeFileSync(join(root, 'input/.processing/x/.rows.tsv'), '');
  expect(await said(restarted(), '2024-05-02T06:00:00Z')).toEqual([]);
  rmSync(join(root, 'input/.processing/x'), { recursive: true });
  writeFileSync(join(root, 'input/output_failed/d-2.csv'), '');
  const report = { dataset: 'd', time: '2024-05-02T05:00:00Z' };
  writeFileSync(join(root, 'input/output_failed/d-2.csv.report.json'), JSON.stringify(report));
  expect(await said(restarted(), '2024-05-02T06:00:00Z')).toEqual([]);
  expect(await said(restarted(), '2024-05-03T06:00:00Z')).toHaveLength(1);
});

test('status knows it without an alarm', async () => {
  receive('2024-05-01T05:30:00Z');
  expect(await readOverdue(config, Date.parse('2024-05-02T05:00:00Z'))).toEqual([]);
  expect(await readOverdue(config, Date.parse('2024-05-03T07:00:00Z'))).toEqual([
    { dataset: 'd', due: '2024-05-02T06:00:00.000Z', lastFile: '2024-05-01T05:30:00.000Z' },
  ]);
});

test('what cannot be read is told, and ends nothing', async () => {
  mkdirSync(join(root, 'output/d/.receipts.jsonl'));
  expect(await said(restarted(), '2024-05-02T06:00:00Z')).toEqual([
    'alarm cannot tell whether a file is due',
  ]);
});
