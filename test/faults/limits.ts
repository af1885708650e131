import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { HopperProcess, HopperProcessOptions } from '../support/hopper-process.ts';
import { MemoryLimit } from '../support/memory-limit.ts';
import { shiftedClock } from '../support/shifted-clock.ts';
import { type Fault, type Figures, type Rig, timesOf } from './fault.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { Trial } from './trial.ts';

const MORE = 'intake: { quiet_ms: 50, sweep_ms: 300 }\nconvert: { workers: 2 }';
const ROWS_MAX = 300;
const LARGE_FILE_ROWS = 100_000;
const DAY_MS = 86_400_000;
const LIFE_MS_MAX = 1500;
const FOLDER_BUSY = 2;

type StartOptions = Omit<HopperProcessOptions, 'cwd'>;

interface Scene {
  trial: Trial;
  random: SeededRandom;
  figures: Figures;
  isShort: boolean;
}

interface Limit {
  name: string;
  missing?: () => string | null;
  meet: (scene: Scene) => Promise<void>;
}

const limits: Limit[] = [
  {
    // Fewer than 24 are not enough for Node itself to load the program.
    name: 'few file descriptors',
    meet: (scene) =>
      starve(scene, () => ({ under: ['prlimit', `--nofile=${24 + scene.random.below(30)}`] })),
  },
  {
    name: 'a small heap',
    meet: (scene) =>
      starve(scene, () => ({ node: [`--max-old-space-size=${12 + scene.random.below(20)}`] })),
  },
  {
    name: 'a memory limit',
    missing: () => MemoryLimit.missing(),
    async meet(scene) {
      const limit = new MemoryLimit((70 + scene.random.below(60)) << 20);
      try {
        await starve(scene, () => ({ under: limit.words }));
        add(scene.figures, 'processes that the system ended for lack of memory', limit.kills);
      } finally {
        await scene.trial.project.stopAll();
        await limit.remove();
      }
    },
  },
  { name: 'a clock 10 days back and 400 forward', meet: jumpInTime },
  { name: 'two daemons on one folder', meet: startTwice },
];

/** What an installation runs into, one limit at a time. */
export const limitsFault: Fault = {
  title: 'few file descriptors, little memory, a clock that jumps, and a second daemon',
  missing: () => null,
  async run(rig) {
    const random = new SeededRandom(rig.seed);
    const figures: Figures = {};
    for (let n = 0; n < timesOf(rig, 20, 1); n++) {
      for (const { name, missing, meet } of limits) {
        if ((missing?.() ?? null) !== null) continue;
        await meetLimit({ ...rig, seed: rig.seed + n }, name, meet, {
          ...{ random, figures },
          isShort: rig.isShort,
        });
        rig.onTrial(`${name}: ${JSON.stringify(figures)}`);
      }
    }
    return figures;
  },
};

async function meetLimit(
  rig: Rig,
  name: string,
  meet: Limit['meet'],
  scene: Omit<Scene, 'trial'>,
): Promise<void> {
  const { server, seed } = rig;
  const trial = await Trial.open({ seed, server, more: MORE });
  try {
    await meet({ ...scene, trial });
    await trial.recover();
    await trial.account();
    add(scene.figures, name);
    add(scene.figures, 'files', trial.journal.length);
  } catch (error) {
    throw new Error(`With ${name}:`, { cause: error });
  } finally {
    await trial.close();
  }
}

function handOver({ trial, random }: Scene, files: number): void {
  for (let n = 0; n < files; n++) trial.handOver(1 + random.below(ROWS_MAX));
  trial.handOver(1 + random.below(ROWS_MAX), 'failed');
}

/** Lets it work with too little of something, so that it waits or dies, again and again; then there is enough. */
async function starve(scene: Scene, options: () => StartOptions): Promise<void> {
  const { trial, random, figures, isShort } = scene;
  handOver(scene, 40);
  trial.handOver(LARGE_FILE_ROWS);
  for (let n = 0; n < (isShort ? 1 : 4) && !trial.isIdle(); n++) {
    const daemon = trial.start(options());
    await daemon.readyOrEnded();
    await Promise.race([daemon.ended, delay(isShort ? LIFE_MS_MAX : LIFE_MS_MAX * 3)]);
    if (daemon.hasEnded) add(figures, 'ended by itself');
    await daemon.stop(random.below(2) === 0 ? 'SIGTERM' : 'SIGKILL');
  }
}

/** A clock that is wrong at one start and another way at the next, or is set while it runs; files are claimed meanwhile. */
async function jumpInTime(scene: Scene): Promise<void> {
  const { trial, random, isShort } = scene;
  const [back, forward] = [-10 * DAY_MS, 400 * DAY_MS];
  const clocks = [
    shiftedClock(back),
    shiftedClock(forward),
    shiftedClock(0, random.below(LIFE_MS_MAX), back),
    shiftedClock(0, random.below(LIFE_MS_MAX), forward),
    shiftedClock(forward, random.below(LIFE_MS_MAX), back - forward),
  ];
  for (const clock of isShort ? clocks.slice(0, 2) : clocks) {
    const daemon = trial.start({ node: [clock] });
    const endMs = performance.now() + LIFE_MS_MAX;
    while (performance.now() < endMs) {
      handOver(scene, random.below(6));
      await delay(random.below(200));
    }
    if (random.below(2) === 0) await trial.idle(daemon);
    await daemon.stop(random.below(2) === 0 ? 'SIGTERM' : 'SIGKILL');
  }
}

/** A second one, or an ingest, beside one that works; several that are started at once, also on the lock of a dead one. */
async function startTwice(scene: Scene): Promise<void> {
  const { trial, random, figures } = scene;
  const first = trial.start();
  await first.ready();
  handOver(scene, 20);
  const others = [trial.start(), trial.project.run(['ingest'])];
  for (const other of others) {
    expect(await other.ended, other.said).toBe(FOLDER_BUSY);
    expect(other.stderr).toContain(`process ${first.child.pid ?? 0},`);
    add(figures, 'second ones that left');
  }
  expect(first.hasEnded, first.said).toBe(false);
  await delay(random.below(300));
  await first.stop('SIGKILL');
  handOver(scene, 20);
  const racers = [trial.start(), trial.start(), trial.start()];
  const winner = await lastLeft(racers);
  add(figures, 'second ones that left', racers.length - 1);
  await trial.idle(winner);
  expect(await winner.stop(), winner.said).toBe(0);
}

async function lastLeft(racers: HopperProcess[]): Promise<HopperProcess> {
  await Promise.all(racers.map((racer) => racer.readyOrEnded()));
  const left = racers.filter(({ hasEnded }) => !hasEnded);
  const [winner] = left;
  expect(left).toHaveLength(1);
  for (const racer of racers) {
    if (racer !== winner) expect(await racer.ended, racer.said).toBe(FOLDER_BUSY);
  }
  return winner!;
}

function add(figures: Figures, what: string, count = 1): void {
  figures[what] = (figures[what] ?? 0) + count;
}
