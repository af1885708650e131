import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { until } from '../support/until.ts';
import type { Fault, Rig } from './fault.ts';
import { forgetPeak, peakMib } from './process-memory.ts';
import { processorMs } from './processor-time.ts';
import { DATASET } from './producer.ts';
import { Trial } from './trial.ts';

const FILES = 100_000;
const FILES_SHORT = 600;
const DRAIN_MS_MAX = 1_800_000;
/** A look at so many files takes the processor from who has to go through them. */
const LOOK_PAUSE_MS = 1000;
/** The sweep of the default configuration. */
const SWEEP_MS = 10_000;
/** The way is told of in so many parts, to show whether a file costs more where more are waiting. */
const PARTS = 10;

/** More files than the system keeps events of come while the daemon is stopped by a signal. */
export const filesWhileStopped: Fault = {
  title: 'files that come while the daemon is stopped by SIGSTOP',
  missing: () => (process.platform === 'linux' ? null : 'there is no /proc'),
  async run({ seed, server, isShort, times, onTrial }: Rig) {
    const trial = await Trial.open({
      ...{ seed, server },
      // One log, because the events are read from the last.
      more: 'intake: { quiet_ms: 50 }\nconvert: { workers: 2 }\nlog: { rotate_bytes: 1073741824 }',
      isUnobserved: true,
    });
    const count = times ?? (isShort ? FILES_SHORT : FILES);
    try {
      const daemon = trial.start();
      await daemon.ready();
      const pid = daemon.child.pid ?? 0;
      const ownMib = peakMib(pid);
      daemon.child.kill('SIGSTOP');
      for (let n = 0; n < count; n++) trial.handOver(1);
      forgetPeak(pid);
      daemon.child.kill('SIGCONT');
      const startedMs = Date.now();
      const archive = join(trial.project.archive, DATASET);
      await until(
        async () => {
          await delay(isShort ? 0 : LOOK_PAUSE_MS);
          return daemon.hasEnded || countIn(archive) >= count;
        },
        () => `${countIn(archive)} of ${count} are through. ${daemon.said.slice(0, 2000)}`,
        DRAIN_MS_MAX,
      );
      await trial.idle(daemon);
      const tookMs = Date.now() - startedMs;
      const found = timesOfEvents(trial, 'found');
      const gapMs = longestGap([startedMs, ...found]);
      const mib = peakMib(pid);
      const cpuMs = processorMs(pid);
      onTrial(`parts of the way, ms: ${partsOf([startedMs, ...timesOfEvents(trial, 'finished')])}`);
      onTrial(`all through after ${tookMs} ms, at most ${gapMs} ms without one that was found`);
      expect(await daemon.stop(), daemon.said.slice(0, 2000)).toBe(0);
      // Whether all are there matters more than when, and is told of also where they were late.
      await trial.account();
      if (!isShort) expect(gapMs).toBeLessThan(SWEEP_MS);
      return {
        'files while stopped by SIGSTOP': count,
        'all of them through after, ms': tookMs,
        "the daemon's processor time, ms": cpuMs,
        'longest in which none was found, ms': gapMs,
        'MiB of memory before': ownMib,
        'MiB of memory at the most': mib,
      };
    } finally {
      await trial.close();
    }
  },
};

function timesOfEvents({ project }: Trial, wanted: string): number[] {
  return project.events().flatMap(({ event, time }) => (event === wanted ? Date.parse(time) : []));
}

function partsOf(times: readonly number[]): string {
  const at = Array.from({ length: PARTS + 1 }, (_, part) =>
    Math.round((part / PARTS) * (times.length - 1)),
  );
  return at
    .flatMap((to, part) => (part === 0 ? [] : times[to]! - times[at[part - 1]!]!))
    .join(', ');
}

function countIn(folder: string): number {
  try {
    return readdirSync(folder).length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

function longestGap(times: readonly number[]): number {
  return times.reduce((most, time, n) => Math.max(most, time - (times[n - 1] ?? time)), 0);
}
