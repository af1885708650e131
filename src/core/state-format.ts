import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HopperError } from '../errors/hopper-error.ts';
import { systemCode } from './environment-error.ts';
import { version } from './version.ts';

// What a run leaves for later ones (journals beside the Parquet files, claims and notes under .processing, the ledger) is read by versions to
// come, and after a step back by former ones. What a former one does not know it would pass over, and take a load for one that
// stands, or a file for one that is whole. So a version that changes the meaning of any of it has to leave a mark with a higher number
// before it writes anything: a file in each of the two folders, the comment of the ledger's table. Without a mark it is format 1.

/** The highest that this version reads rightly. */
const FORMAT = 1;

/** Such as `{ "format": 2, "version": "0.3.0" }`. */
const MARK = '.format.json';

/** Throws state_newer where one of the folders has the state of a newer version. Call it before anything of it is read or changed. */
export async function refuseNewerState(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const mark = await readMark(join(folder, MARK));
    if (mark !== null) refuseNewer(`The folder ${folder}`, mark.format, mark.version);
  }
}

/** The same for the ledger, by the comment of its table; any other comment is somebody's own. */
export function refuseNewerLedger(table: string, comment: string): void {
  const [, format] = /^csv-hopper format (\d{1,9})$/.exec(comment) ?? [];
  if (format !== undefined) refuseNewer(`The ledger ${table}`, Number(format), null);
}

/** `format`: null for a mark that says nothing that this version understands. */
function refuseNewer(what: string, format: number | null, by: string | null): void {
  if (format !== null && format <= FORMAT) return;
  const writer = by === null ? 'a newer csv-hopper' : `csv-hopper ${by}`;
  throw new HopperError('state_newer', {
    message: `${what} was written by ${writer} in format ${format ?? 'unknown'}; this one, ${version}, reads up to ${FORMAT}.`,
  });
}

async function readMark(
  path: string,
): Promise<{ format: number | null; version: string | null } | null> {
  try {
    const mark = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown> | null;
    return {
      format: typeof mark?.['format'] === 'number' ? mark['format'] : null,
      version: typeof mark?.['version'] === 'string' ? mark['version'] : null,
    };
  } catch (error) {
    if (error instanceof SyntaxError) return { format: null, version: null };
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
