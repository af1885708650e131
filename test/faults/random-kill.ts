import { expect } from 'vitest';
import type { HopperProcess } from '../support/hopper-process.ts';
import { type Fault, type Figures, type Rig, timesOf } from './fault.ts';
import type { Mode } from './producer.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { streamFor } from './stream.ts';
import { Trial, type TrialSettings } from './trial.ts';

/** Kills that befall one project before everything is looked at; then another begins, because looking takes longer each time. */
const KILLS_OF_A_TRIAL = 10;
/** From before a csv-hopper has found its files to when it has worked for a while. */
const LIFE_MS_MAX = 2500;

/** So many runs may end by themselves for each that is killed, and hardly ever do more than one. */
const ENDED_MAX = 10;

/** How people run it; the trials go round among these. */
interface Way {
  name: string;
  command: 'start' | 'ingest';
  settings: Pick<TrialSettings, 'deletesSources' | 'tellsSenders'>;
}
const ways: readonly Way[] = [
  { name: 'as it comes', command: 'start', settings: {} },
  { name: 'sources deleted', command: 'start', settings: { deletesSources: true } },
  { name: 'receipts for senders', command: 'start', settings: { tellsSenders: true } },
  { name: 'ingest', command: 'ingest', settings: {} },
];

/** kill -9 at any moment, again and again, while files keep coming. */
export const randomKill: Fault = {
  title: 'kill -9 at random moments under a stream of files',
  missing: () => null,
  run: (rig) => killUnderStream(rig, timesOf(rig, 1000, ways.length), 'append'),
};

/** Kills it so often under a stream of files of a dataset that does this with rows that are there. */
export async function killUnderStream(rig: Rig, cycles: number, mode: Mode): Promise<Figures> {
  const random = new SeededRandom(rig.seed);
  const killsOfATrial = Math.min(KILLS_OF_A_TRIAL, Math.ceil(cycles / ways.length));
  let files = 0;
  for (let done = 0, trials = 0; done < cycles; done += killsOfATrial, trials++) {
    const kills = Math.min(killsOfATrial, cycles - done);
    const way = ways[trials % ways.length]!;
    const seed = rig.seed + done;
    files += await killAgainAndAgain({ ...rig, seed }, kills, random, mode, way).catch(
      (cause: unknown) => {
        throw new Error(`With ${way.name}, seed ${seed}:`, { cause });
      },
    );
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
  { name, command, settings }: Way,
): Promise<number> {
  const { server, seed } = rig;
  const trial = await Trial.open({
    ...{ seed, server, mode, ...settings },
    more: 'intake: { quiet_ms: 50, sweep_ms: 300 }\nconvert: { workers: 2 }',
  });
  try {
    let ended = 0;
    for (let n = 0; n < kills;) {
      const running = trial.project.run([command]);
      await streamFor(random.below(LIFE_MS_MAX), random, (rows, end) => trial.handOver(rows, end));
      const end = await running.stop('SIGKILL');
      if (command === 'start' || end === 'SIGKILL') {
        expect(end, running.said).toBe('SIGKILL');
        n++;
      } else {
        expectOrderlyEnd(running, end);
        expect(++ended, 'runs that ended before their kill').toBeLessThan(ENDED_MAX * kills);
      }
    }
    const startedMs = performance.now();
    if (command === 'ingest') await ingestAll(trial);
    else await trial.recover();
    const tookMs = Math.round(performance.now() - startedMs);
    rig.onTrial(`${mode}, ${name}: all at their ends after ${tookMs} ms`);
    await trial.account();
    return trial.journal.length;
  } finally {
    await trial.close();
  }
}

/** An ingest comes to its end by itself, sometimes before the kill, and says whether a file failed in it. */
function expectOrderlyEnd({ said }: HopperProcess, end: number | NodeJS.Signals | null): void {
  expect([0, 1], said).toContain(end);
}

/** One that nothing befalls brings all that the killed ones have left to its end. */
async function ingestAll(trial: Trial): Promise<void> {
  const running = trial.project.run(['ingest']);
  expectOrderlyEnd(running, await running.ended);
  expect(trial.isIdle(), running.said).toBe(true);
}
