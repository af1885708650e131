import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DatabaseConfig } from '../../src/config/config.ts';
import type { Status } from '../../src/daemon/read-status.ts';
import { runCommand, snapshot } from '../support/command-run.ts';
import { HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { asPlainUser } from '../support/plain-user.ts';
import { until } from '../support/until.ts';

let project: HopperProject;
beforeEach(() => {
  project = new HopperProject({ datasets: peopleDataset });
});
afterEach(() => project.remove());

async function statusText(): Promise<string> {
  const { code, stdout, stderr } = await runCommand(project, ['status']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

async function statusJson(): Promise<Status> {
  const { code, stdout } = await runCommand(project, ['status', '--json']);
  expect(code).toBe(0);
  return JSON.parse(stdout) as Status;
}

/** A server that nobody runs: its port was free a moment ago. */
async function deadDatabase(): Promise<DatabaseConfig> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address !== 'object') throw new Error('No port.');
  await new Promise((resolve) => server.close(resolve));
  const timeouts = { connectTimeoutMs: 1000, queryTimeoutMs: 1000 };
  const user = { user: 'u', password: 'p', database: 'd' };
  return { host: '127.0.0.1', port: address.port, tls: null, ...user, ...timeouts };
}

test('of a fresh folder there is nothing to tell, and it stays as it is', async () => {
  rmSync(project.input, { recursive: true });
  const before = snapshot(project.root);
  expect(await statusText()).toBe(
    'not running\nwaiting: 0\nrunning: 0\nparked: 0\nfailed: 0\nlast loads: 0\n',
  );
  expect(await statusJson()).toEqual({
    daemon: null,
    waiting: [],
    running: [],
    parked: [],
    failed: [],
    overdue: [],
    lastLoads: [],
  });
  expect(snapshot(project.root)).toEqual(before);
});

test('waiting are the files that the daemon would take, as people count', async () => {
  for (const name of ['b10.csv', 'b2.csv', 'notes.txt', '.hidden.csv', 'half.csv.tmp']) {
    writeFileSync(join(project.input, name), 'id;name\n');
  }
  mkdirSync(join(project.input, 'folder.csv'));
  expect((await statusJson()).waiting).toEqual([
    { file: 'b2.csv', bytes: 8 },
    { file: 'b10.csv', bytes: 8 },
  ]);
  expect(await statusText()).toContain('waiting: 2\n  b2.csv  8 bytes\n  b10.csv  8 bytes\n');
});

test('a daemon that runs is named, with its last loads and failed files', async () => {
  const daemon = await project.start();
  project.drop('good.csv', people(1, 1));
  project.drop('bad.csv', 'id;name\nx;a\n');
  await project.ends(2);
  const found = await statusJson();
  expect(found.daemon?.pid).toBe(daemon.child.pid);
  expect(found.failed).toMatchObject([{ file: 'bad.csv' }]);
  expect(found.lastLoads).toMatchObject([{ file: 'good.csv', rowsAccepted: 1, table: null }]);
  const text = await statusText();
  expect(text).toMatch(/^running as process \d+ since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n/);
  expect(text).toMatch(/failed: 1\n {2}bad\.csv {2}line 2: /);
  expect(text).toMatch(
    /last loads: 1\n {2}\S+Z {2}[0-9a-f]{8} {2}good\.csv {2}1 row {2}Parquet only/,
  );
  await daemon.stop();
  expect((await statusJson()).daemon).toBeNull();
});

test('a load that waits for the database is parked, with the reason and what to do', async () => {
  const database = await deadDatabase();
  project.configure({ database });
  const daemon = await project.start();
  project.drop('a.csv', people(1, 3));
  await project.event('parked', 'a.csv');
  const found = await until(
    async () => {
      const status = await statusJson();
      return status.parked.length > 0 && status;
    },
    () => daemon.said,
  );
  expect(found.running).toEqual([]);
  expect(found.parked).toMatchObject([{ file: 'a.csv', code: 'database_unreachable' }]);
  expect(await statusText()).toMatch(
    /parked: 1\n {2}a\.csv {2}since \S+Z: .*failed: .* -> Start the server, or correct database\.host/,
  );
});

test('what a killed daemon left under way is told as interrupted', async () => {
  project.configure({ database: await deadDatabase() });
  const daemon = await project.start();
  project.drop('a.csv', people(1, 3));
  const parked = await project.event('parked', 'a.csv');
  await daemon.stop('SIGKILL');
  rmSync(join(project.processing, String(parked.loadId), '.parked.json'), { force: true });
  expect(await statusText()).toContain(
    'not running\nwaiting: 0\nrunning: 1\n  a.csv  interrupted; the next start goes on with it\n',
  );
});

test('of many files the first are listed and the others counted', async () => {
  for (let i = 1; i <= 12; i++) project.drop(`${i}.csv`, '');
  expect(await statusText()).toMatch(
    /waiting: 12\n(?: {2}\d+\.csv {2}0 bytes\n){10} {2}and 2 more\n/,
  );
});

test('a file name cannot steer the terminal, and is the same for who parses the JSON', async () => {
  const name = 'a\u001B[31m\u009B2J\u007F\n\u202E.csv';
  project.drop(name, people(1, 1));
  mkdirSync(project.failed);
  writeFileSync(join(project.failed, name), '');
  const text = await statusText();
  expect(text).toContain(String.raw`a\x1b[31m\x9b2J\x7f\n\u{202e}.csv`);
  const { stdout } = await runCommand(project, ['status', '--json']);
  for (const printed of [text, stdout]) {
    expect(printed.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  }
  const found = JSON.parse(stdout) as Status;
  expect(found.waiting).toMatchObject([{ file: name }]);
  expect(found.failed).toEqual([{ file: name, reason: null }]);
});

test('a folder that cannot be read is an error, not an empty one', async () => {
  mkdirSync(project.failed);
  chmodSync(project.failed, 0);
  const { code, stdout, stderr } = await runCommand(project, ['status'], { under: asPlainUser });
  chmodSync(project.failed, 0o755);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(project.failed);
});
