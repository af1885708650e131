import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { claimsIn, loadIdFor, parquetRows, receiptsIn } from '../support/exactly-once.ts';
import { until } from '../support/until.ts';
import { expectEndsInLog, expectEveryEndInLog } from './accounts.ts';
import { type Fault, type Figures, type Rig, timesOf } from './fault.ts';
import { DATASET, type Delivery, DIVERTED_MAX } from './producer.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { Trial } from './trial.ts';

const ROWS_MAX = 20_000;
/** How long the daemon may go on with a claim before somebody changes it. */
const MOMENTS = 60;

/** What somebody does to a file that is claimed, as through a handle from before; its content then. Null: it is gone. */
const meddlers: Readonly<
  Record<string, (path: string, content: string, random: SeededRandom) => string | null>
> = {
  'appended to after the claim'(path, content) {
    const more = content.slice(content.indexOf('\n') + 1);
    appendFileSync(path, more);
    return content + more;
  },

  'truncated while it is read'(path, content, random) {
    // At the end of a row, behind which the rest is a whole file, or somewhere.
    const at = random.below(content.length);
    const cut = random.below(2) === 0 ? at : content.lastIndexOf('\n', at) + 1;
    const rest = Buffer.from(content.slice(0, cut));
    truncateSync(path, rest.length);
    return rest.toString();
  },

  'deleted while it is read'(path) {
    rmSync(path);
    return null;
  },
};

/** Files that are changed when csv-hopper has them already: what is loaded is the one content or the other, or it is refused. */
export const changedClaims: Fault = {
  title: 'files that are appended to, cut or deleted while they are read',
  missing: () => null,
  async run(rig: Rig) {
    const random = new SeededRandom(rig.seed);
    const figures: Figures = {};
    for (const [what, meddle] of Object.entries(meddlers)) {
      for (let n = 0; n < timesOf(rig, 50, 2); n++) {
        const end = await change(rig, random, meddle).catch((cause: unknown) => {
          throw new Error(`A file ${what}, time ${n}:`, { cause });
        });
        const told = `${what}: ${end}`;
        figures[told] = (figures[told] ?? 0) + 1;
        rig.onTrial(told);
      }
    }
    return figures;
  },
};

async function change(
  rig: Rig,
  random: SeededRandom,
  meddle: (typeof meddlers)[string],
): Promise<string> {
  const trial = await Trial.open({
    ...{ seed: random.below(1e6), server: rig.server, isUnobserved: true },
    more: 'intake: { quiet_ms: 50, sweep_ms: 300 }\nconvert: { workers: 2 }',
  });
  try {
    const daemon = trial.start();
    await daemon.ready();
    const before = trial.draft(1 + random.below(ROWS_MAX));
    trial.project.drop(before.name, before.content);
    const claimed = await until(
      () => pathOfClaim(trial, before.name),
      () => daemon.said,
    );
    for (let turns = random.below(MOMENTS); turns > 0; turns--) await new Promise(setImmediate);
    daemon.child.kill('SIGSTOP');
    // It may have come to its end, or got its load's id, in the meantime.
    const path = pathOfClaim(trial, before.name) ?? claimed;
    const isLate = !existsSync(path);
    const now = isLate ? before.content : meddle(path, before.content, random);
    daemon.child.kill('SIGCONT');
    const other = trial.handOver(3);
    // The claim of one that is gone stays until the next start.
    await until(
      () =>
        trial.hasEnded(other) &&
        (now === null || trial.isIdle()) &&
        hasEnd(trial, before.name, now),
      () => `${before.name} has no end. ${daemon.said}`,
    );
    expect(await daemon.stop(), daemon.said).toBe(0);
    await trial.recover();
    const end = await endOfChanged(trial, before, now);
    expectEndsTold(trial, before, now);
    await trial.expectToLast();
    return isLate ? `too late, ${end}` : end;
  } finally {
    await trial.close();
  }
}

function pathOfClaim({ project }: Trial, name: string): string | null {
  const paths = claimsIn(project).map((claim) => join(project.processing, claim, name));
  return paths.find((path) => existsSync(path)) ?? null;
}

