import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { durableRename } from '../core/durable-file.ts';
import { systemCode } from '../core/environment-error.ts';
import { exists } from '../core/exists.ts';
import type { LoadIdentity } from '../core/load.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { makeDurable } from './publish-parquet.ts';
import { readPositions } from './refused-places.ts';

type LoadName = Pick<LoadIdentity, 'dataset' | 'loadId'>;

/**
 * Where the rows of a load lie that its table has refused, beside its Parquet file. Durable before the others are committed: after a
 * crash, and when the load is brought back from the archive, the same rows are left out again, whatever the table would say
 * of them then. So what is in the lake, in the table and in the reject file stays the same.
 */
export function refusedListPath(outputFolder: string, { dataset, loadId }: LoadName): string {
  return join(outputFolder, dataset, `.${loadId}.refused.jsonl`);
}

/** Makes a list that is complete the one of the load, in the place of an earlier one. */
export async function keepRefusedList(temporary: string, path: string): Promise<void> {
  try {
    await makeDurable(temporary);
    await mkdir(dirname(path), { recursive: true });
    await durableRename(temporary, path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    // It has its name already, and whether that lasts is not known; or somebody has taken it away.
    throw new HopperError('conversion_lost', {
      message: `The list of the rows that the table refuses is not at ${temporary} any more.`,
      details: { temporary },
      cause: error,
    });
  }
}

/** How many rows of a load its table has refused. */
export async function countRefused(outputFolder: string, load: LoadName): Promise<number> {
  const path = refusedListPath(outputFolder, load);
  if (!(await exists(path))) return 0;
  let count = 0;
  for (const rows = readPositions(path); rows.next().done !== true;) count++;
  return count;
}

/** Forgets which rows were refused; nothing happens where none were. */
export async function dropRefusedList(outputFolder: string, load: LoadName): Promise<void> {
  await rm(refusedListPath(outputFolder, load), { force: true });
}
