import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OutputFile } from '../../../src/parquet/output-file.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'output-file-'));
  path = join(folder, 'a.parquet.tmp');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('the file holds what was written, in order, and nothing of an earlier attempt', () => {
  writeFileSync(path, 'x'.repeat(10_000_000));
  const file = new OutputFile(path);
  const parts = Array.from({ length: 50 }, (_, at) => Buffer.alloc(at * 1000, at));
  for (const part of parts) file.write(part);
  const whole = Buffer.concat(parts);
  expect(file.position).toBe(whole.length);
  file.finish();
  expect(file.position).toBe(whole.length);
  expect(readFileSync(path).equals(whole)).toBe(true);
});

test('discarding removes the file, open or finished, and may be done again', () => {
  const open = new OutputFile(path);
  open.write(Buffer.from('a'));
  open.discard();
  expect(existsSync(path)).toBe(false);
  open.discard();
  const finished = new OutputFile(path);
  finished.finish();
  finished.discard();
  expect(existsSync(path)).toBe(false);
});

test.skipIf(!existsSync('/dev/full'))('a full disk is disk_full, and names the file', () => {
  // A link, so that discarding removes the link.
  symlinkSync('/dev/full', path);
  const file = new OutputFile(path);
  const write = () => {
    for (let at = 0; at < 10; at++) file.write(Buffer.alloc(100_000));
  };
  expect(write).toThrow(expect.objectContaining({ code: 'disk_full', retry: true }));
  expect(write).toThrow(path);
  expect(() => {
    file.finish();
  }).toThrow(path);
  file.discard();
  expect(existsSync(path)).toBe(false);
  expect(existsSync('/dev/full')).toBe(true);
});

test('a folder that is not there is io_failed', () => {
  const create = () => new OutputFile(join(folder, 'none', 'a'));
  expect(create).toThrow(expect.objectContaining({ code: 'io_failed', retry: true }));
  expect(create).toThrow('ENOENT');
});
