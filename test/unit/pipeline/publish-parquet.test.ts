import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LoadIdentity } from '../../../src/core/load.ts';
import { publishParquet, withdrawParquet } from '../../../src/pipeline/publish-parquet.ts';

let output: string;
beforeEach(() => {
  output = mkdtempSync(join(tmpdir(), 'csv-hopper-publish-'));
});
afterEach(() => {
  rmSync(output, { recursive: true });
});

function identity(loadId: string, file = 'a.csv'): LoadIdentity {
  return { loadId, dataset: 'people', file, sha256: '', bytes: 1 };
}

/** Stands for a Parquet file: what is read of one here is that its footer has the load id. */
function publish(content: string, load: LoadIdentity): Promise<string> {
  const temporary = join(output, 'temporary');
  writeFileSync(temporary, content);
  return publishParquet(temporary, output, load);
}

const one = '0123456789abcdef0123456789abcdef';
const other = '01234567ffffffffffffffffffffffff';

test('a file gets the name of its source with eight digits of the load, and publishing again replaces it', async () => {
  expect(await publish(`first ${one}`, identity(one))).toBe('people/a-01234567.parquet');
  await publish(`second ${one}`, identity(one));
  expect(readdirSync(join(output, 'people'))).toEqual(['a-01234567.parquet']);
  expect(readFileSync(join(output, 'people/a-01234567.parquet'), 'utf8')).toBe(`second ${one}`);
  expect(existsSync(join(output, 'temporary'))).toBe(false);
});

test('a load with the same eight digits does not replace the other but has its whole id in the name', async () => {
  await publish(`first ${one}`, identity(one));
  expect(await publish(`other ${other}`, identity(other))).toBe(`people/a-${other}.parquet`);
  expect(readFileSync(join(output, 'people/a-01234567.parquet'), 'utf8')).toBe(`first ${one}`);
});

test('a name of 255 bytes is cut between two characters to make room', async () => {
  const name = await publish(one, identity(one, `${'ü'.repeat(125)}x.csv`));
  const base = name.slice('people/'.length);
  expect(Buffer.byteLength(base)).toBeLessThanOrEqual(255);
  expect(base).toMatch(/^ü+-01234567\.parquet$/);
});

test('a file that is gone is told of as such', async () => {
  const publishing = publishParquet(join(output, 'missing'), output, identity(one));
  await expect(publishing).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a file that cannot be made durable is removed and has to be made again', async () => {
  const temporary = join(output, 'temporary');
  // A FIFO's fsync fails, as that of a file does on a disk that loses writes. Opened on both ends, so that nobody waits.
  execFileSync('mkfifo', [temporary]);
  const otherEnd = openSync(temporary, 'r+');
  const publishing = publishParquet(temporary, output, identity(one));
  await expect(publishing).rejects.toMatchObject({ code: 'conversion_lost' });
  closeSync(otherEnd);
  expect(existsSync(temporary)).toBe(false);
});

test('what is withdrawn is gone, and withdrawing it again is no error', async () => {
  const path = join(output, await publish(one, identity(one)));
  await withdrawParquet(path);
  await withdrawParquet(path);
  expect(existsSync(path)).toBe(false);
});
