import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { durableRename, syncPath } from '../core/durable-file.ts';
import { exists } from '../core/exists.ts';
import type { LoadIdentity } from '../core/load.ts';
import { readPositions } from './refused-lists.ts';

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
  await syncPath(temporary);
  await durableRename(temporary, path);
}

/** How many rows of a load its table has refused. */
export async function countRefused(outputFolder: string, load: LoadName): Promise<number> {
  const path = refusedListPath(outputFolder, load);
  if (!(await exists(path))) return 0;
  let count = 0;
  for (const { position } of readPositions(path)) if (position >= 0) count++;
  return count;
}

/** Forgets which rows were refused; nothing happens where none were. */
export async function dropRefusedList(outputFolder: string, load: LoadName): Promise<void> {
  await rm(refusedListPath(outputFolder, load), { force: true });
}
