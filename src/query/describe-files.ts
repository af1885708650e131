import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { listParquetFiles } from './dataset-view.ts';

/** How many Parquet files a dataset has, and of what size. Throws a HopperError folder_unusable. */
export async function describeFiles(
  outputFolder: string,
  dataset: string,
): Promise<{ files: number; bytes: number }> {
  const files = await listParquetFiles(join(outputFolder, dataset));
  // One may be withdrawn meanwhile.
  const sizes = await Promise.allSettled(files.map(async (file) => (await stat(file)).size));
  const bytes = sizes.reduce((sum, one) => sum + (one.status === 'fulfilled' ? one.value : 0), 0);
  return { files: files.length, bytes };
}
