import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { HopperError } from '../errors/hopper-error.ts';
import { lstatIfThere, mkdir, readdir, rename, unlink } from '../core/brief-calls.ts';
import { exists } from '../core/exists.ts';
import { environmentError, systemCode } from '../core/environment-error.ts';
import { moveWithoutOverwriting } from '../core/move-file.ts';
import { markOf } from './observation.ts';
import { removeIfThere, SpareFolders } from './spare-folders.ts';
import { isTransientName } from './transient-name.ts';
import type { SettledFile } from './waiting-files.ts';

/** A source that is ours: it lies alone in a folder of its own under .processing, out of its senders' reach. */
export interface Claim {
  folder: string;
  /** Of the source. */
  path: string;
  /** Its base name, which it had in the input folder. */
  file: string;
}

/** Whether a claim's folder has the name of its load. */
export function isPromoted({ folder }: Pick<Claim, 'folder'>): boolean {
  return /^[0-9a-f]{32}$/.test(basename(folder));
}

/** Path of the folder for a new claim, which nothing has yet. */
export function newClaimFolder(processingFolder: string): string {
  return join(processingFolder, `claim-${randomBytes(8).toString('hex')}`);
}

/** Makes the folder for a new claim. Throws disk_full, folder_unusable or io_failed. */
export async function makeClaimFolder(processingFolder: string): Promise<string> {
  const folder = newClaimFolder(processingFolder);
  try {
    await mkdir(folder);
  } catch (error) {
    throw environmentError(error, `The folder ${folder} cannot be made`, 'io_failed', { folder });
  }
  return folder;
}

/**
 * Takes a settled file out of the input folder by a rename. 'gone': it is no longer there. 'changed': something about
 * it is not as it was when it settled, and it is still, or again, in the input folder. Throws usage_invalid for a name that
 * a claim's transient files have, and environment errors; the file is in the input folder then, except in the case that
 * source_changed tells of. Nothing is fsynced: a power cut
 * leaves the file in one of both folders, and either is a place to start from.
 */
export async function claimFile(
  inputFolder: string,
  processingFolder: string,
  settled: SettledFile,
  spareFolders = new SpareFolders(),
): Promise<Claim | 'gone' | 'changed'> {
  const file = settled.name;
  const from = join(inputFolder, file);
  if (isTransientName(file)) {
    throw new HopperError('usage_invalid', {
      message: `${from} has a name that starts with a dot, as the files of csv-hopper itself do.`,
      hint: 'Give it another name.',
    });
  }
  // Most changes are seen here, before anything is moved.
  const verdict = await compare(from, settled);
  if (verdict !== 'same') return verdict;
  const folder = await spareFolders.take(processingFolder);
  const claim = { folder, path: join(folder, file), file };
  try {
    await rename(from, claim.path);
  } catch (error) {
    await removeIfThere(folder);
    // Or it is the claim's folder that is gone, with an input folder that was there before this one.
    if (systemCode(error) === 'ENOENT') return (await exists(from)) ? 'changed' : 'gone';
    const what = `The file ${file} cannot be moved to ${folder}`;
    throw environmentError(error, what, 'io_failed', { file });
  }
  if ((await compare(claim.path, settled)) === 'same') return claim;
  if (await giveBack(claim, inputFolder)) return 'changed';
  throw new HopperError('source_changed', {
    message: `${file} was replaced twice while it was taken: the newest is in the input folder, the one before in ${claim.path}.`,
    hint: 'The next start takes it from there.',
    details: { file, path: claim.path },
  });
}

/**
 * Gives a claim's folder the name of its load. 'busy': there is a folder of that name, so the same load is already under
 * way, and the claim stays as it is.
 */
