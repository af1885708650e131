// Calls on the names and attributes of files, made in the calling thread and not in Node's thread pool. Such a call takes 5 to
// 30 us on a disk of this machine, and the trip through the pool, of which a small file took two dozen, several times as much: it
// was a third of the CPU time for a burst. They look like those of node:fs/promises, and a turn of the event loop has only
// a few milliseconds of them: sockets and signals get their turn, also where a network mount takes a millisecond for
// each. What waits for a disk, as reading a whole file and fsync do, has no place here.
import { systemCode } from './environment-error.ts';
import {
  accessSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeFileSync,
  type BigIntStats,
} from 'node:fs';

/** `before`: what is done right before it, in the same step, so that nothing but a kill comes between. */
export function rename(from: string, to: string, before?: () => void): Promise<void> {
  return settled(() => {
    before?.();
    renameSync(from, to);
  });
}

/** `before` as for rename. */
export function unlink(path: string, before?: () => void): Promise<void> {
  return settled(() => {
    before?.();
    unlinkSync(path);
  });
}

/** Nothing happens where there is none. */
export async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

/** Of a line or two, which nobody waits for to be on the disk. */
export function writeFile(path: string, text: string): Promise<void> {
  return settled(() => {
    writeFileSync(path, text);
  });
}

/** Makes the folders above it too. */
export function mkdir(path: string): Promise<void> {
  return settled(() => {
    mkdirSync(path, { recursive: true });
  });
}

/** `before` as for rename. */
export function rmdir(path: string, before?: () => void): Promise<void> {
  return settled(() => {
    before?.();
    rmdirSync(path);
  });
}

export function readdir(path: string): Promise<string[]> {
  return settled(() => readdirSync(path));
}

export function stat(path: string): Promise<BigIntStats> {
  return settled(() => statSync(path, { bigint: true }));
}

/** Throws where this process may not do to the file what `mode` says. */
export function access(path: string, mode: number): Promise<void> {
  return settled(() => {
    accessSync(path, mode);
  });
}

/** Null where nothing has this name; a link is looked at itself. */
export function lstatIfThere(path: string): Promise<BigIntStats | null> {
  return settled(() => lstatSync(path, { bigint: true, throwIfNoEntry: false }) ?? null);
}

/** A group of loads that has been committed is finished all at once, while the server waits for the next group's statements. */
const TURN_MS = 2;

let spentMs = 0;
let turnIsDue = false;
/** Calls for the turns to come, in their order. */
const waiting: (() => void)[] = [];

function settled<T>(call: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const make = (): void => {
      const startedMs = performance.now();
      try {
        resolve(call());
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
      spentMs += performance.now() - startedMs;
    };
    if (spentMs < TURN_MS) make();
    else waiting.push(make);
    if (!turnIsDue) setImmediate(takeTurn);
    turnIsDue = true;
  });
}

function takeTurn(): void {
  spentMs = 0;
  let made = 0;
  for (; made < waiting.length && spentMs < TURN_MS; made++) waiting[made]!();
  waiting.splice(0, made);
  turnIsDue = waiting.length > 0;
  if (turnIsDue) setImmediate(takeTurn);
}
