import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Names of the conversion log; `extension` is 'jsonl' or 'txt'. */
export type LogExtension = 'jsonl' | 'txt';

const BASE = 'conversion_log';

/** Path of the log that is written now. */
export function logFile(folder: string, extension: LogExtension): string {
  return join(folder, `${BASE}.${extension}`);
}

/**
 * Path that a log gets when it is rotated. Names sort in the order of rotation, also where the clock stands still or was
 * set back: the oldest are removed by it.
 */
export function nextRotatedFile(folder: string, extension: LogExtension, now: Date): string {
  const newest = rotatedFiles(folder, extension).at(-1);
  const after = newest === undefined ? 0 : timeOf(newest) + 1;
  const time = new Date(Math.max(now.getTime(), after));
  const stamp = time.toISOString().replaceAll(/[-:]/g, '');
  return join(folder, `${BASE}-${stamp}.${extension}`);
}

/** Paths of the rotated logs, oldest first. */
export function rotatedFiles(folder: string, extension: LogExtension): string[] {
  const name = new RegExp(`^${BASE}-\\d{8}T\\d{6}\\.\\d{3}Z\\.${extension}$`);
  return readdirSync(folder)
    .filter((file) => name.test(file))
    .sort()
    .map((file) => join(folder, file));
}

function timeOf(path: string): number {
  const stamp = /-(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\d\.\d{3}Z)\.\w+$/.exec(path);
  const [, year, month, dayHour, minute, second] = stamp ?? [];
  const time = Date.parse(
    `${year ?? ''}-${month ?? ''}-${dayHour ?? ''}:${minute ?? ''}:${second ?? ''}`,
  );
  // A name with digits that are no date, which somebody else has made.
  return Number.isNaN(time) ? 0 : time;
}
