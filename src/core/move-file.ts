import { copyFile, link, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { rename, unlink } from './brief-calls.ts';
import { durableRename, syncFolder } from './durable-file.ts';
import { systemCode } from './environment-error.ts';
import { exists } from './exists.ts';
import { temporaryBeside } from './file-name.ts';

/**
 * Moves a file, also to another file system: there it is complete and durable under its new name before the old one goes.
 * A file that has the new name is replaced.
 */
export async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
    // Between two links of one file a rename does nothing at all.
    if (await exists(from)) await unlink(from);
  } catch (error) {
    if (systemCode(error) !== 'EXDEV') throw error;
    await copyDurably(from, to);
    await unlink(from);
    return;
  }
  // Without this a power cut could bring the old name back, which costs a repetition but loses nothing; the new name is
  // what people are told of, so it is made to last.
  await syncFolder(dirname(to));
}

/**
 * Moves a file to a name that nothing has. False, with nothing changed, where that name is taken. To another file system
 * as moveFile does. Nothing is fsynced within one.
 */
export async function moveWithoutOverwriting(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST') return false;
    if (code !== 'EXDEV' && !hasNoLink(code)) throw error;
    // The window between these two calls is the best that is left without links: Node has no rename that refuses.
    if (await exists(to)) return false;
    if (code === 'EXDEV') await copyDurably(from, to);
    else {
      await rename(from, to);
      return true;
    }
  }
  await unlink(from);
  return true;
}

/** No hard links on FAT and some network mounts; EPERM also for another user's file under fs.protected_hardlinks. */
function hasNoLink(code: string | undefined): boolean {
  return (
    code !== undefined && ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code)
  );
}

async function copyDurably(from: string, to: string): Promise<void> {
  const temporary = temporaryBeside(to);
  try {
    await copyFile(from, temporary);
    const handle = await open(temporary, 'r+');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    await durableRename(temporary, to);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
