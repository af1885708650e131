import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../support/until.ts';
import { openCallTrial, pointsOf, sample, type Waiting, waitings } from './call-trial.ts';
import type { Fault, Figures, Rig } from './fault.ts';
import { type CallPoint, injecting, metPoint, straceMissing } from './system-calls.ts';
import type { Trial } from './trial.ts';

const TIMES_IN_SHORT_FORM = 2;
const ATTEMPTS_MAX = 10;
const LIFE_MS_MAX = 60_000;

/**
 * kill -9 at every system call that changes something or makes it last, from the start of a daemon that finds three files,
 * one of them at fault, or a large one, to the end of its stop; and in the same way at every such call of the run that
 * recovers from a kill. The process dies when it enters the call: what came before it is done, the call is not.
 */
export const killAtCall: Fault = {
  title: 'kill -9 at every system call, also of the recovery',
  missing: straceMissing,
  async run(rig) {
    const figures: Figures = { calls: 0, kills: 0, 'kinds of call met': 0 };
    const kinds = new Set<string>();
    for (const waiting of waitings) {
      const points = await pointsOf(await openTrial(rig, { waiting, before: null }));
      await killAtEach(rig, { waiting, before: null }, points, figures, kinds);
      for (const before of recoveries(rig, waiting, points)) {
        const recovery = await pointsOf(await openTrial(rig, { waiting, before }));
        await killAtEach(rig, { waiting, before }, recovery, figures, kinds);
      }
    }
    figures['kinds of call met'] = kinds.size;
    return figures;
  },
};

/** How a daemon finds things that is killed. */
interface Scene {
  waiting: Waiting;
  /** Where the one before it was killed; null: there was none. */
  before: CallPoint | null;
}

/** The kills whose recovery is killed too; in the short form none in the large file, which takes half a minute each time. */
function recoveries(rig: Rig, waiting: Waiting, points: readonly CallPoint[]): CallPoint[] {
  if (!rig.isShort) return firstKills(points);
  return waiting === 'few' ? firstKills(points).slice(0, 1) : [];
}

/** Before the first Parquet file has its final name, and after rows are committed and before their receipt is durable. */
function firstKills(points: readonly CallPoint[]): CallPoint[] {
  const publishing = points.find(({ call, on }) => call === 'rename' && on.endsWith('.parquet'));
  const receipt = points.find(({ call }) => call === 'fdatasync');
  if (publishing === undefined || receipt === undefined) {
    throw new Error(
      'The daemon publishes, or writes receipts, in another way than this test knows.',
    );
  }
  return [publishing, receipt];
}

async function killAtEach(
  rig: Rig,
  scene: Scene,
  points: readonly CallPoint[],
  figures: Figures,
  kinds: Set<string>,
): Promise<void> {
  figures['calls'] = (figures['calls'] ?? 0) + points.length;
  for (const point of sample(points, rig, TIMES_IN_SHORT_FORM)) {
    const trial = await openTrial(rig, scene);
    try {
      const met = await killAt(trial, point);
      if (met !== null) {
        figures['kills'] = (figures['kills'] ?? 0) + 1;
        kinds.add(`${met.call} ${met.on}`);
      }
      await trial.recover();
      await trial.account();
      rig.onTrial(
        `${scene.waiting}, ${scene.before === null ? 'run' : 'recovery'}: ${point.call} ${point.nth}, ${point.on}${met === null ? ' (not met)' : ''}`,
      );
    } catch (error) {
      throw new Error(`After a kill at ${JSON.stringify(point)}, with ${JSON.stringify(scene)}:`, {
        cause: error,
      });
    } finally {
      await trial.close();
    }
  }
}

/** A trial in which files wait, or in which a daemon was killed at its work on them. */
async function openTrial(rig: Rig, { waiting, before }: Scene): Promise<Trial> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const trial = await openCallTrial(rig, { waiting, mode: 'append' });
    if (before === null) return trial;
    // Calls do not come in quite the same order each time, so the last ones may not be met at all.
    if ((await killAt(trial, before)) !== null && !trial.isIdle()) return trial;
    await trial.close();
  }
  throw new Error(`No daemon could be killed at ${JSON.stringify(before)}.`);
}

/**
 * Lets a daemon run into the kill; what it met, or null where it came to its end before. A kill of the process in which a file
 * is tried alone takes the daemon along: it would meet the same in the next one, and the third would rightly count against the file.
 */
async function killAt(trial: Trial, point: CallPoint): Promise<CallPoint | null> {
  const { root } = trial.project;
  const traceFile = join(root, 'trace');
  const daemon = trial.start({ under: injecting(point, 'signal=SIGKILL', root, traceFile) });
  await daemon.readyOrEnded();
  await until(
    () => daemon.hasEnded || trial.isIdle() || hasKilled(traceFile),
    () => daemon.said,
    LIFE_MS_MAX,
  );
  if (!daemon.hasEnded) daemon.child.kill(hasKilled(traceFile) ? 'SIGKILL' : 'SIGTERM');
  return (await daemon.ended) === 'SIGKILL' ? metPoint(point, traceFile, root) : null;
}

function hasKilled(traceFile: string): boolean {
  return existsSync(traceFile) && readFileSync(traceFile, 'utf8').includes('killed by SIGKILL');
}
