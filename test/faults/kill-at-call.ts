import { join } from 'node:path';
import { expect } from 'vitest';
import { type Fault, type Figures, type Rig, timesOf } from './fault.ts';
import { type CallPoint, callPoints, injecting, metPoint } from './system-calls.ts';
import { straceMissing, tracing } from './system-calls.ts';
import { Trial } from './trial.ts';

const TIMES_IN_SHORT_FORM = 3;

/**
 * kill -9 at every system call that changes something or makes it last, from the start of a daemon that finds three files,
 * one of them at fault, to the end of its stop; and in the same way at every such call of the run that recovers from a
 * kill. The process dies when it enters the call: what came before it is done, the call is not.
 */
export const killAtCall: Fault = {
  title: 'kill -9 at every system call, also of the recovery',
  missing: straceMissing,
  async run(rig) {
    const points = await pointsOf(rig, null);
    const figures: Figures = { calls: 0, kills: 0, 'kinds of call met': 0 };
    const kinds = new Set<string>();
    await killAtEach(rig, null, points, figures, kinds);
    for (const before of firstKills(points).slice(0, rig.isShort ? 1 : 2)) {
      const recovery = await pointsOf(rig, before);
      await killAtEach(rig, before, recovery, figures, kinds);
    }
    figures['kinds of call met'] = kinds.size;
    return figures;
  },
};

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
  before: CallPoint | null,
  points: readonly CallPoint[],
  figures: Figures,
  kinds: Set<string>,
): Promise<void> {
  figures['calls'] = (figures['calls'] ?? 0) + points.length;
  for (const point of sample(points, rig)) {
    const trial = await openTrial(rig, before);
    try {
      const met = await killAt(trial, point);
      if (met !== null) {
        figures['kills'] = (figures['kills'] ?? 0) + 1;
        kinds.add(`${met.call} ${met.on}`);
      }
      await trial.recover();
      await trial.account();
      rig.onTrial(
        `${before === null ? 'run' : 'recovery'}: ${point.call} ${point.nth}, ${point.on}${met === null ? ' (not met)' : ''}`,
      );
    } catch (error) {
      throw new Error(
        `After a kill at ${JSON.stringify(point)}${before === null ? '' : `, and one before at ${JSON.stringify(before)}`}:`,
        { cause: error },
      );
    } finally {
      await trial.close();
    }
  }
}

/** All points, or so many that are spread over them; which ones depends on the seed. */
function sample(points: readonly CallPoint[], rig: Rig): CallPoint[] {
  const times = Math.min(points.length, timesOf(rig, points.length, TIMES_IN_SHORT_FORM));
  const step = points.length / times;
  const places = Array.from({ length: times }, (_, n) => Math.floor(n * step + (rig.seed % step)));
  return places.flatMap((place) => points[place] ?? []);
}

/** A trial in which three files wait, or in which a daemon was killed at its work on them. */
async function openTrial(rig: Rig, before: CallPoint | null): Promise<Trial> {
  for (;;) {
    const trial = await Trial.open({
      seed: rig.seed,
      server: rig.server,
      more: 'intake: { quiet_ms: 50, sweep_ms: 300 }\nconvert: { workers: 1 }',
    });
    trial.handOver(40);
    trial.handOver(3, 'failed');
    trial.handOver(1);
    if (before === null) return trial;
    // Calls do not come in quite the same order each time, so the last ones may not be met at all.
    if ((await killAt(trial, before)) !== null && !trial.isIdle()) return trial;
    await trial.close();
  }
}

/** The points of a run that nothing befalls. */
async function pointsOf(rig: Rig, before: CallPoint | null): Promise<CallPoint[]> {
  const trial = await openTrial(rig, before);
  try {
    const traceFile = join(trial.project.root, 'trace');
    const daemon = trial.start({ under: tracing(traceFile) });
    await trial.idle(daemon);
    expect(await daemon.stop(), daemon.said).toBe(0);
    return callPoints(traceFile, trial.project.root);
  } finally {
    await trial.close();
  }
}

/** Lets a daemon run into the kill; what it met, or null where it came to its end before. */
async function killAt(trial: Trial, point: CallPoint): Promise<CallPoint | null> {
  const { root } = trial.project;
  const traceFile = join(root, 'trace');
  const daemon = trial.start({ under: injecting(point, 'signal=SIGKILL', root, traceFile) });
  await trial.idle(daemon);
  if (!daemon.hasEnded) daemon.child.kill('SIGTERM');
  return (await daemon.ended) === 'SIGKILL' ? metPoint(point, traceFile, root) : null;
}
