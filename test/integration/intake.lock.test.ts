import { once } from 'node:events';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type ChildProcess, spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockFolder, readLock } from '../../src/intake/folder-lock.ts';
import { beaconAnswers, lightBeacon } from '../../src/intake/lock-beacon.ts';
import { ownIdentity } from '../../src/intake/process-identity.ts';
import { IntakeFolder, nextLine } from '../support/intake-folder.ts';

let folder: IntakeFolder;
beforeEach(() => {
  folder = new IntakeFolder();
});
afterEach(() => folder.remove());

/** Says "ready", waits for a byte, then tries to lock, says what came of it, and lives on. */
const LOCKER = `
  const { lockFolder } = await source('intake/folder-lock.ts');
  console.log('ready');
  process.stdin.once('data', async () => {
    console.log(await lockFolder(args[0]).then(() => 'locked', (error) => error.code));
  });
`;

async function locker(under: string[] = []): Promise<ChildProcess> {
  const child = folder.child(LOCKER, [folder.processing], { under });
  expect(await nextLine(child)).toBe('ready');
  return child;
}

async function tryToLock(child: ChildProcess): Promise<string> {
  const answer = nextLine(child);
  child.stdin?.write('go');
  return answer;
}

/** Leaves the lock of a process that was killed while it held it. */
async function leaveStaleLock(): Promise<void> {
  const child = await locker();
  expect(await tryToLock(child)).toBe('locked');
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('a second csv-hopper is refused, and told the process of the first', async () => {
  const lock = await lockFolder(folder.processing);
  await expect(lockFolder(folder.processing)).rejects.toMatchObject({
    code: 'folder_busy',
    details: { pid: process.pid },
  });
  expect(lock.takenOver).toBe(false);
  expect(await readLock(folder.processing)).toEqual(lock.state);
  await lock.release();
  expect(readdirSync(folder.processing)).toEqual([]);
  expect(await readLock(folder.processing)).toBeNull();
});

test('the folder that gets the name later is locked too, unless another csv-hopper has it; the first stays ours', async () => {
  const lock = await lockFolder(folder.processing);
  const away = `${folder.processing}.away`;
  renameSync(folder.processing, away);
  await lock.hold();
  expect(await readLock(folder.processing)).toEqual(lock.state);

  rmSync(folder.processing, { recursive: true });
  expect(await tryToLock(await locker())).toBe('locked');
  await expect(lock.hold()).rejects.toMatchObject({ code: 'folder_busy' });

  rmSync(folder.processing, { recursive: true });
  renameSync(away, folder.processing);
  await lock.hold();
  await lock.release();
  expect(readdirSync(folder.processing)).toEqual([]);
});

test('the lock of a killed process is taken over, and it shows', async () => {
  await leaveStaleLock();
  expect(await readLock(folder.processing)).toBeNull();
  const lock = await lockFolder(folder.processing);
  expect(lock.takenOver).toBe(true);
  expect(await readLock(folder.processing)).toEqual(lock.state);
  expect(lockFiles()).toEqual(['lock.<id>.sock', 'lock.json']);
});

test('of several processes that race for a stale lock exactly one gets it', async () => {
  const racers = await Promise.all([locker(), locker(), locker(), locker()]);
  await leaveStaleLock();
  const answers = await Promise.all(racers.map(tryToLock));
  expect(answers.sort()).toEqual(['folder_busy', 'folder_busy', 'folder_busy', 'locked']);
  expect(lockFiles()).toEqual(['lock.<id>.sock', 'lock.json']);
});

test('in one process, too, only one of many attempts on a stale lock wins', async () => {
  await leaveStaleLock();
  const attempts = Array.from({ length: 20 }, () => lockFolder(folder.processing));
  const outcomes = await Promise.allSettled(attempts);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('the lock of a process whose number was given anew is taken over', async () => {
  const own = await ownIdentity();
  writeLock('lock.json', { ...own, startTicks: (own.startTicks ?? 0) + 1 }, 'a');
  expect((await lockFolder(folder.processing)).state.pid).toBe(process.pid);
});

test('an heir that died before it had taken over is inherited from in turn', async () => {
  const dead = { ...(await ownIdentity()), bootId: 'before the reboot' };
  writeLock('lock.json', dead, 'a');
  writeLock(`lock.${'a'.repeat(32)}.json`, dead, 'b');
  const lock = await lockFolder(folder.processing);
  expect(await readLock(folder.processing)).toEqual(lock.state);
  expect(lockFiles()).toEqual(['lock.<id>.sock', 'lock.json']);
});

test('an heir that is just taking over is respected', async () => {
  const own = await ownIdentity();
  writeLock('lock.json', { ...own, bootId: 'before the reboot' }, 'a');
  writeLock(`lock.${'a'.repeat(32)}.json`, own, 'b');
  await expect(lockFolder(folder.processing)).rejects.toMatchObject({ code: 'folder_busy' });
});

test('a lock file that a power cut has torn is taken over', async () => {
  mkdirSync(folder.processing);
  writeFileSync(join(folder.processing, 'lock.json'), '');
  const lock = await lockFolder(folder.processing);
  expect(await readLock(folder.processing)).toEqual(lock.state);
});

// Numbers of processes of its own, as a container has.
const container = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
const [unshare = '', ...words] = container;
const haveContainers = spawnSync(unshare, [...words, 'true']).status === 0;

async function endContainer(holder: ChildProcess): Promise<void> {
  // What runs in it is killed by the kernel, a moment later.
  holder.kill('SIGKILL');
  await expect.poll(() => readLock(folder.processing)).toBeNull();
}

describe.skipIf(!haveContainers)(
  `csv-hoppers in different containers${haveContainers ? '' : ' (skipped: this user may not make any)'}`,
  () => {
    test('see one another: the second is refused', async () => {
      const first = await locker(container);
      expect(await tryToLock(first)).toBe('locked');
      expect(await tryToLock(await locker(container))).toBe('folder_busy');
      await expect(lockFolder(folder.processing)).rejects.toThrow(
        /\(process \d+ of another container, /,
      );
      expect(await readLock(folder.processing)).not.toBeNull();
    });

    test('take over from one that was killed', async () => {
      const first = await locker(container);
      expect(await tryToLock(first)).toBe('locked');
      await endContainer(first);
      const second = await locker(container);
      expect(await tryToLock(second)).toBe('locked');
      expect(lockFiles()).toEqual(['lock.<id>.sock', 'lock.json']);
    });

    test('are not told apart from dead ones by their number, which may be that of another process here', async () => {
      const lock = await lockFolder(folder.processing);
      const { id } = lock.state;
      const elsewhere = { ...lock.state, pid: process.pid, pidNamespace: 'pid:[1]' };
      writeFileSync(join(folder.processing, 'lock.json'), JSON.stringify(elsewhere));
      await expect(lockFolder(folder.processing)).rejects.toMatchObject({ code: 'folder_busy' });
      rmSync(join(folder.processing, `lock.${id}.sock`));
      expect((await lockFolder(folder.processing)).takenOver).toBe(true);
    });

    test('of several that race for a stale lock exactly one gets it', async () => {
      const stale = await locker(container);
      expect(await tryToLock(stale)).toBe('locked');
      await endContainer(stale);
      const racers = await Promise.all([container, container, [], []].map(locker));
      const answers = await Promise.all(racers.map(tryToLock));
      expect(answers.sort()).toEqual(['folder_busy', 'folder_busy', 'folder_busy', 'locked']);
    });
  },
);

test('a folder with a path that is too long for a socket is locked and seen all the same', async () => {
  const long = join(folder.processing, ...Array.from({ length: 4 }, () => 'x'.repeat(60)));
  const lock = await lockFolder(long);
  expect(readdirSync(long)).toContain(`lock.${lock.state.id}.sock`);
  await expect(lockFolder(long)).rejects.toMatchObject({ code: 'folder_busy' });
  await lock.release();
  expect(readdirSync(long)).toEqual([]);
});

test('the socket may be reached by every user, so that none takes the dead for the living', async () => {
  const lock = await lockFolder(folder.processing);
  const { mode } = statSync(join(folder.processing, `lock.${lock.state.id}.sock`));
  expect(mode & 0o222).toBe(0o222);
  await lock.release();
});

test('where no socket can be made the lock holds without', async () => {
  expect(await lightBeacon('/proc/self', 'a')).toBeNull();
  expect(await beaconAnswers('/proc/self', 'a')).toBe(false);
});

test('release leaves the lock of another alone', async () => {
  const lock = await lockFolder(folder.processing);
  writeLock('lock.json', await ownIdentity(), 'f');
  const before = readFileSync(join(folder.processing, 'lock.json'), 'utf8');
  await lock.release();
  expect(readFileSync(join(folder.processing, 'lock.json'), 'utf8')).toBe(before);
});

function writeLock(name: string, identity: object, letter: string): void {
  mkdirSync(folder.processing, { recursive: true });
  const state = { ...identity, startedAt: '2024-01-01T00:00:00.000Z', id: letter.repeat(32) };
  writeFileSync(join(folder.processing, name), JSON.stringify(state));
}

/** What is in the folder, with the ids of locks as `<id>`. */
function lockFiles(): string[] {
  return readdirSync(folder.processing)
    .map((name) => name.replace(/[0-9a-f]{32}/, '<id>'))
    .sort();
}
