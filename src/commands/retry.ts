import { HopperError } from '../errors/hopper-error.ts';
import { listFailed, retryFailed } from '../daemon/failed-files.ts';
import { type CommonOptions, DONE, openConfig, print, printFailure } from './command.ts';

export interface RetryOptions extends CommonOptions {
  all?: boolean;
}

/**
 * `csv-hopper retry <file...>|--all`: failed files, repaired or not, go back into the input folder, where the daemon or the
 * next ingest takes them. One that cannot be moved is told of, and does not keep the others.
 */
export async function retry(files: string[], options: RetryOptions): Promise<number> {
  const config = openConfig(options);
  const all = options.all === true;
  if (all === files.length > 0) {
    throw new HopperError('usage_invalid', {
      message: 'retry takes the names of failed files, or --all.',
      hint: 'csv-hopper status lists the failed files.',
    });
  }
  let code = DONE;
  const names = all ? await listFailed(config.folders.failed) : files;
  for (const file of names) {
    try {
      const name = await retryFailed(config, file);
      print(name === file ? `${file}: back in the input folder` : `${file}: back as ${name}`);
    } catch (error) {
      code = Math.max(code, printFailure(error));
    }
  }
  if (names.length === 0) print('no failed files');
  return code;
}
