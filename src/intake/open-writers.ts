import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';

/** How many processes are looked into before other work gets its turn. */
const PROCESSES_PER_TURN = 16;

/** What tells one file from another on a machine, whatever its name. */
export interface FileKey {
  dev: bigint;
  ino: bigint;
}

export function fileKey(file: FileKey): string {
  return `${file.dev.toString()}:${file.ino.toString()}`;
}

/**
 * Which of these files some process has open for writing, by {@link fileKey}. One pass over /proc serves the whole
 * batch. Processes that cannot be looked into (another user's, or ended meanwhile) are skipped; elsewhere than on Linux
 * nothing is seen. The calls on /proc are synchronous because they never wait for a disk and, at some 3 µs each, cost a
 * tenth of asynchronous ones.
 */
export async function openForWriting(files: readonly FileKey[]): Promise<Set<string>> {
  const found = new Set<string>();
  if (process.platform !== 'linux' || files.length === 0) return found;
  const wanted = new Set(files.map(fileKey));
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  for (const [index, pid] of pids.entries()) {
    for (const path of writableFiles(pid)) {
      const key = await keyOf(path);
      if (key !== null && wanted.has(key)) found.add(key);
    }
    if (index % PROCESSES_PER_TURN === PROCESSES_PER_TURN - 1) await setImmediate();
  }
  return found;
}

/** Paths below /proc that lead to the files which the process may write to. */
function writableFiles(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`)
      .filter((fd) => mayWrite(pid, fd))
      .map((fd) => `/proc/${pid}/fd/${fd}`);
  } catch {
    // Not our process to look into, or it has ended: the quiet period alone has to tell.
    return [];
  }
}

function mayWrite(pid: string, fd: string): boolean {
  try {
    const target = readlinkSync(`/proc/${pid}/fd/${fd}`);
    // Pipes and sockets read "pipe:[1]"; devices are no files of ours, but the files of a memory disk may be.
    if (!/^\/(?!dev\/(?!shm\/))/.test(target)) return false;
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'));
    // The lowest two bits of the open flags: 0 is read only, 1 write only, 2 both.
    return (Number.parseInt(flags?.[1] ?? '0', 8) & 3) !== 0;
  } catch {
    // Closed since the listing, which answers the question.
    return false;
  }
}

async function keyOf(path: string): Promise<string | null> {
  try {
    return fileKey(await stat(path, { bigint: true }));
  } catch {
    // Closed since the listing, which answers the question.
    return null;
  }
}
