import { expect } from 'vitest';
import { startMariadb } from '../support/mariadb.ts';
import { type Fault, type Figures, type Rig, timesOf } from './fault.ts';
import { LossyDisk, lossyDiskMissing } from './lossy-disk.ts';
import type { Mode } from './producer.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { streamFor } from './stream.ts';
import { Trial } from './trial.ts';

const CUTS_OF_A_TRIAL = 5;
const LIFE_MS_MAX = 4000;

/** The power fails under the folders and the database alike, while files keep coming that were made durable. */
export const powerLoss: Fault = {
  title: 'power loss under folders and database',
  missing: lossyDiskMissing,
  run: (rig) => cutPower(rig, timesOf(rig, 50, 1), 'append'),
};

/** Cuts the power so often, in a dataset that does this with rows that are there. */
export async function cutPower(rig: Rig, cuts: number, mode: Mode): Promise<Figures> {
  const random = new SeededRandom(rig.seed);
  let files = 0;
  for (let done = 0; done < cuts; done += CUTS_OF_A_TRIAL) {
    const ofThis = Math.min(CUTS_OF_A_TRIAL, cuts - done);
    files += await cutAgainAndAgain(rig.seed + done, ofThis, random, mode);
    rig.onTrial(`${mode}: ${done + ofThis} cuts, ${files} files`);
  }
  return { 'power cuts': cuts, files };
}

/** How many files were handed over. */
async function cutAgainAndAgain(
  seed: number,
  cuts: number,
  random: SeededRandom,
  mode: Mode,
): Promise<number> {
  const disk = new LossyDisk();
  try {
    const server = await startMariadb({ parent: disk.folder });
    const trial = await Trial.open({
      ...{ seed, server, mode },
      parent: disk.folder,
      isUnobserved: true,
      mayLackLines: true,
      more: 'intake: { quiet_ms: 50, sweep_ms: 300 }\nconvert: { workers: 2 }',
    });
    try {
      // Configuration and schema were written long before the cut.
      disk.flush();
      for (let n = 0; n < cuts; n++) {
        const daemon = trial.start();
        await streamFor(random.below(LIFE_MS_MAX), random, (rows, end) =>
          trial.handOverDurably(rows, end),
        );
        disk.cut();
        expect(await daemon.stop('SIGKILL')).toBe('SIGKILL');
        await server.kill('SIGKILL');
        await disk.restore();
        await server.restart();
      }
      await trial.recover();
      await trial.account();
      return trial.journal.length;
    } finally {
      await trial.close();
      await server.stop();
    }
  } finally {
    disk.remove();
  }
}