/** Whether the log has told of its end: that it waits, where it is gone. */
function hasEnd({ project }: Trial, name: string, now: string | null): boolean {
  const steps = project.stepsOf(name);
  return /finished|failed/.test(steps.join()) || (now === null && steps.at(-1) === 'parked');
}

/** Holds what there is of a file against the two contents that it had, and names its end. */
async function endOfChanged(trial: Trial, before: Delivery, now: string | null): Promise<string> {
  const { project, database } = trial;
  const { name } = before;
  const contents = new Map(
    [before.content, now].flatMap((content) =>
      content === null ? [] : [[loadIdFor(DATASET, name, content), content]],
    ),
  );
  const others = new Set(trial.journal.map(({ loadId }) => loadId));
  const receipts = (await receiptsIn(project, DATASET)).filter(({ loadId }) => !others.has(loadId));
  expect(receipts.length).toBeLessThanOrEqual(1);
  const rejects = join(project.failed, `${name}.rejects.csv`);
  const isDiverted = existsSync(rejects);
  const rows = Object.fromEntries(
    receipts.map(({ loadId }) => [
      loadId,
      rowsOf(contents.get(loadId) ?? '') - (isDiverted ? DIVERTED_MAX : 0),
    ]),
  );
  // The only row that can be at fault is the one in which the file was cut.
  if (isDiverted) expect(readFileSync(rejects, 'utf8')).toContain(`\n${lastLine(now ?? '')};`);
  const ofThis = (found: Record<string, number>): Record<string, number> =>
    Object.fromEntries(Object.entries(found).filter(([loadId]) => !others.has(loadId)));
  expect(ofThis(await parquetRows(project, DATASET))).toEqual(rows);
  expect(ofThis((await database?.tableRows(DATASET)) ?? {})).toEqual(rows);
  expect(ofThis((await database?.ledgerRows(DATASET)) ?? {})).toEqual(rows);
  const [loadId] = Object.keys(rows);
  if (existsSync(join(project.failed, name))) {
    expect(readFileSync(join(project.failed, name), 'utf8')).toBe(now);
    const report = readFileSync(join(project.failed, `${name}.report.json`), 'utf8');
    if (loadId !== undefined) expect(report).toContain(loadId);
    return loadId === undefined ? 'refused' : 'loaded as it was, handed back as it is';
  }
  const archive = join(project.archive, DATASET);
  const archived = readdirSync(archive)
    .filter((file) => file.startsWith(name.replace('.csv', '-')))
    .map((file) => readFileSync(join(archive, file), 'utf8'));
  if (now === null) {
    expect(archived).toEqual([]);
    return loadId === undefined ? 'told of as gone' : 'loaded, and told of as gone';
  }
  expect(archived).toEqual([contents.get(loadId ?? '')]);
  // Nothing of what came later may be lost.
  expect(archived).toEqual([now]);
  if (isDiverted) return 'loaded without the row in which it was cut';
  return now === before.content ? 'loaded' : 'loaded as it is';
}

/** The log tells the end of this file as it is found, and those of the others as of any file. */
function expectEndsTold({ project, journal }: Trial, { name }: Delivery, now: string | null): void {
  expectEndsInLog(project, journal, (file) => file === name);
  expectEveryEndInLog(project, journal);
  const told = project.allEvents().filter(({ file }) => file === name);
  const hasFailed = existsSync(join(project.failed, name));
  expect(told.some(({ event }) => event === 'failed')).toBe(hasFailed);
  // One that is gone has no end but this.
  const isTold = told.some(({ event }) => event === 'finished' || event === 'failed');
  expect(isTold || (now === null && told.some(({ event }) => event === 'parked'))).toBe(true);
}

function lastLine(content: string): string {
  return content.slice(content.lastIndexOf('\n') + 1);
}

/** Of a content that may be cut in its last row, which then may still be a row. */
function rowsOf(content: string): number {
  return content.split('\n').filter((line) => line !== '').length - 1;
}