export async function promoteClaim(claim: Claim, loadId: string): Promise<Claim | 'busy'> {
  const folder = join(dirname(claim.folder), loadId);
  if (folder === claim.folder) return claim;
  try {
    // rename(2) would silently replace an empty folder, as one that is just being dropped.
    if (await exists(folder)) return 'busy';
    await rename(claim.folder, folder);
  } catch (error) {
    if (systemCode(error) === 'ENOTEMPTY' || systemCode(error) === 'EEXIST') return 'busy';
    const what = `The folder ${claim.folder} cannot be renamed to ${loadId}`;
    throw environmentError(error, what, 'io_failed', { file: claim.file });
  }
  return { folder, path: join(folder, claim.file), file: claim.file };
}

/**
 * Puts the source back into the input folder under its name and removes the claim. False, with nothing changed, when
 * that name is taken: it is never overwritten, because what is there is newer.
 */
export async function giveBack(claim: Claim, inputFolder: string): Promise<boolean> {
  const to = join(inputFolder, claim.file);
  // An empty folder with the name of a load stands for one that has ended.
  const folder = newClaimFolder(dirname(claim.folder));
  const nameless = { folder, path: join(folder, claim.file), file: claim.file };
  try {
    if (await exists(to)) return false;
    await rename(claim.folder, folder);
    if (!(await moveWithoutOverwriting(nameless.path, to))) {
      await rename(folder, claim.folder);
      return false;
    }
  } catch (error) {
    const what = `The file ${claim.path} cannot be put back into ${inputFolder}`;
    throw environmentError(error, what, 'io_failed', { file: claim.file });
  }
  await dropClaim(nameless);
  return true;
}

/**
 * Whether the source still lies in its claim: only we move it out, so where it does not, an earlier attempt has done so. Throws
 * where the claim's folder is gone as well, with the disk that it is on perhaps: then nothing is known of the source.
 */
export async function holdsSource({ folder, path, file }: Claim): Promise<boolean> {
  if (await exists(path)) return true;
  if (await exists(folder)) return false;
  throw new HopperError('folder_unusable', {
    message: `The folder ${folder} is gone, and ${file} with it.`,
    hint: 'Put the input folder back in its place, or mount it again; the file goes on then.',
    details: { file, folder },
  });
}

/**
 * Removes the claim's folder once its source has been moved out. Refuses, with an error, while it is still there. `before` is called
 * right before the folder goes; not where it is gone already.
 */
export async function dropClaim(
  claim: Pick<Claim, 'folder' | 'file'>,
  spareFolders = new SpareFolders(),
  before?: () => void,
): Promise<void> {
  try {
    const names = await readdir(claim.folder);
    if (!names.every(isTransientName)) {
      throw new HopperError('io_failed', {
        message: `The folder ${claim.folder} still holds its source and is kept.`,
        details: { file: claim.file },
      });
    }
    if (names.length === 0) {
      await spareFolders.giveBack(claim.folder, before);
      return;
    }
    // Its notes tell of the load whose name the folder has, so they go when it has not any more.
    const nameless = newClaimFolder(dirname(claim.folder));
    await rename(claim.folder, nameless, before);
    for (const name of names) await unlink(join(nameless, name));
    await spareFolders.giveBack(nameless);
  } catch (error) {
    if (error instanceof HopperError) throw error;
    // Removed before a crash, or by hand: the aim is reached.
    if (systemCode(error) === 'ENOENT') return;
    const what = `The folder ${claim.folder} cannot be removed`;
    throw environmentError(error, what, 'io_failed', { file: claim.file });
  }
}

async function compare(path: string, settled: SettledFile): Promise<'same' | 'changed' | 'gone'> {
  try {
    const stats = await lstatIfThere(path);
    if (stats === null) return 'gone';
    const mark = markOf(stats);
    const same =
      stats.isFile() &&
      mark.dev === settled.dev &&
      mark.ino === settled.ino &&
      mark.bytes === BigInt(settled.bytes) &&
      mark.mtimeNs === settled.mtimeNs;
    return same ? 'same' : 'changed';
  } catch (error) {
    const what = `The file ${path} cannot be looked at`;
    throw environmentError(error, what, 'io_failed', { file: settled.name });
  }
}
