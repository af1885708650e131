import { existsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** A folder on another file system than that of temporary files: in memory, or on the disk where those are in memory; or null. */
export const otherFileSystem =
  ['/dev/shm', '/var/tmp'].find(
    (folder) => existsSync(folder) && statSync(folder).dev !== statSync(tmpdir()).dev,
  ) ?? null;
