import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { systemCode } from '../core/environment-error.ts';
import { isTransientName } from '../intake/transient-name.ts';
import { processingFolder } from './processing-folder.ts';

export interface ClaimedFiles {
  /** Names of the claims' folders: those of loads that are identified have the load's id. */
  folders: string[];
  /** Names of their sources. */
  sources: string[];
}

/** What is under way, or was when csv-hopper was killed. */
export async function claimedFiles(config: Config): Promise<ClaimedFiles> {
  const found: ClaimedFiles = { folders: [], sources: [] };
  const processing = processingFolder(config);
  for (const entry of await orNone(readdir(processing, { withFileTypes: true }))) {
    if (!entry.isDirectory()) continue;
    found.folders.push(entry.name);
    const names = await orNone(readdir(join(processing, entry.name)));
    found.sources.push(...names.filter((name) => !isTransientName(name)));
  }
  return found;
}

/**
 * Names of the files of which a new version may be taking the place of the one before: it has the database's word and not yet that of
 * the receipts, so what they say of the former version does not hold.
 */
export function replacedBySources(
  { sources }: ClaimedFiles,
  config: Config,
): (load: { dataset: string; file: string }) => boolean {
  const replacing = new Set(
    config.datasets.flatMap(({ name, write }) => (write.mode === 'replace' ? [name] : [])),
  );
  const claimed = new Set(sources);
  return ({ dataset, file }) => replacing.has(dataset) && claimed.has(file);
}

async function orNone<Entry>(entries: Promise<Entry[]>): Promise<Entry[]> {
  try {
    return await entries;
  } catch (error) {
    // Nothing was ever claimed; or it has ended meanwhile.
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}
