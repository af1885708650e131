import { copyFile, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { durableRename, syncFolder } from './durable-file.ts';
import { systemCode } from './environment-error.ts';

/**
 * Moves a file, also to another file system: there it is complete and durable under its new name before the old one goes.
 * A file that has the new name is replaced.
 */
export async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (systemCode(error) !== 'EXDEV') throw error;
    const temporary = `${to}.tmp`;
    await copyFile(from, temporary);
    const handle = await open(temporary, 'r+');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    await durableRename(temporary, to);
    await unlink(from);
    return;
  }
  // Without this a power cut could bring the old name back, which costs a repetition but loses nothing; the new name is
  // what people are told of, so it is made to last.
  await syncFolder(dirname(to));
}
