import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { Config } from '../config/config.ts';
import { shortLoadId } from '../core/load.ts';
import { refuseNewerState } from '../core/state-format.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { archivedPath } from '../pipeline/archived-path.ts';
import { profilesPath, readProfiles } from '../pipeline/profile-book.ts';
import { type Receipt, readReceipts, receiptsPath } from '../pipeline/receipt-book.ts';
import type { LoadProfile } from '../profile/load-profile.ts';
import { unpackProfile } from '../profile/packed-profile.ts';
import { redactProfile } from '../profile/stored-profile.ts';
import { datasetFor, describe } from './check-files.ts';
import { type CommonOptions, DONE, FILE_FAILED, openConfig, print } from './command.ts';
import { dryRun } from './dry-run.ts';
import { showProgress } from './progress-line.ts';
import { renderProfile } from './render-profile.ts';

export interface ProfileOptions extends CommonOptions {
  json?: boolean;
}

/** A profile, and of what. */
interface Found {
  title: string;
  dataset: string;
  loadId: string | null;
  profile: LoadProfile;
  warnings: readonly string[];
}

/** `csv-hopper profile <loadId|file>`: what is in the columns of a load, or of a file that is none. */
export async function profile(what: string, options: ProfileOptions): Promise<number> {
  const config = openConfig(options);
  const found =
    /^[0-9a-f]{8,32}$/.test(what) && !existsSync(what)
      ? await profileOfLoad(what, config)
      : await profileOfFile(what, datasetFor(what, config).name, config);
  if (found === null) return FILE_FAILED;
  const { title, dataset, loadId, profile: shown, warnings } = found;
  if (options.json === true) {
    print(...JSON.stringify({ dataset, loadId, warnings, ...shown }, null, 2).split('\n'));
  } else {
    print(`${title}, dataset ${dataset}`, ...renderProfile(shown));
    if (warnings.length > 0) print('', 'Not as expected:', ...warnings.map((line) => `  ${line}`));
  }
  return DONE;
}

/** The one that was kept; else it is made from the archived source. */
async function profileOfLoad(id: string, config: Config): Promise<Found | null> {
  await refuseNewerState([config.folders.output]);
  for (const { name } of config.datasets) {
    let found: Found | null = null;
    for await (const stored of readProfiles(profilesPath(config.folders.output, name))) {
      if (!stored.loadId.startsWith(id)) continue;
      const { loadId, dataset, file, warnings, rows, columns } = stored;
      const title = `${file}, load ${shortLoadId(loadId)}`;
      found = { title, dataset, loadId, profile: { rows, columns }, warnings };
    }
    if (found !== null) return found;
  }
  const receipt = await findReceipt(id, config);
  const { archive } = config.folders;
  const source = archive === null ? null : archivedPath(archive, receipt);
  if (source === null || !existsSync(source)) {
    throw new HopperError('usage_invalid', {
      message: `No profile was kept of load ${id}, and its source is not in the archive.`,
      hint: 'Give the dataset profile: true, and each load from then on has one.',
    });
  }
  const made = await profileOfFile(source, receipt.dataset, config);
  const title = `${receipt.file}, load ${shortLoadId(receipt.loadId)}, from the archive`;
  return made === null ? null : { ...made, title, loadId: receipt.loadId };
}

async function findReceipt(id: string, config: Config): Promise<Receipt> {
  for (const { name } of config.datasets) {
    for await (const receipt of readReceipts(receiptsPath(config.folders.output, name))) {
      if (receipt.loadId.startsWith(id)) return receipt;
    }
  }
  throw new HopperError('usage_invalid', {
    message: `There is no file and no load ${id}.`,
    hint: 'csv-hopper status shows the last loads, and the conversion log has the id of each.',
  });
}

/** Reads a file as `check` does; null where it does not meet its schema, which is told. */
async function profileOfFile(file: string, dataset: string, config: Config): Promise<Found | null> {
  const progress = showProgress((seconds) => `reading ${file}, ${seconds} s`);
  const request = { bounds: {}, categories: [] };
  const result = await dryRun(config, (convert) => convert(file, dataset, request)).finally(
    progress.end,
  );
  if (result.profile === undefined) {
    const [first = '', ...more] = describe(dataset, result).lines;
    print(`FAILED  ${file}: ${first}`, ...more.map((line) => `        ${line}`));
    return null;
  }
  const made = unpackProfile(result.profile);
  const shown = config.report.values === 'redacted' ? redactProfile(made) : made;
  return { title: basename(file), dataset, loadId: null, profile: shown, warnings: [] };
}
