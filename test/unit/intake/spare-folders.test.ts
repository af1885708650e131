import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SpareFolders } from '../../../src/intake/spare-folders.ts';

let processing: string;
beforeEach(() => {
  processing = mkdtempSync(join(tmpdir(), 'hopper-spare-'));
});
afterEach(() => {
  rmSync(processing, { recursive: true });
});

function endedClaim(loadId: string): string {
  const folder = join(processing, loadId);
  mkdirSync(folder);
  return folder;
}

test('the folder of a claim that has ended serves the next one, under the name of no load', async () => {
  const spare = new SpareFolders();
  spare.wanted = 1;
  await spare.giveBack(endedClaim('abc'));
  const folder = await spare.take(processing);
  expect(basename(folder)).toMatch(/^claim-[0-9a-f]{16}$/);
  expect(readdirSync(processing)).toEqual([basename(folder)]);
});

test('no more are kept than files wait, and none that nobody has taken stays', async () => {
  const spare = new SpareFolders();
  await spare.giveBack(endedClaim('a'));
  expect(readdirSync(processing)).toEqual([]);
  spare.wanted = 1;
  await spare.giveBack(endedClaim('b'));
  await spare.giveBack(endedClaim('c'));
  expect(readdirSync(processing)).toHaveLength(1);
  await spare.clear();
  expect(readdirSync(processing)).toEqual([]);
});
