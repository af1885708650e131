import { expect } from 'vitest';
import { type Fault, type Figures, type Rig, timesOf } from './fault.ts';
import type { Mode } from './producer.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { streamFor } from './stream.ts';
import { Trial } from './trial.ts';

/** Kills that befall one project before everything is looked at; then another begins, because looking takes longer each time. */
const KILLS_OF_A_TRIAL = 20;
/** From before a daemon has found its files to when it has worked for a while. */
const LIFE_MS_MAX = 2500;

/** kill -9 at any moment, again and again, while files keep coming. */
export const randomKill: Fault = {
  title: 'kill -9 at random moments under a stream of files',
  missing: () => null,
  run: (rig) => killUnderStream(rig, timesOf(rig, 1000, 3), 'append'),
};

/** Kills it so often under a stream of files of a dataset that does this with rows that are there. */
export async function killUnderStream(rig: Rig, cycles: number, mode: Mode): Promise<Figures> {
  const random = new SeededRandom(rig.seed);
  let files = 0;
  for (let done = 0; done < cycles; done += KILLS_OF_A_TRIAL) {
    const kills = Math.min(KILLS_OF_A_TRIAL, cycles - done);
    files += await killAgainAndAgain({ ...rig, seed: rig.seed + done }, kills, random, mode);
    rig.onTrial(`${done + kills} kills, ${files} files`);
  }
  return { kills: cycles, files };
}

/** How many files were handed over. */
async function killAgainAndAgain(
  rig: Rig,
  kills: number,
  random: SeededRandom,
  mode: Mode,
): Promise<number> {
  const { server, seed } = rig;
  const trial = await Trial.open({
    ...{ seed, server, mode },
    more: 'intake: { quiet_ms: 50, sweep_ms: 300 }\nconvert: { workers: 2 }',
  });
  try {
    for (let n = 0; n < kills; n++) {
      const daemon = trial.start();
      await streamFor(random.below(LIFE_MS_MAX), random, (rows, end) => trial.handOver(rows, end));
      expect(await daemon.stop('SIGKILL')).toBe('SIGKILL');
    }
    const startedMs = performance.now();
    await trial.recover();
    rig.onTrial(`${mode}: all at their ends after ${Math.round(performance.now() - startedMs)} ms`);
    await trial.account();
    return trial.journal.length;
  } finally {
    await trial.close();
  }
}
