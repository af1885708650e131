import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';

/** The least of all: with 10 a burst of small files took 2 % longer, because the main thread had to share its core. */
const NICENESS = 19;

/**
 * Lets other processes have the processor before this thread. A server on the same machine is what a load waits for, and
 * should not have to share with the conversion of rows that it will take later: that brought a file of 200 MB from 0.80 to
 * 0.88 of the rate of bare LOAD DATA LOCAL (2 cores, MariaDB 10.11, Node 24). Only Linux has a niceness for each thread.
 */
export function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, NICENESS);
  } catch {
    // A sandbox may forbid it; the load is only slower then.
  }
}

/** Below a server, and above the conversions: files are found and rows are sent before others are converted. */
const NICENESS_OF_ALL = 14;

/**
 * The same for all threads of this process, where the server is known to be on the same machine: with two cores its one thread
 * waited for a processor for a tenth of a burst, because the main thread and V8's had as good a right to it. Those that a
 * thread starts later have its niceness. Call it before the first worker is started.
 */
export function giveWayAltogether(): void {
  if (process.platform !== 'linux') return;
  try {
    for (const thread of readdirSync('/proc/self/task'))
      setPriority(Number(thread), NICENESS_OF_ALL);
  } catch {
    // As above; and a thread may have ended meanwhile.
  }
}
