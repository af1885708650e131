import { fitName } from './file-name.ts';

/** What the name of a reject file has behind that of its source. */
const REJECT_SUFFIX = '.rejects.csv';

/** Also as a browser or a file manager names a copy, or somebody who has repaired it. */
const rejectName = /^(?<source>.+)\.rejects(?:[\s\-_(].*)?\.csv$/is;

/** The name of the reject file of a source. */
export function rejectFileName(source: string): string {
  return fitName(source, REJECT_SUFFIX);
}

/** The name of the source that a reject file is of; null where the name is that of another file. */
export function sourceOfRejects(name: string): string | null {
  return rejectName.exec(name)?.groups?.['source'] ?? null;
}
