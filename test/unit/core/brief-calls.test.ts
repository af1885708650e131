import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lstatIfThere, mkdir, rename } from '../../../src/core/brief-calls.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hopper-calls-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('thousands of calls at once leave other events their turn, and are made in their order', async () => {
  const ended: number[] = [];
  let turns = 0;
  let counting = true;
  const count = (): void => {
    turns++;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  const paths = Array.from({ length: 3000 }, (_, n) => join(folder, String(n)));
  await Promise.all(
    paths.map(async (path, n) => {
      await mkdir(path);
      ended.push(n);
    }),
  );
  counting = false;
  expect(turns).toBeGreaterThan(1);
  expect(ended).toEqual(paths.map((_, n) => n));
});

test('what the system refuses is a rejection, and what is not there is null', async () => {
  const path = join(folder, 'a');
  expect(await lstatIfThere(path)).toBeNull();
  await expect(rename(path, join(folder, 'b'))).rejects.toMatchObject({ code: 'ENOENT' });
  writeFileSync(path, 'four');
  expect((await lstatIfThere(path))?.size).toBe(4n);
});
