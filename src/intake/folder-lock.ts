import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { HopperError } from '../errors/hopper-error.ts';
import { environmentError, systemCode } from '../core/environment-error.ts';
import { beaconAnswers, type LockBeacon, lightBeacon } from './lock-beacon.ts';
import { isBeyondSight, isRunning, ownIdentity } from './process-identity.ts';

const LOCK = 'lock.json';

/** How often a race for the lock is entered again; each lost turn means that another process won one. */
const TURNS_MAX = 20;

const lockState = z.object({
  pid: z.int().positive(),
  startTicks: z.int().nullable(),
  bootId: z.string().nullable(),
  /** Earlier versions did not write it. */
  pidNamespace: z.string().nullable().default(null),
  /** ISO 8601, UTC. */
  startedAt: z.iso.datetime(),
  /** Random, so that no two locks are ever taken for one another. */
  id: z.string().regex(/^[0-9a-f]{32}$/),
});

/** Who holds the lock of an input folder. */
export type LockState = z.infer<typeof lockState>;

export interface FolderLock {
  state: LockState;
  /** Whether the one who had it before ended without releasing it. */
  takenOver: boolean;
  /** Takes the lock of the folder that has the name now, where that is another one. Throws as lockFolder does. */
  hold(): Promise<void>;
  /** Removes the lock file, if it is still ours. */
  release(): Promise<void>;
}

/**
 * Makes this process the one csv-hopper of an input folder, until it releases the lock or ends in any way. A lock whose
 * process is dead, or was another's before its number was given anew, is taken over; whether one of another container lives, its
 * beacon tells. Throws folder_busy with the pid.
 *
 * A lock file appears by a link, so it is complete at once and only one process can make it. To take over a stale lock,
 * a process first makes `lock.<id of the stale lock>.json` in the same way, which makes it the only heir, and renames
 * that over lock.json. Should the heir die in between, its own id names the next heir. Who comes late and makes an heir
 * file of a lock that has been replaced meanwhile sees that lock.json has changed, and starts over.
 */
export async function lockFolder(processingFolder: string): Promise<FolderLock> {
  const state: LockState = {
    ...(await ownIdentity()),
    startedAt: new Date().toISOString(),
    id: randomBytes(16).toString('hex'),
  };
  // Each folder that had the name has one; those that are away stay ours.
  const beacons: LockBeacon[] = [];
  const take = async (): Promise<boolean> => {
    const { takenOver, beacon } = await takeLock(processingFolder, state);
    if (beacon !== null) beacons.push(beacon);
    return takenOver;
  };
  return {
    state,
    takenOver: await take(),
    hold: async () => {
      if (!(await isOurs(processingFolder, state))) await take();
    },
    release: async () => {
      await release(processingFolder, state);
      await Promise.all(beacons.map((beacon) => beacon.close()));
    },
  };
}

interface Taken {
  /** Whether the one who had it before ended without releasing it. */
  takenOver: boolean;
  beacon: LockBeacon | null;
}

async function takeLock(processingFolder: string, state: LockState): Promise<Taken> {
  try {
    await mkdir(processingFolder, { recursive: true });
    // Before the lock, so that nobody ever sees the lock alone.
    const beacon = await lightBeacon(processingFolder, state.id);
    try {
      const won = await enterRace(processingFolder, state);
      await removeLeftovers(processingFolder, state);
      return { ...won, beacon };
    } catch (error) {
      await beacon?.close();
      throw error;
    }
  } catch (error) {
    if (error instanceof HopperError) throw error;
    const what = `The folder ${processingFolder} cannot be locked`;
    throw environmentError(error, what, 'folder_unusable', { folder: processingFolder });
  }
}

async function enterRace(folder: string, state: LockState): Promise<Pick<Taken, 'takenOver'>> {
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    const won = await tryLock(folder, state);
    if (won !== null) return won;
  }
  throw new HopperError('folder_busy', {
    message: `Several csv-hoppers are starting on ${folder} at the same time.`,
  });
}

