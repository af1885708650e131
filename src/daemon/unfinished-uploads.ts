// A file that somebody uploads has a hidden name in the folder of the claims until it is whole. What a killed run had not received to its
// end is nobody's file, and takes room.
import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const HIDDEN = /^\.upload-[0-9a-f]{16}\.tmp$/;

/** A new one in this folder. */
export function unfinishedUploadPath(folder: string): string {
  return join(folder, `.upload-${randomBytes(8).toString('hex')}.tmp`);
}

/** Removes those of former runs; call it before any is begun. Throws errors of the file system. */
export async function removeUnfinishedUploads(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (HIDDEN.test(name)) await rm(join(folder, name), { force: true });
  }
}
