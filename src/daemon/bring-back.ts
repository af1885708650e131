import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Config, DatabaseConfig } from '../config/config.ts';
import { syncFolder } from '../core/durable-file.ts';
import { environmentError } from '../core/environment-error.ts';
import type { LoadIdentity } from '../core/load.ts';
import { moveFile } from '../core/move-file.ts';
import { refuseNewerState } from '../core/state-format.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { Claim } from '../intake/claim.ts';
import { noteFromArchive } from '../pipeline/archive-note.ts';
import { archivedPath } from '../pipeline/archived-path.ts';
import { processingFolder, stateFolders } from './processing-folder.ts';
import {
  type KnownLoad,
  knownLoad,
  type LoadDifference,
  loadDifferences,
} from './load-differences.ts';
import { readTraces } from './load-traces.ts';

/** All differences between receipts, ledger, tables and Parquet files, and how many loads were compared. */
export async function findDifferences(
  config: Config,
): Promise<{ loads: number; differences: LoadDifference[] }> {
  await refuseNewerState(stateFolders(config));
  const traces = await readTraces(config);
  const { archive } = config.folders;
  const hasSource = (load: LoadIdentity): boolean =>
    archive !== null && existsSync(archivedPath(archive, load));
  return { loads: traces.loads.length, differences: loadDifferences(traces, hasSource) };
}

/**
 * Claims the archived source of a load, as if an earlier run had done so: under the load's id and the name that the file came
 * with, and with a note that says where it is from. A crash from here on leaves a claim, with which the next start goes on. Throws source_unreadable where the archive
 * does not have the bytes that were loaded.
 */
export async function claimArchived(load: LoadIdentity, config: Config): Promise<Claim> {
  const { file, loadId, sha256 } = load;
  const { archive } = config.folders;
  // The ledger is another machine's word: it must not name a place outside of our folders.
  const isPlain =
    basename(file) === file && config.datasets.some(({ name }) => name === load.dataset);
  if (!isPlain) throw unusable(`${file} is no file of a dataset.`, file);
  const source = archive === null ? null : archivedPath(archive, load);
  if (source === null || !existsSync(source)) {
    throw unusable(`The source of ${file}, load ${loadId}, is not in the archive.`, file);
  }
  const folder = join(processingFolder(config), loadId);
  const claim = { folder, path: join(folder, file), file };
  try {
    if ((await hashOf(source)) !== sha256) {
      throw unusable(`${source} is not as it was when it was loaded.`, file);
    }
    // A drop of the file that waits for the next run: what it holds may be newer than its claim's name.
    if (existsSync(claim.path)) {
      throw unusable(`${file}, load ${loadId}, is still under way.`, file, NEXT_RUN);
    }
    await mkdir(folder, { recursive: true });
    await noteFromArchive(claim);
    await moveFile(source, claim.path);
    await syncFolder(processingFolder(config));
  } catch (error) {
    if (error instanceof HopperError) throw error;
    throw environmentError(error, `${source} cannot be moved to ${folder}`, 'io_failed', { file });
  }
  return claim;
}

/** Enters those loads in the ledger again that only it has lost; their number. */
export async function enterInLedger(
  differences: readonly LoadDifference[],
  database: DatabaseConfig | null,
): Promise<number> {
  const byTable = new Map<string, KnownLoad[]>();
  for (const { remedy, load } of differences) {
    const known = knownLoad(load);
    if (remedy !== 'ledger_row' || known === null || load.table === null) continue;
    byTable.set(load.table, [...(byTable.get(load.table) ?? []), known]);
  }
  if (database === null || byTable.size === 0) return 0;
  const { enterLedgerRows } = await import('../load/enter-ledger-rows.ts');
  let entered = 0;
  for (const [table, loads] of byTable) {
    await enterLedgerRows(database, table, loads);
    entered += loads.length;
  }
  return entered;
}

const NEXT_RUN = 'Let csv-hopper ingest, or start, bring it to its end first.';

function unusable(
  message: string,
  file: string,
  hint = 'Get the file from its sender or a backup, and drop it again under its own name.',
): HopperError {
  return new HopperError('source_unreadable', { message, hint, details: { file } });
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
