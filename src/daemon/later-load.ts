import type { Config } from '../config/config.ts';
import { datasetRoute } from '../intake/dataset-route.ts';
import { type Receipt, readReceipts, receiptsPath } from '../pipeline/receipt-book.ts';

/** A file that failed, or whose rows were diverted, as its report tells of it. */
export interface FailedBefore {
  /** Its own load, where some of its rows were loaded. */
  loadId: string | null;
  /** When: ISO 8601, UTC; empty where that is not known, and then nothing is later. */
  time: string;
}

/**
 * The last load since a file failed whose rows the file would change if it were dropped again: of the same name where that
 * replaces a version, any of the dataset where rows are written by key. Null where there is none, and where rows are added.
 * `name`: the file's in the input folder.
 */
export async function laterLoad(
  { datasets, folders }: Config,
  name: string,
  failed: FailedBefore,
): Promise<Receipt | null> {
  const dataset = datasetRoute(datasets)(name);
  if (dataset === null || dataset.write.mode === 'append' || failed.time === '') return null;
  const isReplacing = dataset.write.mode === 'replace';
  let later: Receipt | null = null;
  for await (const receipt of readReceipts(receiptsPath(folders.output, dataset.name))) {
    if (receipt.time <= failed.time || receipt.loadId === failed.loadId) continue;
    if (!isReplacing || receipt.file === name) later = receipt;
  }
  return later;
}
