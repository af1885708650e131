import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProfileBook, profilesPath, readProfiles } from '../../../src/pipeline/profile-book.ts';
import { packProfile } from '../../../src/profile/packed-profile.ts';
import type { PackedStoredProfile, StoredProfile } from '../../../src/profile/stored-profile.ts';

let folder: string;
let path: string;
const finished = new Set<string>();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hopper-profiles-'));
  path = profilesPath(folder, 'd');
  finished.clear();
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function profile(loadId: string, rows = 1): StoredProfile {
  return { loadId, dataset: 'd', file: `${loadId}.csv`, time: '', warnings: [], rows, columns: [] };
}

function packed(stored: StoredProfile): PackedStoredProfile {
  return { ...stored, ...packProfile(stored) };
}

async function opened(last = 3): Promise<ProfileBook> {
  const book = new ProfileBook(path, last, (loadId) => finished.has(loadId));
  await book.open();
  return book;
}

test('only finished loads are history, the latest of them and without the load itself', async () => {
  const book = await opened();
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) {
    await book.add(packed(profile(id)));
    if (id !== 'c') finished.add(id);
  }
  const ids = (of: ProfileBook, but: string | null): string[] =>
    of.history(but).map(({ loadId }) => loadId);
  expect(ids(book, null)).toEqual(['d', 'e', 'f']);
  expect(ids(book, 'f')).toEqual(['b', 'd', 'e']);
  expect(book.find('c')).toMatchObject({ loadId: 'c' });
  await book.close();
  const again = await opened();
  expect(ids(again, null)).toEqual(['d', 'e', 'f']);
  expect(ids(again, 'f')).toEqual(['b', 'd', 'e']);
  expect(again.find('c')).toMatchObject({ loadId: 'c' });
  await again.close();
});

test('a load that is kept twice counts once, as it was last', async () => {
  const book = await opened();
  finished.add('a');
  await book.add(packed(profile('a', 1)));
  await book.add(packed(profile('a', 2)));
  expect(book.history(null)).toEqual([profile('a', 2)]);
  await book.close();
});

test('the journal is for its owner alone, and a torn line is passed over', async () => {
  await (await opened()).close();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  appendFileSync(path, '{"loadId":"a","colu');
  const book = await opened();
  await book.add(packed(profile('b')));
  await book.close();
  const found: string[] = [];
  for await (const { loadId } of readProfiles(path)) found.push(loadId);
  expect(found).toEqual(['b']);
});

test('a long journal is cut to the latest thousand when it is opened', async () => {
  const lines = Array.from({ length: 2000 }, (_, i) => `${JSON.stringify(profile(String(i)))}\n`);
  await (await opened()).close();
  writeFileSync(path, lines.join(''));
  await (await opened()).close();
  expect(readFileSync(path, 'utf8')).toBe(lines.slice(1000).join(''));
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a load that came again after its end has no profile until it is judged', async () => {
  let ends = 0;
  const book = new ProfileBook(
    path,
    3,
    () => false,
    () => ends,
  );
  await book.open();
  await book.add(packed(profile('a', 1)));
  expect(book.find('a')).toMatchObject({ rows: 1 });
  ends = 1;
  expect(book.find('a')).toBeUndefined();
  await book.add({ ...packed(profile('a', 2)), ends });
  expect(book.find('a')).toMatchObject({ rows: 2 });
  await book.close();
});
