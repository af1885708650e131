import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  claimFile,
  dropClaim,
  giveBack,
  promoteClaim,
  type Claim,
} from '../../src/intake/claim.ts';
import { copyIn } from '../../src/intake/copy-in.ts';
import { listClaims } from '../../src/intake/list-claims.ts';
import { IntakeFolder, settledNow } from '../support/intake-folder.ts';

let folder: IntakeFolder;
beforeEach(() => {
  folder = new IntakeFolder();
});
afterEach(() => folder.remove());

async function claim(name: string, content = 'a;b\n'): Promise<Claim> {
  writeFileSync(folder.path(name), content);
  const claimed = await claimFile(folder.input, folder.processing, settledNow(folder.input, name));
  if (typeof claimed === 'string') throw new Error(claimed);
  return claimed;
}

async function claimsLeft(): Promise<Claim[]> {
  const { claims, emptied } = await listClaims(folder.processing, folder.input);
  expect(emptied).toEqual([]);
  return claims;
}

describe('claimFile', () => {
  test('moves the file into a folder of its own', async () => {
    const claimed = await claim('a.csv');
    expect(existsSync(folder.path('a.csv'))).toBe(false);
    expect(readFileSync(claimed.path, 'utf8')).toBe('a;b\n');
    expect(readdirSync(claimed.folder)).toEqual(['a.csv']);
  });

  test('a file that was deleted before is gone, and leaves no folder behind', async () => {
    writeFileSync(folder.path('a.csv'), 'a');
    const settled = settledNow(folder.input, 'a.csv');
    rmSync(folder.path('a.csv'));
    expect(await claimFile(folder.input, folder.processing, settled)).toBe('gone');
    expect(await claimsLeft()).toEqual([]);
  });

  test('a file that grew between settling and claim stays in the input folder', async () => {
    writeFileSync(folder.path('a.csv'), 'a');
    const settled = settledNow(folder.input, 'a.csv');
    appendFileSync(folder.path('a.csv'), 'b');
    expect(await claimFile(folder.input, folder.processing, settled)).toBe('changed');
    expect(readFileSync(folder.path('a.csv'), 'utf8')).toBe('ab');
    expect(await claimsLeft()).toEqual([]);
  });

  test('a file of the same size that replaced it is noticed', async () => {
    writeFileSync(folder.path('a.csv'), 'old');
    const settled = settledNow(folder.input, 'a.csv');
    writeFileSync(folder.path('other'), 'new');
    renameSync(folder.path('other'), folder.path('a.csv'));
    expect(await claimFile(folder.input, folder.processing, settled)).toBe('changed');
  });

  test('a name that a transient file of a claim could have is refused, and the file stays', async () => {
    await expect(claim('.a.csv', 'mine')).rejects.toMatchObject({ code: 'usage_invalid' });
    expect(readFileSync(folder.path('.a.csv'), 'utf8')).toBe('mine');
    expect(await claimsLeft()).toEqual([]);
  });

  test('a folder that took the name is left where it is', async () => {
    writeFileSync(folder.path('a.csv'), 'old');
    const settled = settledNow(folder.input, 'a.csv');
    rmSync(folder.path('a.csv'));
    mkdirSync(folder.path('a.csv'));
    expect(await claimFile(folder.input, folder.processing, settled)).toBe('changed');
    expect(existsSync(folder.path('a.csv'))).toBe(true);
  });
});

describe('giveBack', () => {
  test('puts the file back and removes the claim with its transient files', async () => {
    const claimed = await claim('a.csv', 'mine');
    writeFileSync(join(claimed.folder, '.rows.tsv'), '1');
    expect(await giveBack(claimed, folder.input)).toBe(true);
    expect(readFileSync(folder.path('a.csv'), 'utf8')).toBe('mine');
    expect(existsSync(claimed.folder)).toBe(false);
  });

  test('never overwrites a newer file of that name', async () => {
    const claimed = await claim('a.csv', 'old');
    writeFileSync(folder.path('a.csv'), 'new');
    expect(await giveBack(claimed, folder.input)).toBe(false);
    expect(readFileSync(folder.path('a.csv'), 'utf8')).toBe('new');
    expect(readFileSync(claimed.path, 'utf8')).toBe('old');
  });
});

describe('promoteClaim', () => {
  test('gives the folder the name of the load', async () => {
    const promoted = await promoteClaim(await claim('a.csv'), 'abc123');
    expect(promoted).toEqual({
      folder: join(folder.processing, 'abc123'),
      path: join(folder.processing, 'abc123', 'a.csv'),
      file: 'a.csv',
    });
    expect(await claimsLeft()).toEqual([promoted]);
  });

  test('a claim that has its name already keeps it', async () => {
    const promoted = (await promoteClaim(await claim('a.csv'), 'abc123')) as Claim;
    expect(await promoteClaim(promoted, 'abc123')).toEqual(promoted);
  });

  test('is busy while the same load is under way, and leaves both as they are', async () => {
    const first = (await promoteClaim(await claim('a.csv'), 'abc123')) as Claim;
    const second = await claim('a.csv');
    expect(await promoteClaim(second, 'abc123')).toBe('busy');
    expect(await claimsLeft()).toEqual([first, second]);
  });

  test('is busy also while the folder of the same load is being dropped', async () => {
    mkdirSync(join(folder.processing, 'abc123'), { recursive: true });
    expect(await promoteClaim(await claim('a.csv'), 'abc123')).toBe('busy');
  });
});

