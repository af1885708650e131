import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { type CallScene, openCallTrial, pointsOf, sample, waitings } from './call-trial.ts';
import type { Fault, Figures, Rig } from './fault.ts';
import type { Mode } from './producer.ts';
import { type CallPoint, injecting, straceMissing } from './system-calls.ts';
import type { Trial } from './trial.ts';

/** What each call fails with: what disks, full disks, taken rights and exhausted tables of open files make of it. */
const errorsOf: Readonly<Record<string, readonly string[]>> = {
  openat: ['EIO', 'ENOSPC', 'EMFILE', 'EACCES'],
  write: ['EIO', 'ENOSPC'],
  pwrite64: ['EIO', 'ENOSPC'],
  fsync: ['EIO', 'ENOSPC'],
  fdatasync: ['EIO', 'ENOSPC'],
  rename: ['EIO', 'ENOSPC', 'EACCES'],
  link: ['ENOSPC', 'EACCES'],
  mkdir: ['ENOSPC', 'EACCES'],
  unlink: ['EIO', 'EACCES'],
  rmdir: ['EIO', 'EACCES'],
};

/** How long one that is refused something for ever is left alone with it. */
const FOR_EVER_MS = 2000;

interface Failure {
  scene: CallScene;
  point: CallPoint;
  error: string;
  forEver: boolean;
}

/**
 * Each call that changes something or makes it last fails: once, and the daemon has to get over it by itself; or for ever
 * from then on, and it has to wait, and a start without the failure has to bring everything to its end.
 */
export const failingCall: Fault = {
  title: 'system calls that fail with EIO, ENOSPC, EMFILE or EACCES, once or for ever',
  missing: straceMissing,
  run: (rig) => failCalls(rig, 'append'),
};

/** The same in a dataset that does this with rows that are there, of which there are some. */
export async function failCalls(rig: Rig, mode: Mode): Promise<Figures> {
  const failures: Failure[] = [];
  for (const waiting of waitings) failures.push(...(await failuresOf(rig, { waiting, mode })));
  const unmet: unknown[] = [];
  const figures: Figures = { once: 0, 'for ever': 0, 'kept from starting': 0 };
  for (const failure of sample(failures, rig, 4)) {
    const started = await meet(rig, failure).catch((error: unknown) => {
      unmet.push(error);
      rig.onTrial(`did not hold: ${String(error)}`);
      return true;
    });
    figures[failure.forEver ? 'for ever' : 'once']! += 1;
    if (!started) figures['kept from starting']! += 1;
    const { scene, point, error, forEver } = failure;
    rig.onTrial(
      `${mode}, ${scene.waiting}: ${point.call} ${point.nth}, ${point.on}: ${error}${forEver ? ' for ever' : ''}`,
    );
  }
  if (unmet.length > 0) throw new AggregateError(unmet, `${unmet.length} failures were not met:`);
  return figures;
}

async function failuresOf(rig: Rig, scene: CallScene): Promise<Failure[]> {
  const points = await pointsOf(await openCallTrial(rig, scene));
  return points
    .filter(isOwn)
    .flatMap((point) =>
      (errorsOf[point.call] ?? []).flatMap((error) =>
        [false, true].map((forEver) => ({ scene, point, error, forEver })),
      ),
    );
}

/**
 * Whether the call is csv-hopper's own for sure. Writes and opens that are found by their number alone may turn out to be
 * those by which Node wakes its threads and reads its modules, and without them there is no process.
 */
function isOwn({ call, path }: CallPoint): boolean {
  return path !== null || !['write', 'openat'].includes(call);
}

/** Whether it may keep lines from the log; each other failure has to leave all of them there. */
function isOnLog({ path }: CallPoint): boolean {
  return path?.startsWith('logs/conversion_log.') === true;
}

/** Whether the daemon could start with it. */
async function meet(rig: Rig, failure: Failure): Promise<boolean> {
  const trial = await openCallTrial(
    rig,
    failure.scene,
    isOnLog(failure.point) ? { mayLackLines: true } : {},
  );
  try {
    const started = await runInto(trial, failure);
    await trial.recover();
    await trial.account();
    return started;
  } catch (error) {
    throw new Error(`With ${JSON.stringify(failure)}:`, { cause: error });
  } finally {
    await trial.close();
  }
}

async function runInto(trial: Trial, { point, error, forEver }: Failure): Promise<boolean> {
  const { root } = trial.project;
  const traceFile = join(root, 'trace');
  const under = injecting(point, `error=${error}`, root, traceFile, forEver);
  const daemon = trial.start({ under });
  await daemon.readyOrEnded();
  if (daemon.hasEnded && !daemon.stdout.includes('waiting')) {
    // What keeps it from starting it says to people, in their words.
    expect([1, 2], daemon.said).toContain(await daemon.ended);
    expect(daemon.stderr).not.toContain('    at ');
    return false;
  }
  if (forEver) await delay(FOR_EVER_MS);
  else await trial.idle(daemon);
  expect(daemon.hasEnded, `It must not end. ${daemon.said}`).toBe(false);
  // At the end it may be left with a lock that it cannot remove, which the next start takes over.
  expect([0, 1], daemon.said).toContain(await daemon.stop());
  expect(daemon.stderr).not.toContain('    at ');
  return true;
}
