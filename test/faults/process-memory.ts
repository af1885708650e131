import { readFileSync, writeFileSync } from 'node:fs';

/** Forgets the most memory that a process has had so far, so that `peakMib` tells of what it has from now on. */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** The most memory that a process has had resident, in MiB. */
export function peakMib(pid: number): number {
  const found = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (found === null) throw new Error(`/proc/${pid}/status tells of no memory.`);
  return Math.round(Number(found[1]) / 1024);
}
