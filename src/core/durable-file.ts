import { closeSync, fsync, openSync, writeFile, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { rename } from './brief-calls.ts';
import { temporaryBeside } from './file-name.ts';

const fsyncDescriptor = promisify(fsync);
const writeToDescriptor = promisify(writeFile);

/**
 * Content of up to this size is written in the calling thread, as brief-calls.ts does with names: of five trips through Node's thread
 * pool for each receipt in a burst, only that of the fsync is left.
 */
const BRIEF_BYTES = 1 << 16;

/**
 * How long a folder is left alone after an fsync during which others were asked for: files of a burst come every few
 * milliseconds, and without the pause each would have a turn of its own.
 */
const SYNC_PAUSE_MS = 20;

/**
 * Renames so that a power cut leaves either the old or the new name: the caller has fsynced the file, and the folders of
 * both names are fsynced here.
 */
export async function durableRename(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
  if (dirname(from) !== dirname(to)) await syncFolder(dirname(from));
}

/** Writes a whole file under its final name at once: temp name in the same folder, fsync, rename, fsync of the folder. */
export async function writeFileDurably(
  path: string,
  content: string | Uint8Array,
  mode = 0o666,
): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    const descriptor = openSync(temporary, 'wx', mode);
    try {
      if (content.length <= BRIEF_BYTES) writeFileSync(descriptor, content);
      else await writeToDescriptor(descriptor, content);
      await fsyncDescriptor(descriptor);
    } finally {
      closeSync(descriptor);
    }
    await durableRename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Makes a file's content durable, or a folder's names. After an error nobody knows what is on the disk: write the file
 * anew.
 */
export async function syncPath(path: string): Promise<void> {
  const descriptor = openSync(path, 'r');
  try {
    await fsyncDescriptor(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

const waiting = new Map<string, Promise<void>>();
const running = new Map<string, Promise<void>>();

/**
 * Makes the names in a folder durable. Calls that come while one runs share the next, which pauses before it begins:
 * hundreds of files published at the same time cost a few fsyncs instead of one each, and a single one does not wait.
 */
export function syncFolder(folder: string): Promise<void> {
  const next = waiting.get(folder);
  if (next !== undefined) return next;
  const pause = (): Promise<void> => delay(SYNC_PAUSE_MS);
  const before = running.get(folder)?.then(pause, pause) ?? Promise.resolve();
  const turn = before.then(() => syncFolderNow(folder));
  waiting.set(folder, turn);
  return turn;
}

async function syncFolderNow(folder: string): Promise<void> {
  const turn = waiting.get(folder);
  waiting.delete(folder);
  if (turn !== undefined) running.set(folder, turn);
  try {
    await syncPath(folder);
  } finally {
    if (running.get(folder) === turn) running.delete(folder);
  }
}