/** Who holds the lock; null when nobody does who is alive. */
export async function readLock(processingFolder: string): Promise<LockState | null> {
  const { holder } = await readChain(processingFolder);
  return holder !== null && (await isAlive(processingFolder, holder)) ? holder : null;
}

async function isAlive(folder: string, holder: LockState): Promise<boolean> {
  return (await isBeyondSight(holder)) ? beaconAnswers(folder, holder.id) : isRunning(holder);
}

interface Chain {
  /** Ids from lock.json to the last heir; 'unreadable' stands for a file that a power cut has torn. */
  ids: string[];
  /** The last of them; null when there is no lock, or it is unreadable. */
  holder: LockState | null;
}

/** Null when the race is to be entered again; else the lock is ours. */
async function tryLock(folder: string, state: LockState): Promise<Pick<Taken, 'takenOver'> | null> {
  const chain = await readChain(folder);
  if (chain.holder !== null && (await isAlive(folder, chain.holder))) {
    throw await busy(folder, chain.holder);
  }
  const temporary = join(folder, `lock.${state.id}.tmp`);
  await writeSynced(temporary, JSON.stringify(state));
  try {
    const last = chain.ids.at(-1);
    const target = last === undefined ? LOCK : heirOf(last);
    if (!(await linkNew(temporary, join(folder, target)))) return null;
    if (last === undefined) return { takenOver: false };
    const now = await readChain(folder);
    if (now.ids.join() !== [...chain.ids, state.id].join()) {
      // A latecomer's heir file must not stay: nothing leads to it.
      await rm(join(folder, target), { force: true });
      return null;
    }
    await rename(temporary, join(folder, LOCK));
    return { takenOver: true };
  } finally {
    await rm(temporary, { force: true });
  }
}

async function readChain(folder: string): Promise<Chain> {
  const ids: string[] = [];
  let holder: LockState | null = null;
  for (let name = LOCK; ; name = heirOf(ids.at(-1) ?? '')) {
    const state = await readState(join(folder, name));
    if (state === null) return { ids, holder };
    if (state === 'unreadable' && ids.length > 0) {
      throw new HopperError('folder_unusable', {
        message: `The file ${join(folder, name)} is not one of csv-hopper's locks.`,
        hint: 'Remove it.',
      });
    }
    holder = state === 'unreadable' ? null : state;
    ids.push(state === 'unreadable' ? state : state.id);
  }
}

function heirOf(id: string): string {
  return `lock.${id}.json`;
}

async function readState(path: string): Promise<LockState | 'unreadable' | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    return lockState.parse(JSON.parse(text));
  } catch {
    // Locks appear complete and synced, so this is no lock that anybody holds.
    return 'unreadable';
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const handle = await open(path, 'w');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function linkNew(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    // ENOENT: a winner has tidied up our temporary file.
    if (systemCode(error) === 'EEXIST' || systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** What dead heirs and losers left; the losers that are alive start over and find the lock held. */
async function removeLeftovers(folder: string, { id }: LockState): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, of, kind] = /^lock\.(\w+)\.(json|tmp|sock)$/.exec(name) ?? [];
    if (of === undefined || of === id) continue;
    // A loser may win the next race, and needs it then.
    if (kind === 'sock' && (await beaconAnswers(folder, of))) continue;
    await rm(join(folder, name), { force: true });
  }
}

async function release(folder: string, state: LockState): Promise<void> {
  if (await isOurs(folder, state)) await rm(join(folder, LOCK), { force: true });
}

async function isOurs(folder: string, { id }: LockState): Promise<boolean> {
  const current = await readState(join(folder, LOCK));
  return current !== null && current !== 'unreadable' && current.id === id;
}

async function busy(folder: string, holder: LockState): Promise<HopperError> {
  const where = (await isBeyondSight(holder)) ? ' of another container' : '';
  return new HopperError('folder_busy', {
    message: `Another csv-hopper (process ${holder.pid}${where}, since ${holder.startedAt}) works on ${folder}.`,
    details: { folder, pid: holder.pid },
  });
}
