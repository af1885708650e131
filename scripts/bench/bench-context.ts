import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Cleanup } from './cleanup.ts';
import type { Data } from './data.ts';
import type { Server } from './server.ts';

/** What each case is given. */
export interface BenchContext {
  data: Data;
  runs: number;
  codecs: readonly ('zstd' | 'snappy')[];
  /** For projects and results, on the file system of the data, so that files can be renamed from one to the other. */
  workFolder: string;
  cleanup: Cleanup;
  /** Started when it is first asked for. */
  server: () => Promise<Server>;
}

/** An empty folder for one run; `remove` when the run is over. */
export function runFolder({ workFolder, cleanup }: BenchContext): {
  path: string;
  remove: () => Promise<void>;
} {
  const path = mkdtempSync(join(workFolder, 'run-'));
  const remove = cleanup.add(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return { path, remove };
}
