import { constants, openSync } from 'node:fs';

const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;

/**
 * Creates, or empties, a file with rows that nobody but this process is to read, and opens it for writing. A link that somebody
 * has laid in its place is an error, ELOOP, and what it leads to is not touched. Synchronous; the caller closes.
 */
export function createWorkFile(path: string): number {
  return openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
}
