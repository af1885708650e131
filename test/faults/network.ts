import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { HopperProcess } from '../support/hopper-process.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';
import { endOf } from './ends.ts';
import { type Fault, type Figures, type Rig, timesOf } from './fault.ts';
import { type Delivery, LARGE_FILE_ROWS, type Mode } from './producer.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { Trial } from './trial.ts';

/** What a connection and the load of a small file send, in bytes; a cut beyond it falls into the next load. */
const CONVERSATION_BYTES = { 'to server': 4000, 'to client': 1500 } as const;
/** The most that is sent of a large file before its connection is cut. */
const LARGE_FILE_BYTES = 5_000_000;
/** The longest wait for a statement, where the server answers at once or not at all; and a silence that is longer. */
const ANSWER_MS_MAX = 2000;
const SILENCE_MS = 3000;

/** The way to the database, through a proxy that cuts connections after a COMMIT. */
export const commitCuts: Fault = {
  title: 'connections cut right after COMMIT was sent',
  missing: () => null,
  run: (rig) => cutCommits(rig, timesOf(rig, 200, 6), 'append'),
};

/** Cuts so many connections at COMMIT, in a dataset that does this with rows that are there. */
export function cutCommits(rig: Rig, cuts: number, mode: Mode): Promise<Figures> {
  return withProxy(
    rig,
    async (trial, proxy, daemon) => {
      for (let n = 0; n < cuts; n++) {
        // Every fourth COMMIT gets lost itself: nobody can tell these from the others, but for the outcome.
        const cut = proxy.cutAfterSending('COMMIT', n % 4 === 3);
        const rows = 3 + (n % 50);
        const delivery = trial.handOver(
          rows,
          mode !== 'append' && n % 5 === 2 ? 'diverted' : 'loaded',
        );
        await cut;
        await ended(trial, delivery, daemon);
        rig.onTrial(`${mode}: COMMIT ${n + 1} of ${cuts}`);
      }
      return { cuts };
    },
    { mode },
  );
}

/** Cuts after any number of bytes, either way. */
export const byteCuts: Fault = {
  title: 'connections cut after any number of bytes',
  missing: () => null,
  run: (rig) => cutBytes(rig, timesOf(rig, 400, 6), 'append'),
};

/** The same so often, in a dataset that does this with rows that are there. */
export function cutBytes(rig: Rig, cuts: number, mode: Mode): Promise<Figures> {
  return withProxy(
    rig,
    async (trial, proxy, daemon) => {
      const random = new SeededRandom(rig.seed);
      let inLargeFile = 0;
      for (let n = 0; n < cuts; n++) {
        const direction = n % 2 === 0 ? 'to server' : 'to client';
        const isLarge = !rig.isShort && n % 40 === 0;
        const limit = isLarge ? LARGE_FILE_BYTES : CONVERSATION_BYTES[direction];
        let left = 1;
        const cut = proxy.cutAfterBytes(direction, 1 + random.below(limit)).then(() => left--);
        if (isLarge) inLargeFile++;
        // It may take the bytes of several files to get there.
        while (left > 0) {
          const delivery = trial.handOver(isLarge ? LARGE_FILE_ROWS : 3 + (n % 50));
          await ended(trial, delivery, daemon);
        }
        await cut;
        rig.onTrial(`${mode}: cut ${n + 1} of ${cuts}, ${direction}`);
      }
      return { cuts, 'of them in a large file': inLargeFile };
    },
    { mode },
  );
}

/** Bytes that get lost, come one a second, or are answered with a reset. */
export const badLine: Fault = {
  title: 'a black hole, resets, one byte a second',
  missing: () => null,
  run: (rig) =>
    withProxy(
      rig,
      async (trial, proxy, daemon) => {
        const times = timesOf(rig, 20, 1);
        for (let n = 0; n < times; n++) {
          for (const passage of ['black hole', 'trickle'] as const) {
            proxy.pass(passage);
            trial.handOver(20);
            // It has to give up, and to say so.
            await trial.project.event('parked', `delivery-${trial.journal.length}.csv`);
            if (!rig.isShort) await delay(SILENCE_MS);
            proxy.pass('open');
            await trial.idle(daemon);
          }
          for (let reset = 0; reset < 10; reset++) {
            trial.handOver(20);
            proxy.reset();
            await delay(10);
          }
          await trial.idle(daemon);
          rig.onTrial(`bad line ${n + 1} of ${times}`);
        }
        return { 'black holes': times, 'of one byte a second': times, resets: 10 * times };
      },
      { queryTimeoutMs: ANSWER_MS_MAX },
    ),
};

async function withProxy(
  rig: Rig,
  body: (trial: Trial, proxy: TcpProxy, daemon: HopperProcess) => Promise<Figures>,
  { queryTimeoutMs = 30_000, mode = 'append' }: { queryTimeoutMs?: number; mode?: Mode } = {},
): Promise<Figures> {
  const { server, seed } = rig;
  const proxy = await startTcpProxy(server.port);
  const way = { port: proxy.port, connectTimeoutMs: ANSWER_MS_MAX, queryTimeoutMs };
  const trial = await Trial.open({
    ...{ seed, server, mode },
    database: way,
    more: 'intake: { quiet_ms: 50, sweep_ms: 300 }\nconvert: { workers: 2 }',
  });
  try {
    const daemon = trial.start();
    await daemon.ready();
    const figures = await body(trial, proxy, daemon);
    await trial.idle(daemon);
    expect(await daemon.stop(), daemon.said).toBe(0);
    await trial.account();
    return { ...figures, files: trial.journal.length };
  } finally {
    await trial.close();
    await proxy.close();
  }
}

async function ended(trial: Trial, delivery: Delivery, daemon: HopperProcess): Promise<void> {
  await until(
    () => existsSync(endOf(trial.project, delivery)),
    () => `${delivery.name} is not at its end. ${daemon.said}`,
    60_000,
  );
}
