import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { systemCode } from '../core/environment-error.ts';
import { identityOf, isRunning, type ProcessIdentity } from './process-identity.ts';

const MARK = 'helper.json';
const LOOK_EVERY_MS = 10;

/** Notes which process works in the claims besides the one that has the lock. */
export async function markProcess(processingFolder: string, pid: number): Promise<void> {
  await writeFile(join(processingFolder, MARK), JSON.stringify(await identityOf(pid)));
}

/** It has ended. */
export async function unmarkProcess(processingFolder: string): Promise<void> {
  await rm(join(processingFolder, MARK), { force: true });
}

/**
 * Sees to it that the helper of a former run is gone. It ends by itself when that run does; where the machine is so busy
 * that it has not noticed yet, it would write into claims that are worked on anew. Call it only under the folder's lock.
 */
export async function endFormerHelper(processingFolder: string): Promise<void> {
  const helper = await readMark(join(processingFolder, MARK));
  if (helper?.startTicks != null) {
    while (await isRunning(helper)) {
      process.kill(helper.pid, 'SIGKILL');
      await delay(LOOK_EVERY_MS);
    }
  }
  await unmarkProcess(processingFolder);
}

async function readMark(path: string): Promise<ProcessIdentity | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ProcessIdentity;
  } catch (error) {
    // Torn: by a power cut, which no process survives, or before the helper was given any work.
    if (error instanceof SyntaxError || systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}
