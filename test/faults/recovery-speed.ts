import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { claimsIn } from '../support/exactly-once.ts';
import { filesIn } from '../support/hopper-project.ts';
import { until } from '../support/until.ts';
import { endOf } from './ends.ts';
import { type Fault, type Figures, type Rig, timesOf } from './fault.ts';
import { processorMs } from './processor-time.ts';
import { DATASET, type Delivery } from './producer.ts';
import { Trial } from './trial.ts';

const FILES = 1000;
const FILES_IN_SHORT_FORM = 60;
const ROWS = 400;
/**
 * What is wanted of 1,000 files, and of a new one. Held to in the long form. A new one of their own dataset comes behind them, because
 * datasets keep the order of arrival, so it takes as long as they do and is only told of; one of another dataset does not.
 */
const ALL_MS_MAX = 10_000;
const NEW_FILE_MS_MAX = 3000;
const OTHER = 'other';
const NO_SERVER = { port: 1 };

/** How long the start after a kill takes with a thousand files in all the states that a kill can leave them in. */
export const recoverySpeed: Fault = {
  title: 'a thousand files left by a kill in the middle of a burst',
  missing: () => null,
  async run(rig) {
    const worst: Figures = {};
    for (let n = 0; n < timesOf(rig, 5, 1); n++) {
      const figures = await killAndRecover({ ...rig, seed: rig.seed + n });
      for (const [what, number] of Object.entries(figures)) {
        worst[`${what}, most`] = Math.max(worst[`${what}, most`] ?? 0, number);
      }
    }
    return worst;
  },
};

async function killAndRecover(rig: Rig): Promise<Figures> {
  const { server, seed, isShort } = rig;
  const files = isShort ? FILES_IN_SHORT_FORM : FILES;
  // An onlooker would take time from what is measured.
  const trial = await Trial.open({
    seed,
    server,
    isUnobserved: true,
    database: NO_SERVER,
    more: '',
    others: { [OTHER]: 'id: INTEGER\nvalue: VARCHAR(40)\n' },
  });
  try {
    const { project, database } = trial;
    if (database === null) throw new Error('The trial has no database.');
    for (let n = 0; n < files; n++) trial.handOver(ROWS);
    const killed = trial.start();
    const published = (): number => filesIn(join(project.output, DATASET)).length;
    await until(
      () => published() > files / 4 && project.events().some(({ event }) => event === 'parked'),
      () => killed.said,
    );
    await killed.stop('SIGKILL');
    const left = {
      'files that waited': filesIn(project.input).length,
      'files that were claimed': claimsIn(project).length,
      'of them published': published(),
    };
    expect(left['files that waited'] + left['files that were claimed']).toBe(files);

    project.configure({ database: database.config() });
    const startedMs = performance.now();
    const daemon = trial.start();
    await daemon.ready();
    const readyMs = performance.now();
    const fresh = trial.handOver(ROWS);
    project.drop(`${OTHER}.csv`, 'id,value\n1,one\n2,two\n');
    const busyMs = (): number => processorMs(daemon.child.pid) + processorMs(server.pid);
    const busyBeforeMs = processorMs(server.pid);
    const ended = await ends(trial, fresh, () => daemon.said);
    const figures = {
      ...left,
      'ms of processor time of daemon and server': Math.round(busyMs() - busyBeforeMs),
      'ms from the start to the end of the first': Math.round(ended.firstMs - startedMs),
      'ms to ready': Math.round(readyMs - startedMs),
      'ms from the start to the end of the last': Math.round(ended.allMs - startedMs),
      'ms from the handing over to the end of a new file': Math.round(ended.freshMs - readyMs),
      'ms from the handing over to the end of one of another dataset': Math.round(
        ended.otherMs - readyMs,
      ),
    };
    await trial.idle(daemon);
    expect(await daemon.stop(), daemon.said).toBe(0);
    await trial.account();
    rig.onTrial(JSON.stringify(figures));
    if (!isShort) {
      expect(ended.allMs - startedMs).toBeLessThan(ALL_MS_MAX);
      expect(ended.otherMs - readyMs).toBeLessThan(NEW_FILE_MS_MAX);
    }
    return figures;
  } finally {
    await trial.close();
  }
}

/** When the first file, the new ones, and all of them were in the archive, which is after their rows are committed. */
async function ends(
  { project, journal }: Trial,
  fresh: Delivery,
  describe: () => string,
): Promise<{ firstMs: number; freshMs: number; otherMs: number; allMs: number }> {
  const archive = join(project.archive, DATASET);
  const path = endOf(project, fresh);
  const otherArchive = join(project.archive, OTHER);
  const seen = { first: [] as number[], fresh: [] as number[], other: [] as number[] };
  await until(
    () => {
      const count = existsSync(archive) ? readdirSync(archive).length : 0;
      if (count > 0) seen.first.push(performance.now());
      if (existsSync(path)) seen.fresh.push(performance.now());
      if (filesIn(otherArchive).length > 0) seen.other.push(performance.now());
      return count === journal.length && seen.other.length > 0;
    },
    describe,
    60_000,
  );
  const allMs = performance.now();
  const [firstMs = allMs, freshMs = allMs, otherMs = allMs] = [
    seen.first,
    seen.fresh,
    seen.other,
  ].map(([ms]) => ms);
  return { firstMs, freshMs, otherMs, allMs };
}
