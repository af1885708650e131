import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { systemCode } from '../core/environment-error.ts';
import { sourceOfRejects } from '../core/reject-name.ts';
import { datasetRoute } from '../intake/dataset-route.ts';
import { type FolderListing, listFolder, markFiles } from '../intake/folder-listing.ts';
import { readLock } from '../intake/folder-lock.ts';
import { compareNaturally } from '../intake/natural-order.ts';
import { PARKED_NOTE, isTransientName } from '../intake/transient-name.ts';
import { reportPath } from '../pipeline/report-files.ts';
import type { ParkedNote } from '../pipeline/patience.ts';
import { type Receipt, readReceipts, receiptsPath } from '../pipeline/receipt-book.ts';
import { type OverdueDataset, readOverdue } from './due-files.ts';
import { listFailed } from './failed-files.ts';
import { processingFolder } from './processing-folder.ts';

/** How many of the last loads are shown. */
const LAST_LOADS = 10;

const emptyListing: FolderListing = { files: [], ignored: [], entryCount: 0 };

/** What `status` shows, and prints as it is with --json. */
export interface Status {
  /** The process at work on the input folder; null where none runs. */
  daemon: { pid: number; startedAt: string } | null;
  /** In the input folder, not taken yet. */
  waiting: { file: string; bytes: number }[];
  /** Claimed and on their way. */
  running: { file: string; claim: string }[];
  /** Claimed, but waiting for something that is not their fault. */
  parked: ({ file: string; claim: string } & ParkedNote)[];
  /** In the failed folder, for people to repair. */
  failed: { file: string; reason: string | null }[];
  /** Datasets whose file is due and has not come. */
  overdue: OverdueDataset[];
  /** The newest first. */
  lastLoads: Receipt[];
}

/** Reads from the folders alone how things stand: needs neither the daemon nor a database. */
export async function readStatus(config: Config): Promise<Status> {
  const lock = await readLock(processingFolder(config));
  const claims = await readClaims(config);
  return {
    daemon: lock === null ? null : { pid: lock.pid, startedAt: lock.startedAt },
    waiting: await readWaiting(config),
    running: claims.flatMap(({ file, claim, note }) => (note === null ? { file, claim } : [])),
    parked: claims.flatMap(({ file, claim, note }) =>
      note === null ? [] : { file, claim, ...note },
    ),
    failed: await readFailed(config.folders.failed),
    overdue: await readOverdue(config),
    lastLoads: await readLastLoads(config),
  };
}

/** What the daemon would take, as it sees the folder itself. */
async function readWaiting(config: Config): Promise<Status['waiting']> {
  const { input } = config.folders;
  const route = datasetRoute(config.datasets);
  const { files } = await orNone(
    listFolder(input, (name) => route(name) !== null),
    emptyListing,
  );
  // A file that the daemon takes in this moment has no mark any more, and is no longer waiting.
  const marks = await markFiles(input, files);
  return [...marks]
    .map(([file, { bytes }]) => ({ file, bytes: Number(bytes) }))
    .sort((a, b) => compareNaturally(a.file, b.file));
}

async function readClaims(
  config: Config,
): Promise<{ file: string; claim: string; note: ParkedNote | null }[]> {
  const folder = processingFolder(config);
  const claims = [];
  for (const entry of await list(folder)) {
    if (!entry.isDirectory()) continue;
    const names = (await list(join(folder, entry.name))).map(({ name }) => name);
    const file = names.find((name) => !isTransientName(name));
    if (file === undefined) continue;
    const note = names.includes(PARKED_NOTE)
      ? await readJson<ParkedNote>(join(folder, entry.name, PARKED_NOTE))
      : null;
    claims.push({ file, claim: entry.name, note });
  }
  return claims.sort((a, b) => compareNaturally(a.file, b.file));
}

async function readFailed(folder: string): Promise<Status['failed']> {
  const failed: Status['failed'] = [];
  // One after the other: a thousand reports read at once would be a thousand open files.
  for (const file of await listFailed(folder)) {
    failed.push({ file, reason: await readReason(folder, file) });
  }
  return failed;
}

async function readReason(folder: string, file: string): Promise<string | null> {
  const own = await readJson<{ reason: string }>(reportPath(join(folder, file)));
  const source = sourceOfRejects(file);
  if (own !== null || source === null) return own?.reason ?? null;
  // The report beside a reject file is that on its source.
  const report = await readJson<{ reason: string; rejects?: string }>(
    reportPath(join(folder, source)),
  );
  return report?.rejects === file ? report.reason : null;
}

async function readLastLoads(config: Config): Promise<Receipt[]> {
  const last: Receipt[] = [];
  for (const { name } of config.datasets) {
    for await (const receipt of readReceipts(receiptsPath(config.folders.output, name))) {
      last.push(receipt);
      if (last.length > LAST_LOADS * 100) keepNewest(last);
    }
  }
  keepNewest(last);
  return last;
}

function keepNewest(receipts: Receipt[]): void {
  receipts.sort((a, b) => b.time.localeCompare(a.time));
  receipts.length = Math.min(receipts.length, LAST_LOADS);
}

function list(folder: string): Promise<Dirent[]> {
  return orNone(readdir(folder, { withFileTypes: true }), []);
}

/** `none` where a folder is missing, as before the first start or after a claim has ended. */
async function orNone<T>(reading: Promise<T>, none: T): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return none;
    throw error;
  }
}

/** Null where the file is gone or is just being written. */
async function readJson<T>(path: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}
