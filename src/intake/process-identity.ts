import { readFile, readlink } from 'node:fs/promises';

/** Which process, so that another one with the same number after it, or after a reboot, is not taken for it. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, in clock ticks since boot; null where /proc does not tell. */
  startTicks: number | null;
  /** Of the running kernel; null where /proc does not tell. */
  bootId: string | null;
  /** In which the number counts: each container has its own. Null where /proc does not tell. */
  pidNamespace: string | null;
}

export function ownIdentity(): Promise<ProcessIdentity> {
  return identityOf(process.pid);
}

export async function identityOf(pid: number): Promise<ProcessIdentity> {
  const status = await readStatus(pid);
  const [bootId, pidNamespace] = await Promise.all([readBootId(), readPidNamespace()]);
  return { pid, startTicks: status?.startTicks ?? null, bootId, pidNamespace };
}

/** Whether it runs on this machine, since it was started last, where its number means nothing to us: in another container. */
export async function isBeyondSight({ bootId, pidNamespace }: ProcessIdentity): Promise<boolean> {
  if (bootId === null || pidNamespace === null || bootId !== (await readBootId())) return false;
  return pidNamespace !== (await readPidNamespace());
}

/** Whether that very process, of our own container, still runs. A zombie does not: it holds nothing any more. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  if (identity.startTicks === null || identity.bootId === null) return answersSignal(identity.pid);
  if (identity.bootId !== (await readBootId())) return false;
  const status = await readStatus(identity.pid);
  return status !== null && status.startTicks === identity.startTicks && !status.ended;
}

async function readStatus(pid: number): Promise<{ startTicks: number; ended: boolean } | null> {
  const text = await readProc(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The second field is the program's name in brackets and may itself hold spaces and brackets.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const state = fields[0] ?? '';
  // proc(5): field 22, and the first here is field 3.
  return { startTicks: Number(fields[19]), ended: state === 'Z' || state === 'X' };
}

async function readBootId(): Promise<string | null> {
  return (await readProc('/proc/sys/kernel/random/boot_id'))?.trim() ?? null;
}

async function readPidNamespace(): Promise<string | null> {
  try {
    return await readlink('/proc/self/ns/pid');
  } catch {
    return null;
  }
}

async function readProc(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // No such process, or a system without /proc.
    return null;
  }
}

function answersSignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
