import { rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CONTROL_FILE, DECODED_FILE, SCRATCH_FILE } from '../intake/transient-name.ts';
import type { Dataset } from '../schema/dataset.ts';
import type { Passage, PipelineContext } from './passage.ts';
import { writingFolder } from './publish-parquet.ts';
import { stateOfFile } from './source-state.ts';

/** As much as the threads have under way of a larger file. */
const BYTES_MAX = 16 << 20;

/**
 * Whether the lone process lives through a file of this dataset, as large as the claimed one, without any value. Where it does not, the machine lacks
 * something, such as memory, and a death under another file proves nothing. Inside `alone` of the lone process.
 */
export async function survivesControl(
  { claim, dataset }: Passage,
  { config, loneProcess }: PipelineContext,
): Promise<boolean> {
  const source = join(claim.folder, CONTROL_FILE);
  const name = `${basename(claim.folder)}.control.parquet.tmp`;
  const parquet = join(writingFolder(config.folders.output), name);
  const scratch = join(claim.folder, SCRATCH_FILE);
  const decoded = join(claim.folder, DECODED_FILE);
  try {
    const { bytes } = await stateOfFile(claim.path);
    await writeFile(source, contentFor(dataset, Math.min(bytes, BYTES_MAX)));
    await loneProcess.identify(source);
    await loneProcess.convert(
      {
        source,
        expected: await stateOfFile(source),
        dataset: dataset.name,
        outputs: { parquet, loadFile: null, scratch, decoded, metadata: {} },
      },
      () => undefined,
    );
    return true;
  } catch {
    // Whatever it was, it was not the file on trial.
    return false;
  } finally {
    await rm(source, { force: true });
    await rm(parquet, { force: true });
  }
}

function contentFor(dataset: Dataset, bytes: number): string {
  const header = dataset.columns.map(({ name }) => name).join(',');
  const row = `${','.repeat(dataset.columns.length - 1)}\n`;
  return `${header}\n${row.repeat(Math.ceil(bytes / row.length))}`;
}
