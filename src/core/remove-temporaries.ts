import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isTemporary } from './file-name.ts';

/** Removes from a folder what a process that was killed was writing there. */
export async function removeTemporaries(folder: string): Promise<void> {
  const left = (await readdir(folder)).filter(isTemporary);
  for (const name of left) await rm(join(folder, name), { force: true });
}
