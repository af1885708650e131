import { expect } from 'vitest';
import type { HopperProcess } from '../support/hopper-process.ts';
import type { HopperProject } from '../support/hopper-project.ts';
import { mountMissing, type Shortage, SmallDisk } from '../support/small-disk.ts';
import { until } from '../support/until.ts';
import { type Fault, type Figures, type Rig, timesOf } from './fault.ts';
import { sample } from './call-trial.ts';
import { Trial } from './trial.ts';

/** The folders that can be a disk of their own. Claims and load files lie in the input folder. */
const folders: Readonly<Record<string, (project: HopperProject) => string>> = {
  input: ({ input }) => input,
  output: ({ output }) => output,
  archive: ({ archive }) => archive,
  failed: ({ failed }) => failed,
  log: ({ logs }) => logs,
};

/** Takes a folder's space or inodes away while files wait, and gives them back when the daemon has met it. */
export const fullDisk: Fault = {
  title: 'disks that are full, of bytes or of inodes, under each folder',
  missing: mountMissing,
  async run(rig) {
    const cases = Object.keys(folders).flatMap((folder) =>
      (['space', 'inodes'] as const).map((shortage) => ({ folder, shortage })),
    );
    const figures: Figures = {};
    for (const { folder, shortage } of sample(cases, { ...rig, times: null }, 2)) {
      const times = timesOf(rig, 10, 1);
      for (let n = 0; n < times; n++) {
        await fillUp({ ...rig, seed: rig.seed + n }, folder, shortage);
        rig.onTrial(`no ${shortage} for ${folder}`);
      }
      figures[`no ${shortage} for ${folder}`] = times;
    }
    return figures;
  },
};

async function fillUp(rig: Rig, name: string, shortage: Shortage): Promise<void> {
  const { server, seed } = rig;
  const trial = await Trial.open({
    ...{ seed, server },
    ...(name === 'log' && { mayLackLines: true }),
    more: 'intake: { quiet_ms: 50, sweep_ms: 300 }\nconvert: { workers: 2 }',
  });
  const disk = new SmallDisk(folders[name]?.(trial.project) ?? '', '8m');
  try {
    const daemon = trial.start();
    await daemon.ready();
    trial.handOver(20);
    await trial.idle(daemon);
    // Nothing is taken before the disk is full, and files are whole on it before it is.
    daemon.child.kill('SIGSTOP');
    for (let n = 0; n < 4; n++) trial.handOver(2000);
    trial.handOver(3, 'failed');
    trial.handOver(5, 'diverted');
    disk.fill(shortage, true);
    const before = troubles(daemon);
    daemon.child.kill('SIGCONT');
    await until(
      () => trial.isIdle() || troubles(daemon) > before,
      () => daemon.said,
    );
    expect(daemon.hasEnded, daemon.said).toBe(false);
    disk.free();
    await trial.idle(daemon);
    expect(await daemon.stop(), daemon.said).toBe(0);
    await trial.account();
  } catch (error) {
    throw new Error(`With no ${shortage} for the ${name} folder:`, { cause: error });
  } finally {
    disk.unmount();
    await trial.close();
  }
}

/** How often it has told people of trouble; the log may be what is full. */
function troubles({ stderr }: HopperProcess): number {
  return stderr.split(/ WARN | ERROR /).length;
}
