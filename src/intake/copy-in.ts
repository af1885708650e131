import { copyFile, open, rm, stat } from 'node:fs/promises';
import { constants, type BigIntStats } from 'node:fs';
import { basename, join } from 'node:path';
import { durableRename, syncFolder } from '../core/durable-file.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { makeClaimFolder, type Claim } from './claim.ts';
import { environmentError, systemCode } from '../core/environment-error.ts';
import { markOf, sameMark } from './observation.ts';
import { isTransientName } from './transient-name.ts';

/**
 * Copies a file from elsewhere into a claim of its own; the original stays. The copy gets the source's name only when it
 * is whole and on the disk, so a torn one is never taken for a source. Throws source_unreadable, source_changed when the
 * original was written to meanwhile, and environment errors; nothing is left behind then.
 */
export async function copyIn(path: string, processingFolder: string): Promise<Claim> {
  const file = basename(path);
  if (isTransientName(file)) {
    throw new HopperError('usage_invalid', {
      message: `${path} has a name that starts with a dot, as the files of csv-hopper itself do.`,
      hint: 'Give it another name.',
    });
  }
  const before = await statSource(path);
  const folder = await makeClaimFolder(processingFolder);
  const claim = { folder, path: join(folder, file), file };
  try {
    const temporary = join(folder, '.copying');
    await copyFile(path, temporary, constants.COPYFILE_FICLONE);
    await sync(temporary);
    if (!sameMark(markOf(before), markOf(await statSource(path)))) {
      throw new HopperError('source_changed', {
        message: `${path} was changed while it was copied.`,
        hint: 'Try again when it is complete.',
        details: { file },
      });
    }
    await durableRename(temporary, claim.path);
    await syncFolder(processingFolder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if (error instanceof HopperError) throw error;
    throw environmentError(error, `${path} cannot be copied to ${folder}`, 'io_failed', { file });
  }
  return claim;
}

/** Follows links, because the file was named on purpose, but takes regular files only: a FIFO would block for ever. */
async function statSource(path: string): Promise<BigIntStats> {
  let stats: BigIntStats;
  try {
    stats = await stat(path, { bigint: true });
  } catch (cause) {
    throw new HopperError('source_unreadable', {
      message: `${path} cannot be read: ${systemCode(cause) ?? String(cause)}.`,
      details: { file: basename(path) },
      cause,
    });
  }
  if (stats.isFile()) return stats;
  throw new HopperError('source_unreadable', {
    message: `${path} is not a regular file.`,
    hint: 'Name a file.',
    details: { file: basename(path) },
  });
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
