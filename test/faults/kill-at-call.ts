import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../support/until.ts';
import { type CallScene, openCallTrial, pointsOf, sample, waitings } from './call-trial.ts';
import type { Fault, Figures, Rig } from './fault.ts';
import type { Mode } from './producer.ts';
import { type CallPoint, injecting, metPoint, straceMissing } from './system-calls.ts';
import type { Trial } from './trial.ts';

const TIMES_IN_SHORT_FORM = 2;
const ATTEMPTS_MAX = 10;
const LIFE_MS_MAX = 60_000;

/**
 * kill -9 at every system call that changes something or makes it last, from the start of a daemon that finds three files,
 * one of them at fault, or a large one, to the end of its stop; in the same way at every such call of the run that
 * recovers from a kill; and at every call of the run that recovers from a kill of that. The process dies when it enters the
 * call: what came before it is done, the call is not.
 */
export const killAtCall: Fault = {
  title: 'kill -9 at every system call, also of the recovery, and of its recovery',
  missing: straceMissing,
  run: (rig) => killAtCalls(rig, 'append'),
};

/** The same in a dataset that does this with rows that are there, of which there are some. */
export async function killAtCalls(rig: Rig, mode: Mode): Promise<Figures> {
  const figures: Figures = { calls: 0, kills: 0, 'kinds of call met': 0 };
  const kinds = new Set<string>();
  for (const waiting of waitings) {
    const scene = { waiting, mode };
    const points = await killAtAll(rig, { ...scene, before: [] }, figures, kinds);
    for (const isMeant of workCutShort(rig, scene)) {
      const first = pointOf(points, isMeant);
      const ofRecovery = await killAtAll(rig, { ...scene, before: [first] }, figures, kinds);
      // The recovery is killed at the same work.
      const second = pointOf(ofRecovery, isMeant);
      await killAtAll(rig, { ...scene, before: [first, second] }, figures, kinds);
    }
  }
  figures['kinds of call met'] = kinds.size;
  return figures;
}

const depths = ['run', 'recovery', 'recovery of a recovery'] as const;

/** How a daemon finds things that is killed. */
interface Scene extends CallScene {
  /** Where those before it were killed, one after the other. */
  before: readonly CallPoint[];
}

/** Before the first Parquet file has its final name, and after rows are committed and before their receipt is written. */
const publishes = ({ call, on }: CallPoint): boolean =>
  call === 'rename' && on.endsWith('.parquet');
const writesReceipt = ({ call, on }: CallPoint): boolean =>
  call === 'write' && on.endsWith('.receipts.jsonl');
/** Before the Parquet file of a former version is withdrawn, when that of the new one is in the lake. */
const withdraws = ({ call, on }: CallPoint): boolean =>
  call === 'unlink' && /^output_parquet.*\.parquet$/.test(on);

/**
 * The work in which the first kill comes, where recoveries are killed too; in the short form none in the large file, which takes
 * half a minute each time.
 */
function workCutShort(rig: Rig, { waiting, mode }: CallScene): ((point: CallPoint) => boolean)[] {
  if (!rig.isShort) return [publishes, writesReceipt, ...(mode === 'replace' ? [withdraws] : [])];
  return waiting === 'few' ? [publishes] : [];
}

function pointOf(points: readonly CallPoint[], isMeant: (point: CallPoint) => boolean): CallPoint {
  const point = points.find(isMeant);
  if (point !== undefined) return point;
  throw new Error('The daemon publishes, or writes receipts, in another way than this test knows.');
}

/** Kills at each point of the scene, or at so many; the points. */
async function killAtAll(
  rig: Rig,
  scene: Scene,
  figures: Figures,
  kinds: Set<string>,
): Promise<CallPoint[]> {
  const points = await pointsOf(await openTrial(rig, scene));
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
        `${scene.mode}, ${scene.waiting}, ${depths[scene.before.length]}: ${point.call} ${point.nth}, ${point.on}${met === null ? ' (not met)' : ''}`,
      );
    } catch (error) {
      throw new Error(`After a kill at ${JSON.stringify(point)}, with ${JSON.stringify(scene)}:`, {
        cause: error,
      });
    } finally {
      await trial.close();
    }
  }
  return points;
}

/** A trial in which files wait, or in which daemons were killed at their work on them. */
async function openTrial(rig: Rig, { waiting, mode, before }: Scene): Promise<Trial> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const trial = await openCallTrial(rig, { waiting, mode });
    let met = 0;
    // Calls do not come in quite the same order each time, so the last ones may not be met at all.
    while (met < before.length && (await killAt(trial, before[met]!)) !== null) met++;
    if (met === before.length && (met === 0 || !trial.isIdle())) return trial;
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
