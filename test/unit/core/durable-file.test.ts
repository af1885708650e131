import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { durableRename, syncFolder, writeFileDurably } from '../../../src/core/durable-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hopper-durable-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('writing a file', () => {
  test('puts the whole content under its name, in place of an earlier one, and leaves nothing else', async () => {
    const path = join(folder, 'a.json');
    await writeFileDurably(path, 'first');
    await writeFileDurably(path, Buffer.from('second'));
    expect(await readFile(path, 'utf8')).toBe('second');
    expect(await readdir(folder)).toEqual(['a.json']);
  });

  test('where the name cannot be taken leaves what has it', async () => {
    const path = join(folder, 'a.json');
    await mkdir(join(path, 'inside'), { recursive: true });
    await expect(writeFileDurably(path, 'text')).rejects.toMatchObject({ syscall: 'rename' });
    expect(await readdir(path)).toEqual(['inside']);
    expect(await readdir(folder)).toEqual(['a.json']);
  });

  test('takes a name of 255 bytes', async () => {
    const name = 'a'.repeat(255);
    await writeFileDurably(join(folder, name), 'text');
    expect(await readdir(folder)).toEqual([name]);
  });
});

test('renaming moves a file between folders', async () => {
  const to = join(folder, 'sub');
  await mkdir(to);
  await writeFile(join(folder, 'a'), 'text');
  await durableRename(join(folder, 'a'), join(to, 'b'));
  expect(await readdir(folder)).toEqual(['sub']);
  expect(await readFile(join(to, 'b'), 'utf8')).toBe('text');
});

describe('making the names of a folder durable', () => {
  test('calls that come before a turn starts share it; one that comes while it runs waits for the next', async () => {
    const order: string[] = [];
    const first = syncFolder(folder);
    expect(syncFolder(folder)).toBe(first);
    // The turn starts with the next microtask; what was renamed after that it may not have seen.
    await Promise.resolve();
    const next = syncFolder(folder);
    expect(next).not.toBe(first);
    expect(syncFolder(folder)).toBe(next);
    await Promise.all([first.then(() => order.push('first')), next.then(() => order.push('next'))]);
    expect(order).toEqual(['first', 'next']);
    expect(syncFolder(folder)).not.toBe(next);
  });

  test('a turn that had to wait for another leaves time for more calls to share it', async () => {
    const first = syncFolder(folder);
    await Promise.resolve();
    const next = syncFolder(folder);
    await first;
    expect(syncFolder(folder)).toBe(next);
    await next;
  });

  test('folders do not wait for one another', async () => {
    const other = join(folder, 'other');
    await mkdir(other);
    expect(syncFolder(other)).not.toBe(syncFolder(folder));
    await Promise.all([syncFolder(other), syncFolder(folder)]);
  });

  test('a failure reaches those who share the turn, and the next turn is a new attempt', async () => {
    const late = join(folder, 'late');
    const turns = [syncFolder(late), syncFolder(late)];
    const results = await Promise.allSettled(turns);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await mkdir(late);
    await syncFolder(late);
  });
});
