import { mkdir, open, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fullExtension } from '../core/container-name.ts';
import { rename } from '../core/brief-calls.ts';
import { syncFolder, syncPath } from '../core/durable-file.ts';
import { exists } from '../core/exists.ts';
import { fitName } from '../core/file-name.ts';
import { type LoadIdentity, shortLoadId } from '../core/load.ts';
import { systemCode } from '../core/environment-error.ts';
import { HopperError } from '../errors/hopper-error.ts';

/** Where the footer's metadata, and in it the load id, stands at the latest: this far from the end. */
const FOOTER_BYTES_MAX = 1 << 20;

/** What the name of a load's Parquet file is made from. */
type LoadName = Pick<LoadIdentity, 'dataset' | 'file' | 'loadId'>;

/** Folder of Parquet files that are being written, in the file system of those that are complete. */
export function writingFolder(outputFolder: string): string {
  return join(outputFolder, '.writing');
}

/**
 * Makes a complete Parquet file durable, gives it its final name and makes that durable. Publishing a load again replaces
 * the file by an equal one. Returns the path relative to the output folder. Throws conversion_lost where the file has to be
 * made again, ENOENT where it is gone.
 */
export async function publishParquet(
  temporary: string,
  outputFolder: string,
  identity: LoadIdentity,
): Promise<string> {
  const name = await parquetName(outputFolder, identity);
  const path = join(outputFolder, name);
  await makeDurable(temporary);
  try {
    await rename(temporary, path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true });
    await rename(temporary, path);
  }
  // Should a power cut bring the old name back, the next start removes it with the folder.
  await syncFolder(dirname(path));
  return name;
}

/**
 * Makes a complete Parquet file durable, but not visible: it is to take the place of others, and may do so only when its rows are
 * committed. Its name is one that no pattern for Parquet files matches. Returns the path that it gets from placeStaged, relative
 * to the output folder.
 */
export async function stageParquet(
  temporary: string,
  outputFolder: string,
  identity: LoadIdentity,
): Promise<string> {
  const staged = stagedPath(outputFolder, identity);
  await makeDurable(temporary);
  await mkdir(dirname(staged), { recursive: true });
  await rename(temporary, staged);
  await syncFolder(dirname(staged));
  return parquetName(outputFolder, identity);
}

/** Gives a staged Parquet file its final name, and returns the path; null where none is staged. */
export async function placeStaged(
  outputFolder: string,
  identity: LoadName,
): Promise<string | null> {
  const staged = stagedPath(outputFolder, identity);
  if (!(await exists(staged))) return null;
  const path = join(outputFolder, await parquetName(outputFolder, identity));
  await rename(staged, path);
  await syncFolder(dirname(path));
  return path;
}

/** Removes a staged Parquet file; nothing happens where there is none. */
export async function dropStaged(outputFolder: string, identity: LoadName): Promise<void> {
  await rm(stagedPath(outputFolder, identity), { force: true });
}

function stagedPath(outputFolder: string, { dataset, loadId }: LoadName): string {
  return join(outputFolder, dataset, `.${loadId}.parquet.staged`);
}

/**
 * Here and not in the worker, which goes on with the next file meanwhile: fsyncs that run side by side share commits of
 * the file system. 400 files of 15 KB: 0.25 ms each, where two threads that fsync what they have just written take 2 ms.
 */
export async function makeDurable(temporary: string): Promise<void> {
  try {
    await syncPath(temporary);
  } catch (error) {
    const code = systemCode(error) ?? String(error);
    // Not even opened: it may be in order.
    if (error instanceof Error && 'syscall' in error && error.syscall === 'open') throw error;
    // A second fsync may succeed though the data is lost.
    await rm(temporary, { force: true });
    throw new HopperError('conversion_lost', {
      message: `What was converted cannot be made durable: ${code}.`,
      details: { temporary, system: code },
      cause: error,
    });
  }
}

/** Takes a published Parquet file away again: the database refused its rows. */
export async function withdrawParquet(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path));
}

/** The same for a load of which only the identity is known, staged or published; nothing happens where it has no Parquet file. */
export async function withdrawLoad(outputFolder: string, identity: LoadName): Promise<void> {
  await dropStaged(outputFolder, identity);
  const path = join(outputFolder, await parquetName(outputFolder, identity));
  if ((await loadIdIn(path, identity.loadId)) === 'own') await withdrawParquet(path);
}

/** `<dataset>/<name>-<loadId8>.parquet`; with the whole load id where another load has the same eight digits. */
async function parquetName(outputFolder: string, identity: LoadName): Promise<string> {
  const { dataset, file, loadId } = identity;
  const short = join(dataset, fileName(file, shortLoadId(loadId)));
  const owner = await loadIdIn(join(outputFolder, short), loadId);
  return owner === 'other' ? join(dataset, fileName(file, loadId)) : short;
}

function fileName(file: string, id: string): string {
  return fitName(basename(file, fullExtension(file)), `-${id}.parquet`);
}

/** Whose Parquet file has this name: the load's own from before a crash, another's, or nobody's. */
async function loadIdIn(path: string, loadId: string): Promise<'none' | 'own' | 'other'> {
  if (!(await exists(path))) return 'none';
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, FOOTER_BYTES_MAX);
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.includes(loadId) ? 'own' : 'other';
  } finally {
    await handle.close();
  }
}
