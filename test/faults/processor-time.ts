import { readFileSync } from 'node:fs';

/** Processor time that a process and its threads have used so far, which other work on the machine changes little. */
export function processorMs(pid: number | undefined): number {
  const fields =
    readFileSync(`/proc/${pid ?? 0}/stat`, 'utf8')
      .split(') ')[1]
      ?.split(' ') ?? [];
  // Linux counts in hundredths of a second.
  return 10 * (Number(fields[11]) + Number(fields[12]));
}
