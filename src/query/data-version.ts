import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../core/environment-error.ts';
import { receiptsPath } from '../pipeline/receipt-book.ts';

/** File systems keep times in steps of some milliseconds; two changes in one step cannot be told apart, nor can a clock a bit behind. */
const SETTLED_MS = 1000;
/** Until then what is asked for by many at once is still found out once in such a time. */
const MOMENT_MS = 250;

/**
 * What is published of a dataset, as a word that is another one whenever a load was published, replaced or taken back: each of these
 * renames or removes a file in its folder, which gives the folder a new time, and adds a line to the journal of receipts. Just after a
 * change it is a word that holds for a moment only, because another change may follow at what is the same time to the disk.
 */
export async function dataVersion(outputFolder: string, dataset: string): Promise<string> {
  const seen: string[] = [];
  for (const path of [join(outputFolder, dataset), receiptsPath(outputFolder, dataset)]) {
    try {
      const { ino, size, mtimeNs, ctimeNs, mtimeMs } = await stat(path, { bigint: true });
      seen.push(`${ino} ${size} ${mtimeNs} ${ctimeNs}`);
      const nowMs = Date.now();
      if (Math.abs(nowMs - Number(mtimeMs)) < SETTLED_MS) {
        seen.push(`at ${Math.floor(nowMs / MOMENT_MS)}`);
      }
    } catch (error) {
      // Nothing was published yet; any other failure is for the query to tell.
      seen.push(systemCode(error) ?? 'unknown');
    }
  }
  return createHash('sha256').update(seen.join('\n')).digest('hex').slice(0, 16);
}
