import { link, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { moveFile } from '../../../src/core/move-file.ts';
import { otherFileSystem } from '../../support/other-file-system.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hopper-move-'));
  await mkdir(join(folder, 'to'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('a file goes under its new name, in place of one that has it', async () => {
  await writeFile(join(folder, 'a'), 'new');
  await writeFile(join(folder, 'to', 'b'), 'old');
  await moveFile(join(folder, 'a'), join(folder, 'to', 'b'));
  expect(await readFile(join(folder, 'to', 'b'), 'utf8')).toBe('new');
  expect(await readdir(folder)).toEqual(['to']);
});

test('a second link of the file that has the new name goes, though a rename alone would leave it', async () => {
  await writeFile(join(folder, 'a'), 'same');
  await link(join(folder, 'a'), join(folder, 'to', 'b'));
  await moveFile(join(folder, 'a'), join(folder, 'to', 'b'));
  expect(await readdir(folder)).toEqual(['to']);
  expect(await readFile(join(folder, 'to', 'b'), 'utf8')).toBe('same');
});

test('a file that is not there is an error, and what has the new name stays', async () => {
  await writeFile(join(folder, 'to', 'b'), 'old');
  const move = moveFile(join(folder, 'a'), join(folder, 'to', 'b'));
  await expect(move).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await readFile(join(folder, 'to', 'b'), 'utf8')).toBe('old');
});

describe.skipIf(otherFileSystem === null)('to another file system (/dev/shm or /var/tmp)', () => {
  let other: string;
  beforeEach(async () => {
    other = await mkdtemp(join(String(otherFileSystem), 'hopper-move-'));
  });
  afterEach(async () => {
    await rm(other, { recursive: true });
  });

  test('a file is copied whole and then gone, in place of one that has the name', async () => {
    const content = Buffer.alloc(3_000_000, 'abc\n');
    await writeFile(join(folder, 'a'), content);
    await writeFile(join(other, 'b'), 'old');
    await moveFile(join(folder, 'a'), join(other, 'b'));
    expect((await readFile(join(other, 'b'))).equals(content)).toBe(true);
    expect(await readdir(other)).toEqual(['b']);
    expect(await readdir(folder)).toEqual(['to']);
  });

  test('a file that cannot take the name stays where it is', async () => {
    await writeFile(join(folder, 'a'), 'text');
    await mkdir(join(other, 'b', 'inside'), { recursive: true });
    await expect(moveFile(join(folder, 'a'), join(other, 'b'))).rejects.toThrow();
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('text');
    expect(await readdir(other)).toEqual(['b']);
  });

  test('a name of 255 bytes is kept', async () => {
    const name = 'a'.repeat(255);
    await writeFile(join(folder, name), 'text');
    await moveFile(join(folder, name), join(other, name));
    expect(await readdir(other)).toEqual([name]);
  });
});
