import { lstat, open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemCode } from '../core/environment-error.ts';
import { fitName } from '../core/file-name.ts';

/** Both equally long, so that a name is cut at the same place for both. */
const REPORT_SUFFIX = '.report.json';
const PAGE_SUFFIX = '.report.html';

/** How many bytes of a failed file's name must stay free for those of its reports. */
export const SUFFIX_BYTES = REPORT_SUFFIX.length;

/** What every page begins with, by which it is told from a file of somebody else. */
export const PAGE_START =
  '<!doctype html>\n<!-- A report of csv-hopper on the file beside it. -->\n';

/** Where the report on a failed file lies: beside it, under its name, cut where that leaves no room. */
export function reportPath(path: string): string {
  return join(dirname(path), fitName(basename(path), REPORT_SUFFIX));
}

/** Where the same lies for people to read. */
export function pagePath(path: string): string {
  return join(dirname(path), fitName(basename(path), PAGE_SUFFIX));
}

/** Of the names in the failed folder those of the files that failed: all but reports, unless one has a report itself. */
export function withoutReports(names: readonly string[]): string[] {
  const all = new Set(names);
  return names.filter((name) => {
    const isReport = name.endsWith(REPORT_SUFFIX) || name.endsWith(PAGE_SUFFIX);
    // Of a name that has no room for the suffix it would be cut to that of another file's report, or to itself.
    return !isReport || all.has(`${name}${REPORT_SUFFIX}`);
  });
}

/** What lies where a page would: nothing, a page, or something else that must not be touched. */
export async function pageAt(path: string): Promise<'none' | 'page' | 'other'> {
  try {
    // A FIFO would be read for ever.
    if (!(await lstat(path)).isFile()) return 'other';
    const handle = await open(path, 'r');
    try {
      const expected = Buffer.from(PAGE_START);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(expected.length), 0);
      return buffer.subarray(0, bytesRead).equals(expected) ? 'page' : 'other';
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'none';
    throw error;
  }
}
