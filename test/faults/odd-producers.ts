import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { loadIdFor } from '../support/exactly-once.ts';
import type { HopperProcess } from '../support/hopper-process.ts';
import { until } from '../support/until.ts';
import { type Fault, type Figures, type Rig, timesOf } from './fault.ts';
import { DATASET, type Delivery } from './producer.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { Trial } from './trial.ts';

const QUIET_MS = 50;
const ROWS_MAX = 300;

interface Scene {
  trial: Trial;
  daemon: HopperProcess;
  random: SeededRandom;
  /** A file that nobody has been promised yet. */
  draft: () => Delivery;
  pathOf: (name: string) => string;
  isShort: boolean;
}

/** How files come in other ways than at once. Each hands over one, whose final content has to be loaded, and nothing else. */
const manners: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  'written slowly': (scene) => writeInParts(scene, QUIET_MS / 2),

  'written with pauses longer than the quiet period': (scene) => writeInParts(scene, QUIET_MS * 4),

  async 'written twice in place'({ trial, draft, pathOf }) {
    const [former, delivery] = [draft(), draft()];
    const descriptor = openSync(pathOf(delivery.name), 'w');
    try {
      trial.announce(delivery);
      writeSync(descriptor, former.content);
      await delay(QUIET_MS * 2);
      ftruncateSync(descriptor, 0);
      writeSync(descriptor, delivery.content, 0);
    } finally {
      closeSync(descriptor);
    }
  },

  async 'renamed over a file that waits'({ trial, daemon, draft, pathOf }) {
    const [former, delivery] = [draft(), draft()];
    daemon.child.kill('SIGSTOP');
    writeFileSync(pathOf(delivery.name), former.content);
    writeFileSync(pathOf('.newer.tmp'), delivery.content);
    renameSync(pathOf('.newer.tmp'), pathOf(delivery.name));
    trial.announce(delivery);
    daemon.child.kill('SIGCONT');
    await delay(0);
  },

  'under the temporary name of rsync': (scene) =>
    writeUnder(scene, (name) => `.${name}.${scene.random.below(1e6)}`),

  'under the temporary name of a browser': (scene) =>
    writeUnder(scene, (name) => `${name}.crdownload`),

  /** Each as soon as the one before has been taken. */
  async 'under the same name, 100 times'({ trial, draft, pathOf, isShort }) {
    const name = draft().name;
    for (let n = 0; n < (isShort ? 10 : 100); n++) {
      const { content, ...more } = draft();
      await until(
        () => !existsSync(pathOf(name)),
        () => `${name} was not taken.`,
      );
      trial.project.drop(name, content);
      trial.announce({ ...more, content, name, loadId: loadIdFor(DATASET, name, content) });
    }
  },

  async 'taken back before it settles'({ trial, daemon, draft, pathOf }) {
    const [former, delivery] = [draft(), draft()];
    daemon.child.kill('SIGSTOP');
    writeFileSync(pathOf('taken-back.csv'), former.content);
    rmSync(pathOf('taken-back.csv'));
    writeFileSync(pathOf(delivery.name), delivery.content);
    trial.announce(delivery);
    daemon.child.kill('SIGCONT');
    await delay(0);
  },
};

/** Producers that do not hand a file over in one go, and change their minds. */
export const oddProducers: Fault = {
  title: 'producers that write slowly, twice, under other names, or take back',
  missing: () => null,
  async run(rig: Rig) {
    const random = new SeededRandom(rig.seed);
    const trial = await Trial.open({
      seed: rig.seed,
      server: rig.server,
      more: `intake: { quiet_ms: ${QUIET_MS}, sweep_ms: 300 }\nconvert: { workers: 2 }`,
    });
    const figures: Figures = {};
    try {
      const daemon = trial.start();
      await daemon.ready();
      const scene: Scene = {
        ...{ trial, daemon, random, isShort: rig.isShort },
        draft: () => trial.draft(1 + random.below(ROWS_MAX)),
        pathOf: (name) => join(trial.project.input, name),
      };
      for (let n = 0; n < timesOf(rig, 100, 1); n++) {
        for (const [manner, handOver] of Object.entries(manners)) {
          await handOver(scene);
          await trial.idle(daemon);
          figures[manner] = n + 1;
          rig.onTrial(manner);
        }
      }
      expect(await daemon.stop(), daemon.said).toBe(0);
      await trial.account();
      return figures;
    } finally {
      await trial.close();
    }
  },
};

async function writeInParts(
  { trial, random, draft, pathOf }: Scene,
  pauseMs: number,
): Promise<void> {
  const delivery = draft();
  const content = Buffer.from(delivery.content);
  const descriptor = openSync(pathOf(delivery.name), 'w');
  try {
    trial.announce(delivery);
    for (let at = 0; at < content.length;) {
      at += writeSync(descriptor, content.subarray(at, at + 1 + random.below(content.length / 3)));
      await delay(pauseMs);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Writes a file slowly under another name, and renames it when it is complete. */
async function writeUnder(
  { trial, draft, pathOf }: Scene,
  temporaryName: (name: string) => string,
): Promise<void> {
  const delivery = draft();
  const path = pathOf(temporaryName(delivery.name));
  const half = Math.floor(delivery.content.length / 2);
  writeFileSync(path, delivery.content.slice(0, half));
  await delay(QUIET_MS * 3);
  writeFileSync(path, delivery.content);
  renameSync(path, pathOf(delivery.name));
  trial.announce(delivery);
}
