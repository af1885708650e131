import { checkFiles } from './check-files.ts';
import { checkInstallation } from './check-installation.ts';
import { type CommonOptions, openConfig } from './command.ts';

/**
 * `csv-hopper check [file...]`: without files, whether configuration, schemas, folders and database are fit for work;
 * with files, the verdict that the daemon would give on each. Writes nothing.
 */
export async function check(files: string[], options: CommonOptions): Promise<number> {
  const config = openConfig(options);
  return files.length === 0 ? checkInstallation(config) : checkFiles(config, files);
}
