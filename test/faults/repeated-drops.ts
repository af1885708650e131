import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { runCommand } from '../support/command-run.ts';
import { claimsIn, expectNothingLeft, parquetRows, receiptsIn } from '../support/exactly-once.ts';
import { filesIn, HopperProject, people } from '../support/hopper-project.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { TestDatabase } from '../support/test-database.ts';
import { until } from '../support/until.ts';
import { type Fault, type Figures, type Rig, timesOf } from './fault.ts';

/** In one a file that is dropped again is loaded again, in the other it is skipped. */
const AGAIN = 'again';
const ONCE = 'once';
const datasets = `datasets:
  - { name: ${AGAIN}, match: '${AGAIN}*', schema: schema/people.yaml, redrop: load }
  - { name: ${ONCE}, match: '${ONCE}*', schema: schema/people.yaml }
`;
/** Few files, so that they come again often; some of them small, and one that takes its time. */
const ROWS = [1, 30, 30_000];
const files = [AGAIN, ONCE].flatMap((dataset) =>
  ROWS.map((rows) => ({ dataset, name: `${dataset}-${rows}.csv`, content: people(0, rows) })),
);

const KILLS_OF_A_PROJECT = 10;
const LIFE_MS_MAX = 2000;
const DROP_PAUSE_MS_MAX = 150;
const IDLE_MS_MAX = 120_000;

/** kill -9 while the same few files are dropped again and again, and some of their loads are taken back. */
export const repeatedDrops: Fault = {
  title: 'kill -9 while the same files are dropped again and again',
  missing: () => null,
  async run(rig: Rig): Promise<Figures> {
    const kills = timesOf(rig, 100, 2);
    const random = new SeededRandom(rig.seed);
    const figures: Figures = { kills, drops: 0, undone: 0 };
    for (let done = 0; done < kills; done += KILLS_OF_A_PROJECT) {
      const some = Math.min(KILLS_OF_A_PROJECT, kills - done);
      const { drops, undone } = await killAgainAndAgain(rig, some, random);
      figures['drops']! += drops.length;
      figures['undone']! += undone;
      rig.onTrial(`${done + some} kills, ${figures['drops']} drops, ${figures['undone']} undone`);
    }
    return figures;
  },
};

interface Deeds {
  /** Names of files, one for each drop. */
  drops: string[];
  /** How many loads of the dataset of repetitions were taken back. */
  undone: number;
}

async function killAgainAndAgain(
  { server }: Rig,
  kills: number,
  random: SeededRandom,
): Promise<Deeds> {
  const database = await TestDatabase.create(server);
  const more = 'intake: { quiet_ms: 50, sweep_ms: 300 }\nconvert: { workers: 2 }';
  const project = new HopperProject({ datasets, database: database.config(), more });
  const deeds: Deeds = { drops: [], undone: 0 };
  try {
    for (let n = 0; n < kills; n++) {
      const daemon = project.run(['start']);
      const endMs = performance.now() + random.below(LIFE_MS_MAX);
      while (performance.now() < endMs) {
        drop(project, deeds, random);
        await delay(random.below(DROP_PAUSE_MS_MAX));
      }
      await daemon.stop('SIGKILL');
      // Between a kill and the next start, and while it is working.
      if (random.below(3) === 0) await takeBack(project, deeds, random);
    }
    const daemon = await project.start();
    await until(
      () => filesIn(project.input).length === 0 && claimsIn(project).length === 0,
      () => daemon.said,
      IDLE_MS_MAX,
    );
    expect(await daemon.stop(), daemon.said).toBe(0);
    await account(project, deeds, database);
    return deeds;
  } finally {
    await project.remove();
    await database.drop();
  }
}

/** One that still waits is not dropped twice by being replaced by its like. */
function drop(project: HopperProject, deeds: Deeds, random: SeededRandom): void {
  const { name, content } = random.oneOf(files);
  if (existsSync(join(project.input, name))) return;
  project.drop(name, content);
  deeds.drops.push(name);
}

async function takeBack(project: HopperProject, deeds: Deeds, random: SeededRandom): Promise<void> {
  const receipts = await receiptsIn(project, AGAIN);
  if (receipts.length === 0) return;
  const { code } = await runCommand(project, ['undo', random.oneOf(receipts).loadId]);
  // Refused where it is under way, or was taken back before.
  if (code === 0) deeds.undone++;
}

async function account(
  project: HopperProject,
  { drops, undone }: Deeds,
  database: TestDatabase,
): Promise<void> {
  const again = drops.filter((name) => name.startsWith(AGAIN));
  const once = drops.filter((name) => name.startsWith(ONCE));
  for (const [dataset, loads] of [
    [AGAIN, again.length - undone],
    [ONCE, new Set(once).size],
  ] as const) {
    const rows = await database.tableRows(dataset);
    expect(Object.keys(rows), `loads of ${dataset}`).toHaveLength(loads);
    expect(await database.ledgerRows(dataset)).toEqual(rows);
    expect(await parquetRows(project, dataset)).toEqual(rows);
  }
  await expectNothingLeft(project);
  expectEnds(project, again, once);
  const { stdout } = await runCommand(project, ['check', '--ledger']);
  expect(stdout).toMatch(/^[\d,]+ loads? compared, no differences\n$/);
}

/** A kill may come between the last line of a file and the removal of its claim, which then tells it twice: hardly ever. */
function expectEnds(project: HopperProject, again: string[], once: string[]): void {
  const ends = { finished: 0, skipped: 0 };
  const ofAgain = { ...ends };
  for (const { event, file = '' } of project.allEvents()) {
    if (event !== 'finished' && event !== 'skipped') continue;
    (file.startsWith(AGAIN) ? ofAgain : ends)[event]++;
  }
  const versions = new Set(once).size;
  const twice = 1;
  expect(ofAgain.skipped, 'repetitions that are told as skipped').toBe(0);
  expect(ofAgain.finished).toBeGreaterThanOrEqual(again.length);
  expect(ofAgain.finished).toBeLessThanOrEqual(again.length + twice);
  expect(ends.finished).toBeGreaterThanOrEqual(versions);
  expect(ends.finished, 'drops told as finished').toBeLessThanOrEqual(versions + twice);
  expect(ends.skipped).toBeGreaterThanOrEqual(once.length - versions);
  expect(ends.skipped).toBeLessThanOrEqual(once.length - versions + twice);
}
