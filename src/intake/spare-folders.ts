import { dirname } from 'node:path';
import { rename, rmdir } from '../core/brief-calls.ts';
import { systemCode } from '../core/environment-error.ts';
import { makeClaimFolder, newClaimFolder } from './claim.ts';

/**
 * Folders of claims that have ended, for claims to come. Before ext4 gives a new inode it looks at each one that was deleted in
 * the last minutes: after a few thousand files, with a folder made and removed for each, making one took 400 us instead of
 * 10. As many are kept as files are about to be claimed, so none is left at the end of a burst.
 */
export class SpareFolders {
  readonly #folders: string[] = [];
  /** How many files are about to be claimed. */
  wanted = 0;

  /** A folder for a new claim: empty, and with the name of no load. Throws disk_full, folder_unusable or io_failed. */
  async take(processingFolder: string): Promise<string> {
    return this.#folders.pop() ?? (await makeClaimFolder(processingFolder));
  }

  /** Keeps the folder of a claim, which is empty, or removes it. `before` is called right before its name is gone. */
  async giveBack(folder: string, before?: () => void): Promise<void> {
    if (this.#folders.length >= this.wanted) {
      await rmdir(folder, before);
      return;
    }
    const spare = newClaimFolder(dirname(folder));
    await rename(folder, spare, before);
    this.#folders.push(spare);
  }

  /** Removes those that nobody has taken. */
  async clear(): Promise<void> {
    this.wanted = 0;
    for (const folder of this.#folders.splice(0)) await removeIfThere(folder);
  }
}

/** Removes an empty folder, which may have gone away with the input folder. */
export async function removeIfThere(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}
