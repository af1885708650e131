import { refuseNewerState } from '../core/state-format.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { stateFolders } from '../daemon/processing-folder.ts';
import { listToRetry, retryFailed } from '../daemon/failed-files.ts';
import { type CommonOptions, DONE, openConfig, print, printFailure } from './command.ts';

export interface RetryOptions extends CommonOptions {
  all?: boolean;
}

/**
 * `csv-hopper retry <file...>|--all`: failed files, repaired or not, go back into the input folder, where the daemon or the
 * next ingest takes them. One that cannot be moved is told of, and does not keep the others; with --all neither does one that
 * would put its values over newer ones, which has to be named.
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
  await refuseNewerState(stateFolders(config));
  let code = DONE;
  const names = all ? await listToRetry(config.folders.failed) : files;
  for (const file of names) {
    try {
      const { name, overtakes } = await retryFailed(config, file, !all);
      print(name === file ? `${file}: back in the input folder` : `${file}: back as ${name}`);
      if (overtakes !== null)
        print(
          `  it comes after ${overtakes.file}, load ${overtakes.loadId}, loaded ${overtakes.time}, and its values over those`,
        );
    } catch (error) {
      code = Math.max(code, printFailure(error));
    }
  }
  if (names.length === 0) print('no failed files');
  return code;
}