describe('listClaims', () => {
  test('there are none before the first start', async () => {
    expect(await claimsLeft()).toEqual([]);
  });

  test('lists what a crash left, the oldest claim first, without transient files', async () => {
    const claims = [await claim('b.csv'), await claim('c.csv'), await claim('a.csv')];
    for (const { folder: path } of claims) {
      writeFileSync(join(path, '.rows.tsv'), '1\t2\n');
      writeFileSync(join(path, '.parked.json'), 'PAR1');
    }
    mkdirSync(join(folder.processing, 'claim-empty'));
    mkdirSync(join(folder.processing, 'claim-torn'));
    writeFileSync(join(folder.processing, 'claim-torn', '.copying'), 'tor');
    expect(await claimsLeft()).toEqual(claims);
    expect(readdirSync(folder.processing)).toHaveLength(claims.length);
    expect(claims.flatMap(({ folder: path }) => readdirSync(path))).toEqual([
      'b.csv',
      'c.csv',
      'a.csv',
    ]);
  });

  test('a file that was being given back when the process ended waits, and is claimed no longer', async () => {
    const given = await claim('given.csv');
    const other = await claim('other.csv');
    linkSync(given.path, folder.path('given.csv'));
    writeFileSync(join(given.folder, '.trial.json'), '{}');
    writeFileSync(folder.path('other.csv'), 'a;b\n');
    expect(await claimsLeft()).toEqual([other]);
    expect(existsSync(given.folder)).toBe(false);
    expect(readFileSync(folder.path('given.csv'), 'utf8')).toBe('a;b\n');
  });

  test('the folder of a load whose source has been moved out stays, without transient files, until its end has been said', async () => {
    const loadId = 'ab'.repeat(16);
    const promoted = await promoteClaim(await claim('a.csv'), loadId);
    if (promoted === 'busy') throw new Error(promoted);
    renameSync(promoted.path, join(folder.root, 'archived.csv'));
    writeFileSync(join(promoted.folder, '.rows.tsv'), '1');
    const ended = { folder: promoted.folder, loadId };
    const left = { claims: [], emptied: [{ ...ended, isRedrop: false }] };
    expect(await listClaims(folder.processing, folder.input)).toEqual(left);
    expect(readdirSync(promoted.folder)).toEqual([]);
    writeFileSync(join(promoted.folder, '.repetition.json'), '{}');
    for (let start = 0; start < 2; start++) {
      const { emptied } = await listClaims(folder.processing, folder.input);
      expect(emptied).toEqual([{ ...ended, isRedrop: true }]);
    }
  });

  test('what is put back into the input folder leaves no folder with the name of a load, also where its name is taken', async () => {
    const promoted = await promoteClaim(await claim('a.csv'), 'ab'.repeat(16));
    if (promoted === 'busy') throw new Error(promoted);
    writeFileSync(folder.path('a.csv'), 'newer');
    expect(await giveBack(promoted, folder.input)).toBe(false);
    expect(readdirSync(folder.processing)).toEqual(['ab'.repeat(16)]);
    rmSync(folder.path('a.csv'));
    expect(await giveBack(promoted, folder.input)).toBe(true);
    expect(readdirSync(folder.processing)).toEqual([]);
    expect(readFileSync(folder.path('a.csv'), 'utf8')).toBe('a;b\n');
  });

  test('a folder that waits for a source from the archive has not ended', async () => {
    const promoted = join(folder.processing, 'ab'.repeat(16));
    mkdirSync(promoted, { recursive: true });
    writeFileSync(join(promoted, '.from-archive.json'), '{}');
    expect(await claimsLeft()).toEqual([]);
    expect(existsSync(promoted)).toBe(false);
  });

  test('a folder with two sources is refused by name', async () => {
    const claimed = await claim('a.csv');
    writeFileSync(join(claimed.folder, 'b.csv'), '');
    await expect(listClaims(folder.processing, folder.input)).rejects.toMatchObject({
      code: 'claim_unclear',
      details: { folder: claimed.folder },
    });
  });
});

describe('dropClaim', () => {
  test('removes the folder once the source has been moved out', async () => {
    const claimed = await claim('a.csv');
    writeFileSync(join(claimed.folder, '.rows.tsv'), '1');
    renameSync(claimed.path, join(folder.root, 'archived.csv'));
    await dropClaim(claimed);
    expect(existsSync(claimed.folder)).toBe(false);
    await dropClaim(claimed);
  });

  test('never removes a source', async () => {
    const claimed = await claim('a.csv');
    await expect(dropClaim(claimed)).rejects.toMatchObject({ code: 'io_failed' });
    expect(existsSync(claimed.path)).toBe(true);
  });
});

describe('copyIn', () => {
  test('copies a file from elsewhere into a claim and keeps the original', async () => {
    const original = join(folder.root, 'elsewhere.csv');
    writeFileSync(original, 'a;b\n');
    const claimed = await copyIn(original, folder.processing);
    expect(claimed.file).toBe('elsewhere.csv');
    expect(readFileSync(claimed.path, 'utf8')).toBe('a;b\n');
    expect(readFileSync(original, 'utf8')).toBe('a;b\n');
    expect(await claimsLeft()).toEqual([claimed]);
  });

  test('a file that is not there, or is none, leaves nothing behind', async () => {
    const fifo = join(folder.root, 'fifo.csv');
    execFileSync('mkfifo', [fifo]);
    for (const path of [join(folder.root, 'missing.csv'), folder.root, fifo]) {
      await expect(copyIn(path, folder.processing)).rejects.toMatchObject({
        code: 'source_unreadable',
      });
    }
    expect(existsSync(folder.processing)).toBe(false);
  });

  test('a name of our own files is refused', async () => {
    const path = join(folder.root, '.hidden.csv');
    writeFileSync(path, '');
    await expect(copyIn(path, folder.processing)).rejects.toMatchObject({ code: 'usage_invalid' });
  });
});
