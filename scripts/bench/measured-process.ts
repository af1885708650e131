// Runs a program to its end and measures the whole of it, start-up included. The kernel's own accounts are read, so that
// Node, DuckDB and the MariaDB client are measured alike:
// - wall time: from before the spawn to the exit event;
// - CPU time: by how much the user and system time of this process's waited-for children has grown, which is what wait4
//   reports for the one child that ran, with all its threads, in ticks of 10 ms;
// - peak memory: VmHWM of /proc/<pid>/status, the kernel's high-water mark of the resident set, read every 20 ms. Only
//   growth within the last 20 ms can be missed. ru_maxrss would not do: Linux carries it over from the parent at exec.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Cleanup } from './cleanup.ts';

const LOOK_EVERY_MS = 20;
const MS_PER_TICK = 10;

export interface Measurement {
  wallMs: number;
  cpuMs: number;
  rssBytes: number;
}

export interface ProcessOptions {
  cwd: string;
  cleanup: Cleanup;
  env?: Record<string, string>;
}

/** One at a time: the CPU time of children is a sum. Throws with all that it printed where the program fails. */
export async function measureProcess(
  command: string,
  words: readonly string[],
  options: ProcessOptions,
): Promise<Measurement> {
  const cpuBeforeMs = childrenCpuMs();
  const startedMs = performance.now();
  const { child, said } = startProcess(command, words, options);
  let rssBytes = 0;
  const look = (): void => {
    rssBytes = peakBytes(child.pid) ?? rssBytes;
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  try {
    const endedMs = await new Promise<number>((resolve, reject) => {
      let exitMs = 0;
      child.once('error', reject);
      child.once('exit', () => (exitMs = performance.now()));
      child.once('close', () => {
        resolve(exitMs);
      });
    });
    if (child.exitCode !== 0) {
      const end = child.exitCode ?? child.signalCode ?? 'unknown';
      throw new Error(`${command} ${words.join(' ')}\nended with ${end} and said:\n${said()}`);
    }
    return { wallMs: endedMs - startedMs, cpuMs: childrenCpuMs() - cpuBeforeMs, rssBytes };
  } finally {
    clearInterval(timer);
  }
}

/** Starts a program that is killed at the end of the bench if it still runs then. */
export function startProcess(
  command: string,
  words: readonly string[],
  { cwd, cleanup, env }: ProcessOptions,
): { child: ChildProcess; said: () => string } {
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  const child = spawn(command, words, { cwd, stdio: [...stdio], env: { ...process.env, ...env } });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const kill = cleanup.add(() => {
    child.kill('SIGKILL');
  });
  child.once('close', () => void kill());
  return { child, said: () => text };
}

/** The peak of the resident set so far; null once the process has ended. */
export function peakBytes(pid: number | undefined): number | null {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(procFile(pid, 'status'))?.[1];
  return kib === undefined ? null : Number(kib) * 1024;
}

/** User and system time of a process that runs, all its threads. */
export function cpuMs(pid: number | undefined): number {
  const [user = 0, system = 0] = cpuTicks(pid ?? 0);
  return (user + system) * MS_PER_TICK;
}

function childrenCpuMs(): number {
  const [, , user = 0, system = 0] = cpuTicks('self');
  return (user + system) * MS_PER_TICK;
}

/** User and system ticks, its own and those of its waited-for children. Source: proc_pid_stat(5), fields 14 to 17. */
function cpuTicks(pid: number | 'self'): number[] {
  const text = procFile(pid, 'stat');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).map(Number);
}

function procFile(pid: number | 'self' | undefined, name: string): string {
  try {
    return readFileSync(`/proc/${pid ?? 'none'}/${name}`, 'utf8');
  } catch {
    // It has ended.
    return '';
  }
}
