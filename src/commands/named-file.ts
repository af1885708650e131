import { stat } from 'node:fs/promises';
import { systemCode } from '../core/environment-error.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { SourceState } from '../pipeline/conversion.ts';

/**
 * The state of a file that was named on the command line. Follows links, because it was named on purpose, but a FIFO would
 * be read for ever.
 * @throws HopperError source_unreadable
 */
export async function stateOfNamed(file: string): Promise<SourceState> {
  const stats = await stat(file, { bigint: true }).catch((error: unknown) => {
    const what = systemCode(error) === 'ENOENT' ? 'there is no such file' : systemCode(error);
    throw new HopperError('source_unreadable', {
      message: `It cannot be read: ${what ?? String(error)}.`,
      hint: 'Name a file that is there.',
      cause: error,
    });
  });
  if (stats.isFile()) return { bytes: Number(stats.size), mtimeNs: String(stats.mtimeNs) };
  throw new HopperError('source_unreadable', {
    message: `It is ${stats.isDirectory() ? 'a folder' : 'not a regular file'}.`,
    hint: 'Name a file.',
  });
}
