import {
  closeSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createWorkFile } from '../../../src/core/work-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'work-file-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('is for its owner alone, and empty, whatever was there', () => {
  const path = join(folder, 'rows');
  closeSync(createWorkFile(path));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  writeFileSync(path, 'of before');
  closeSync(createWorkFile(path));
  expect(readFileSync(path, 'utf8')).toBe('');
});

test('is not made through a link, and what that leads to stays as it is', () => {
  const victim = join(folder, 'victim');
  writeFileSync(victim, 'precious');
  const path = join(folder, 'rows');
  symlinkSync(victim, path);
  expect(() => createWorkFile(path)).toThrow('ELOOP');
  expect(readFileSync(victim, 'utf8')).toBe('precious');
});
