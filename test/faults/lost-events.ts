import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { claimsIn } from '../support/exactly-once.ts';
import type { HopperProcess } from '../support/hopper-process.ts';
import { mountMissing } from '../support/small-disk.ts';
import { until } from '../support/until.ts';
import { type Fault, type Figures, type Rig, timesOf } from './fault.ts';
import { DATASET } from './producer.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { Trial } from './trial.ts';

const QUIET_MS = 50;
/** The default, and a shorter one where nothing is measured. */
const SWEEP_MS = 10_000;
const SWEEP_MS_SHORT = 300;
/** What a sweep and the quiet period may take besides, on a machine that has other things to do. */
const SLACK_MS = 2000;
const FILES = 10;
const FILES_SHORT = 3;

/** The limits of a user namespace are its own, so those of the machine stay as they are. */
const withoutWatches = [
  ...['unshare', '--user', '--map-root-user', 'sh', '-c'],
  'echo 0 > /proc/sys/user/max_inotify_watches && exec "$0" "$@"',
];

interface Scene {
  trial: Trial;
  daemon: HopperProcess;
  random: SeededRandom;
  sweepMs: number;
}

interface Loss {
  /** Words before the daemon. */
  under?: readonly string[];
  polling?: true;
  missing?: () => string | null;
  /** Before the daemon is started, and after all. */
  begin?: (trial: Trial) => void;
  end?: (trial: Trial) => void;
  /** Has the events lost; what is handed over afterwards has to be found. */
  lose?: (scene: Scene) => Promise<void>;
}

/** How a file can come without a word of it. */
const losses: Readonly<Record<string, Loss>> = {
  'no inotify watch left': { under: withoutWatches, missing: withoutWatchesMissing },

  'polling, with no inotify watch left': {
    ...{ under: withoutWatches, missing: withoutWatchesMissing },
    polling: true,
  },

  'the folder moved away and made anew': {
    async lose({ trial, daemon }) {
      const { input, root } = trial.project;
      const away = join(root, 'away');
      renameSync(input, away);
      mkdirSync(input);
      await expectLocked(trial, daemon);
      // What is archived has to be found in its place in the end.
      mkdirSync(trial.project.archive, { recursive: true });
      for (const name of readdirSync(join(away, 'archive', DATASET))) {
        mkdirSync(join(trial.project.archive, DATASET), { recursive: true });
        renameSync(
          join(away, 'archive', DATASET, name),
          join(trial.project.archive, DATASET, name),
        );
      }
      rmSync(away, { recursive: true });
    },
  },

  'the folder unmounted for a while': {
    missing: mountMissing,
    begin: mountInput,
    end: unmountInput,
    async lose({ trial }) {
      unmountInput(trial);
      await delay(SWEEP_MS_SHORT);
      mountInput(trial);
    },
  },

  'the folder unmounted for a while, with files under way': {
    missing: mountMissing,
    begin: mountInput,
    end: unmountInput,
    async lose({ trial, daemon }) {
      for (const end of ['loaded', 'failed'] as const) trial.handOver(100_000, end);
      await until(
        () => claimsIn(trial.project).length > 0,
        () => daemon.said,
      );
      unmountInput(trial);
      await until(
        () => trial.project.events().some(({ event }) => event === 'parked'),
        () => daemon.said,
      );
      mountInput(trial);
    },
  },
};

/** Files of which no event tells, or of which it is lost: the next sweep finds them. */
export const lostEvents: Fault = {
  title: 'events that are lost, and folders that go away',
  missing: () => (process.platform === 'linux' ? null : 'there is no inotify'),
  async run(rig: Rig) {
    const figures: Figures = {};
    for (const [what, loss] of Object.entries(losses)) {
      if (loss.missing?.() != null) continue;
      const times = timesOf(rig, 5, 1);
      let longestMs = 0;
      for (let n = 0; n < times; n++) {
        const took = await lose({ ...rig, seed: rig.seed + n }, loss).catch((cause: unknown) => {
          throw new Error(`With ${what}:`, { cause });
        });
        longestMs = Math.max(longestMs, took);
        rig.onTrial(`${what}: found after ${Math.round(took)} ms at the most`);
      }
      figures[what] = times;
      figures[`${what}: longest until a file was found, ms`] = Math.round(longestMs);
    }
    return figures;
  },
};

async function lose({ seed, server, isShort }: Rig, loss: Loss): Promise<number> {
  const sweepMs = isShort ? SWEEP_MS_SHORT : SWEEP_MS;
  const polling = loss.polling === true ? ', polling: true' : '';
  const trial = await Trial.open({
    ...{ seed, server },
    more: `intake: { quiet_ms: ${QUIET_MS}, sweep_ms: ${sweepMs}${polling} }\nconvert: { workers: 2 }`,
    isUnobserved: true,
  });
  try {
    loss.begin?.(trial);
    const daemon = trial.start(loss.under === undefined ? {} : { under: [...loss.under] });
    await daemon.ready();
    const scene = { trial, daemon, random: new SeededRandom(seed), sweepMs };
    trial.handOver(5);
    await trial.idle(daemon);
    await loss.lose?.(scene);
    const longestMs = await find(scene, isShort ? FILES_SHORT : FILES);
    if (!isShort) expect(longestMs).toBeLessThan(sweepMs + SLACK_MS);
    await trial.idle(daemon);
    expect(await daemon.stop(), daemon.said).toBe(0);
    await trial.account();
    return longestMs;
  } finally {
    loss.end?.(trial);
    await trial.close();
  }
}

/** Hands files over one by one, and gives the longest that one of them was not found. */
async function find({ trial, daemon, random, sweepMs }: Scene, files: number): Promise<number> {
  let longestMs = 0;
  for (let n = 0; n < files; n++) {
    await delay(random.below(sweepMs / files));
    const handedOverMs = Date.now();
    const { name } = trial.handOver(5);
    const found = await until(
      () =>
        daemon.hasEnded ||
        trial.project.events().find(({ event, file }) => event === 'found' && file === name),
      () => `${name} was not found. ${daemon.said}`,
    );
    if (found === true) throw new Error(`It has ended. ${daemon.said}`);
    longestMs = Math.max(longestMs, Date.parse(found.time) - handedOverMs);
  }
  return longestMs;
}

/** Nobody else may start on the folder that has the name now. */
async function expectLocked(trial: Trial, daemon: HopperProcess): Promise<void> {
  await until(
    () => existsSync(join(trial.project.processing, 'lock.json')) || daemon.hasEnded,
    () => daemon.said,
  );
  const second = trial.start();
  expect(await second.ended, second.said).toBe(2);
}

/** The input folder as a mount point, of a folder beside it. */
function mountInput({ project }: Trial): void {
  const store = join(project.root, 'store');
  mkdirSync(store, { recursive: true });
  execFileSync('mount', ['--bind', store, project.input]);
}

function unmountInput({ project }: Trial): void {
  // Lazily, as a mount goes away that is in use.
  execFileSync('umount', ['-l', project.input]);
}

function withoutWatchesMissing(): string | null {
  const [command = '', ...words] = withoutWatches;
  const { status } = spawnSync(command, [...words, 'true']);
  return status === 0 ? null : 'user namespaces may not be made';
}
