import { join } from 'node:path';
import { exists } from '../core/exists.ts';
import type { ActiveFiles } from './active-files.ts';
import type { FailedFolder } from './failed-list.ts';
import type { LoadHistory } from './load-history.ts';
import type { FailedFile, UploadReceipt } from './page-data.ts';
import type { Upload, UploadBook } from './upload-book.ts';

const FAILED_MAX = 1000;

export interface OwnUploadsOptions {
  inputFolder: string;
  book: UploadBook;
  history: LoadHistory;
  active: ActiveFiles;
  failed: FailedFolder;
}

/** What has become of the last files that somebody has uploaded, the newest first. */
export async function ownUploads(
  by: string,
  max: number,
  options: OwnUploadsOptions,
): Promise<UploadReceipt[]> {
  const uploads = await options.book.last(by, max);
  if (uploads.length === 0) return [];
  const { files } = await options.failed.list(FAILED_MAX);
  return Promise.all(uploads.map((upload) => receiptOf(upload, files, options)));
}

async function receiptOf(
  { time, file, dataset, loadId, bytes }: Upload,
  failedFiles: readonly FailedFile[],
  { inputFolder, history, active }: OwnUploadsOptions,
): Promise<UploadReceipt> {
  const uploaded = { time, file, dataset, loadId, bytes };
  const nothing = { rowsAccepted: null, reason: null, failedName: null };
  const underWay = active.find(loadId) ?? active.named(file);
  if (underWay !== null) {
    const { parked } = underWay;
    const verdict = parked === null ? 'running' : 'parked';
    return { ...uploaded, ...nothing, verdict, reason: parked?.reason ?? null };
  }
  if (await exists(join(inputFolder, file))) return { ...uploaded, ...nothing, verdict: 'waiting' };
  // One that could not be read to its end has no load id.
  const failed = failedFiles.find(
    (one) => one.loadId === loadId || (one.file === file && (one.time ?? '') >= time),
  );
  const load = await history.find(loadId);
  const failure = { reason: failed?.reason ?? null, failedName: failed?.name ?? null };
  if (load === null) {
    const verdict = failed === undefined ? 'unknown' : 'failed';
    return { ...uploaded, ...nothing, ...failure, verdict };
  }
  const isRepetition = load.time < time && ['loaded', 'diverted'].includes(load.state);
  const verdict = isRepetition ? 'skipped' : load.state;
  return { ...uploaded, ...failure, verdict, rowsAccepted: load.rowsAccepted };
}
