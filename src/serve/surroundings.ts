import { statfs } from 'node:fs/promises';
import type { Config } from '../config/config.ts';
import { listFailed } from '../daemon/failed-files.ts';
import type { ErrorCode } from '../errors/catalogue.ts';
import { Sampled } from './sampled.ts';

const FRESH_MS = 10_000;
/** A database that takes longer to let somebody in, and greet them, is as good as away. */
const PING_MS = 5000;

export interface DiskSpace {
  folder: 'input' | 'output' | 'logs';
  freeBytes: number;
  sizeBytes: number;
}

/** What csv-hopper depends on and does not know by itself: asked for when somebody wants to know, and not more often than that. */
export class Surroundings {
  /** Why the database cannot be used, `up` where it can; null where none is configured. */
  readonly database: Sampled<ErrorCode | 'up'> | null;
  readonly disks: Sampled<DiskSpace[]>;
  /** How many files lie in the failed folder, for people to repair. */
  readonly failedFiles: Sampled<number>;

  constructor({ database, folders }: Config) {
    this.database =
      database === null
        ? null
        : new Sampled(async () => {
            const { pingDatabase } = await import('../load/ping-database.ts');
            return (await pingDatabase(database, PING_MS)) ?? 'up';
          }, FRESH_MS);
    this.disks = new Sampled(async () => {
      const found = await Promise.allSettled([
        spaceOf('input', folders.input),
        spaceOf('output', folders.output),
        spaceOf('logs', folders.logs),
      ]);
      // One that is gone, which readiness tells of, has no disk; the others have.
      return found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    }, FRESH_MS);
    this.failedFiles = new Sampled(async () => (await listFailed(folders.failed)).length, FRESH_MS);
  }
}

async function spaceOf(folder: DiskSpace['folder'], path: string): Promise<DiskSpace> {
  const { bavail, blocks, bsize } = await statfs(path);
  return { folder, freeBytes: bavail * bsize, sizeBytes: blocks * bsize };
}
