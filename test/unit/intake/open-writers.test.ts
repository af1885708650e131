import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileKey, openForWriting } from '../../../src/intake/open-writers.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'csv-hopper-writers-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test.runIf(process.platform === 'linux')(
  'a file open for writing is found, one open for reading is not',
  async () => {
    const [written, read] = [join(folder, 'written.csv'), join(folder, 'read.csv')];
    writeFileSync(read, 'a');
    const handles = [openSync(written, 'a'), openSync(read, 'r')];
    const keys = [written, read].map((path) => statSync(path, { bigint: true }));
    try {
      expect([...(await openForWriting(keys))]).toEqual([fileKey(keys[0]!)]);
    } finally {
      handles.forEach(closeSync);
    }
    expect((await openForWriting(keys)).size).toBe(0);
  },
);

test.runIf(existsSync('/dev/shm'))('also one on the memory disk under /dev', async () => {
  const memory = mkdtempSync('/dev/shm/csv-hopper-writers-');
  const handle = openSync(join(memory, 'written.csv'), 'a');
  try {
    const key = statSync(join(memory, 'written.csv'), { bigint: true });
    expect([...(await openForWriting([key]))]).toEqual([fileKey(key)]);
  } finally {
    closeSync(handle);
    rmSync(memory, { recursive: true });
  }
});
