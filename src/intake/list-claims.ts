import { readdir as readEntries } from 'node:fs/promises';
import { join } from 'node:path';
import { HopperError } from '../errors/hopper-error.ts';
import { lstatIfThere, readdir, rmdir, unlink, unlinkIfThere } from '../core/brief-calls.ts';
import type { Claim } from './claim.ts';
import { environmentError, systemCode } from '../core/environment-error.ts';
import { compareNaturally } from './natural-order.ts';
import { claimNotes, isTransientName } from './transient-name.ts';

/**
 * What a former run left under .processing: every folder with exactly one source, the oldest claim first. Transient
 * files are removed, but for notes on the claim, and folders that hold nothing else. A source that was being given back, and is
 * in the input folder as well, is left there alone. Call it only under the folder's lock. Throws claim_unclear for a folder with
 * several sources, because which of them is ours cannot be known.
 */
export async function listClaims(processingFolder: string, inputFolder: string): Promise<Claim[]> {
  try {
    const found: { claim: Claim; claimedNs: bigint }[] = [];
    for (const folder of await foldersIn(processingFolder)) {
      const claim = await claimIn(folder);
      if (claim === null) continue;
      // A rename sets the inode's time, so this is when it was claimed.
      const stats = await lstatIfThere(claim.path);
      if (stats === null) continue;
      const { ctimeNs, dev, ino } = stats;
      const waiting = await lstatIfThere(join(inputFolder, claim.file));
      if (waiting?.dev === dev && waiting.ino === ino) {
        await unlink(claim.path);
        await claimIn(folder);
        continue;
      }
      found.push({ claim, claimedNs: ctimeNs });
    }
    found.sort((a, b) => {
      if (a.claimedNs !== b.claimedNs) return a.claimedNs < b.claimedNs ? -1 : 1;
      return compareNaturally(a.claim.file, b.claim.file);
    });
    return found.map(({ claim }) => claim);
  } catch (error) {
    if (error instanceof HopperError) throw error;
    const what = `The folder ${processingFolder} cannot be gone through`;
    throw environmentError(error, what, 'io_failed', { folder: processingFolder });
  }
}

async function foldersIn(processingFolder: string): Promise<string[]> {
  try {
    const entries = await readEntries(processingFolder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(processingFolder, entry.name));
  } catch (error) {
    // Nothing was ever claimed.
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

async function claimIn(folder: string): Promise<Claim | null> {
  const names = await readdir(folder);
  const sources = names.filter((name) => !isTransientName(name));
  const [file, ...others] = sources;
  for (const name of names.filter(isTransientName)) {
    if (!claimNotes.has(name) || file === undefined) await unlinkIfThere(join(folder, name));
  }
  if (file === undefined) {
    await rmdir(folder);
    return null;
  }
  if (others.length > 0) {
    throw new HopperError('claim_unclear', {
      message: `The folder ${folder} holds more than one source: ${sources.join(', ')}.`,
      details: { folder },
    });
  }
  return { folder, path: join(folder, file), file };
}
