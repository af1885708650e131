import { HopperError } from '../errors/hopper-error.ts';
import { checkFiles } from './check-files.ts';
import { checkInstallation } from './check-installation.ts';
import { type CommonOptions, openConfig } from './command.ts';

export interface CheckOptions extends CommonOptions {
  ledger?: boolean;
}

/**
 * `csv-hopper check [file...]`: without files, whether configuration, schemas, folders and database are fit for work;
 * with files, the verdict that the daemon would give on each; with --ledger, whether the database, the receipts and the Parquet
 * files tell the same of every load. Writes nothing.
 */
export async function check(files: string[], options: CheckOptions): Promise<number> {
  const config = openConfig(options);
  if (options.ledger === true) {
    if (files.length === 0) return (await import('./check-ledger.ts')).checkLedger(config);
    throw new HopperError('usage_invalid', {
      message: 'check --ledger takes no files.',
      hint: 'Leave out the files, or --ledger.',
    });
  }
  return files.length === 0 ? checkInstallation(config) : checkFiles(config, files);
}
