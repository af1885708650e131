import { join } from 'node:path';
import { expect } from 'vitest';
import { type Rig, timesOf } from './fault.ts';
import { LARGE_FILE_ROWS, type Mode, PLACES, versionNames } from './producer.ts';
import { type CallPoint, callPoints, tracing } from './system-calls.ts';
import { Trial, type TrialSettings } from './trial.ts';

const FILES_BEFORE = 12;

/**
 * What waits for a daemon: a few small files, one of them at fault and one of which a row is diverted, which is little work, but of every kind; or a large one,
 * which is converted in pieces and loaded meanwhile.
 */
export const waitings = ['few', 'large'] as const;
export type Waiting = (typeof waitings)[number];

/** What a daemon finds whose calls are met, and what its dataset does with rows that are there. */
export interface CallScene {
  waiting: Waiting;
  mode: Mode;
}

export async function openCallTrial(
  { seed, server }: Rig,
  { waiting, mode }: CallScene,
  more: Pick<TrialSettings, 'mayLackLines'> = {},
): Promise<Trial> {
  const trial = await Trial.open({
    ...{ seed, server, mode, ...more },
    more: 'intake: { quiet_ms: 50, sweep_ms: 300 }\nconvert: { workers: 1 }',
  });
  if (mode !== 'append') await loadSome(trial);
  if (waiting === 'large') trial.handOver(LARGE_FILE_ROWS);
  else {
    trial.handOver(40);
    trial.handOver(3, 'failed');
    trial.handOver(5, 'diverted');
    trial.handOver(1);
  }
  return trial;
}

/** Has files loaded that those to come change: a version of each name, or rows at nearly all places. */
async function loadSome(trial: Trial): Promise<void> {
  const isThere = (name: string): boolean => trial.journal.some((file) => file.name === name);
  const isEnough = (): boolean =>
    trial.mode === 'replace' ? versionNames.every(isThere) : trial.journal.length >= FILES_BEFORE;
  while (!isEnough()) trial.handOver(PLACES);
  await trial.recover();
}

/** The points of a run that nothing befalls, from the start to the end of the stop. */
export async function pointsOf(trial: Trial): Promise<CallPoint[]> {
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

/** All of them, or so many that are spread over them; which ones depends on the seed. */
export function sample<T>(all: readonly T[], rig: Rig, inShortForm: number): T[] {
  const times = Math.min(all.length, timesOf(rig, all.length, inShortForm));
  const step = all.length / times;
  const places = Array.from({ length: times }, (_, n) => Math.floor(n * step + (rig.seed % step)));
  const skipped = Math.min(rig.skip.left, times);
  rig.skip.left -= skipped;
  return places.slice(skipped).flatMap((place) => all.slice(place, place + 1));
}
