import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { HopperProcess } from '../support/hopper-process.ts';
import { poisonArgument } from '../support/poison.ts';
import { type Fault, type Figures, type Rig, timesOf } from './fault.ts';
import type { Delivery } from './producer.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { Trial } from './trial.ts';

const FILES = 20;
const ROWS_MAX = 300;
/** A large one is converted in pieces, by several threads. */
const LARGE_FILE_ROWS = 100_000;
/** By when somebody else kills the daemon, who has nothing to do with the file. */
const LIFE_MS_MAX = 3000;

/** A file that ends the process that works on it, among others, while the daemon is killed for nothing besides. */
export const poison: Fault = {
  title: 'a file that ends every process that works on it',
  missing: () => null,
  async run(rig) {
    const random = new SeededRandom(rig.seed);
    const figures: Figures = { files: 0, 'set aside': 0, 'deaths of the daemon': 0, kills: 0 };
    const times = timesOf(rig, 20, 1);
    for (let n = 0; n < times; n++) {
      const [when, rows] = [random.oneOf(['opened', 'converted'] as const), rowsOf(n, random)];
      await poisonOne({ ...rig, seed: rig.seed + n }, when, rows, random, figures);
      rig.onTrial(`when ${when}, ${rows} rows: ${JSON.stringify(figures)}`);
    }
    return figures;
  },
};

function rowsOf(n: number, random: SeededRandom): number {
  return n % 4 === 3 ? LARGE_FILE_ROWS : 1 + random.below(ROWS_MAX);
}

async function poisonOne(
  rig: Rig,
  when: 'opened' | 'converted',
  rows: number,
  random: SeededRandom,
  figures: Figures,
): Promise<void> {
  const { server, seed } = rig;
  const trial = await Trial.open({
    seed,
    server,
    more: 'intake: { quiet_ms: 50, sweep_ms: 300 }\nconvert: { workers: 2 }',
  });
  try {
    const place = random.below(FILES);
    let guilty: Delivery | null = null;
    for (let n = 0; n < FILES; n++) {
      if (n === place) guilty = trial.handOver(rows, when === 'opened' ? 'unread' : 'set aside');
      else trial.handOver(1 + random.below(ROWS_MAX), n === 0 ? 'failed' : 'loaded');
    }
    const node = [poisonArgument({ when, how: 'kill', name: guilty?.name ?? '' })];
    const start = (): HopperProcess => trial.start({ node });
    let kills = rig.isShort ? 1 : random.below(6);
    let daemon = start();
    for (; !trial.isIdle(); daemon = start()) {
      if (kills-- > 0) {
        await Promise.race([daemon.ended, delay(random.below(LIFE_MS_MAX))]);
        if (!daemon.hasEnded) add(figures, 'kills');
        else add(figures, 'deaths of the daemon');
        expect(await daemon.stop('SIGKILL'), daemon.said).toBe('SIGKILL');
      } else {
        await trial.idle(daemon);
        if (!daemon.hasEnded) break;
        expect(await daemon.ended, daemon.said).toBe('SIGKILL');
        add(figures, 'deaths of the daemon');
      }
    }
    await daemon.readyOrEnded();
    expect(await daemon.stop(), daemon.said).toBe(0);
    await trial.account();
    add(figures, 'files', FILES);
    add(figures, 'set aside');
  } finally {
    await trial.close();
  }
}

function add(figures: Figures, what: string, count = 1): void {
  figures[what] = (figures[what] ?? 0) + count;
}
