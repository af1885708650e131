import { readdir as readEntries } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HopperError } from '../errors/hopper-error.ts';
import { lstatIfThere, readdir, rmdir, unlink, unlinkIfThere } from '../core/brief-calls.ts';
import { type Claim, dropClaim, isPromoted } from './claim.ts';
import { environmentError, systemCode } from '../core/environment-error.ts';
import { compareNaturally } from './natural-order.ts';
import { ARCHIVE_NOTE, claimNotes, isTransientName, REPETITION_NOTE } from './transient-name.ts';

export interface EmptiedClaim {
  folder: string;
  loadId: string;
  /** Whether its source was a drop of a file that had been loaded before. */
  isRedrop: boolean;
}

/** What a former run left under .processing. */
export interface FormerClaims {
  /** Every folder with exactly one source, the oldest claim first. */
  claims: Claim[];
  /** Those whose source had been moved out when the run ended; their folders stay. */
  emptied: EmptiedClaim[];
}

/**
 * Finds what a former run left. Transient files are removed, but for notes on the claim, and folders that hold nothing else and have
 * not the name of a load. A source that was being given back, and is in the input folder as well, is left there alone. Call it only
 * under the folder's lock. Throws claim_unclear for a folder with several sources, because which of them is ours cannot be known.
 */
export async function listClaims(
  processingFolder: string,
  inputFolder: string,
): Promise<FormerClaims> {
  try {
    const found: { claim: Claim; claimedNs: bigint }[] = [];
    const emptied: EmptiedClaim[] = [];
    for (const folder of await foldersIn(processingFolder)) {
      const claim = await claimIn(folder);
      if (claim === null) continue;
      if ('isRedrop' in claim) {
        emptied.push(claim);
        continue;
      }
      // A rename sets the inode's time, so this is when it was claimed.
      const stats = await lstatIfThere(claim.path);
      if (stats === null) continue;
      const { ctimeNs, dev, ino } = stats;
      const waiting = await lstatIfThere(join(inputFolder, claim.file));
      if (waiting?.dev === dev && waiting.ino === ino) {
        await unlink(claim.path);
        await dropClaim(claim);
        continue;
      }
      found.push({ claim, claimedNs: ctimeNs });
    }
    found.sort((a, b) => {
      if (a.claimedNs !== b.claimedNs) return a.claimedNs < b.claimedNs ? -1 : 1;
      return compareNaturally(a.claim.file, b.claim.file);
    });
    return { claims: found.map(({ claim }) => claim), emptied };
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

async function claimIn(folder: string): Promise<Claim | EmptiedClaim | null> {
  const names = await readdir(folder);
  const sources = names.filter((name) => !isTransientName(name));
  const [file, ...others] = sources;
  // With that note it may be one whose source was still to come.
  const hasEnded = file === undefined && isPromoted({ folder }) && !names.includes(ARCHIVE_NOTE);
  for (const name of names.filter(isTransientName)) {
    if (!claimNotes.has(name) || (file === undefined && !hasEnded))
      await unlinkIfThere(join(folder, name));
  }
  if (file === undefined) {
    const isRedrop = names.includes(REPETITION_NOTE);
    if (hasEnded) return { folder, loadId: basename(folder), isRedrop };
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
