import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { HopperProcess } from '../support/hopper-process.ts';
import { filesIn } from '../support/hopper-project.ts';
import { until } from '../support/until.ts';
import { type Fault, type Figures, type Rig, timesOf } from './fault.ts';
import { DATASET } from './producer.ts';
import { Trial } from './trial.ts';

/** An hour of one file a second, handed over as fast as they are converted. */
const FILES = 3600;
const FILES_IN_SHORT_FORM = 300;
const ROWS = 200;
const FILES_BEFORE = 20;
/** So many looks at memory and disk while files come. */
const LOOKS = 10;
/** Longer than the longest pause between two attempts. */
const WAIT_MS = 40_000;
/** A waiting file costs its own bytes, those of its load file, and a note; the log is about a kilobyte a file. */
const WORK_PER_INPUT_MAX = 3;
/** Of memory: what 32 MiB of load files, the workers and the garbage collector's slack come to, and for each waiting file some. */
const GROWTH_BYTES_MAX = 200 << 20;
const DRAIN_MS_MAX = 20_000;

/** What the daemon takes up, and what has come in so far. */
interface Look {
  files: number;
  inputBytes: number;
  residentBytes: number;
  /** Sources, load files, notes, unfinished Parquet files and the log. */
  workBytes: number;
}

/** The database is away for an hour of arrivals, as one that is gone and as one that does not answer. */
export const outage: Fault = {
  title: 'an hour without the database, with files coming all the time',
  missing: () => null,
  async run(rig) {
    const figures: Figures = {};
    const ways = rig.isShort ? (['SIGKILL'] as const) : (['SIGKILL', 'SIGSTOP'] as const);
    for (let n = 0; n < timesOf(rig, 1, 1); n++) {
      for (const way of ways) {
        const name = way === 'SIGKILL' ? 'server gone' : 'server stopped';
        const found = await beWithout({ ...rig, seed: rig.seed + n }, way);
        for (const [what, number] of Object.entries(found)) {
          figures[`${name}, ${what}`] = Math.max(figures[`${name}, ${what}`] ?? 0, number);
        }
        rig.onTrial(`${name}: ${JSON.stringify(found)}`);
      }
    }
    return figures;
  },
};

async function beWithout(rig: Rig, way: 'SIGKILL' | 'SIGSTOP'): Promise<Figures> {
  const { server, seed, isShort } = rig;
  const trial = await Trial.open({
    ...{ seed, server, isUnobserved: true },
    database: { connectTimeoutMs: 2000, queryTimeoutMs: 2000 },
    more: 'intake: { quiet_ms: 50, sweep_ms: 300 }\nconvert: { workers: 2 }',
  });
  try {
    const daemon = trial.start();
    await daemon.ready();
    for (let n = 0; n < FILES_BEFORE; n++) trial.handOver(ROWS);
    await trial.idle(daemon);
    const before = look(trial, daemon);
    await server.kill(way);
    let looks: Look[];

    try {
      looks = await handOverAll(trial, daemon, isShort ? FILES_IN_SHORT_FORM : FILES);
      if (!isShort) await delay(WAIT_MS);
      looks.push(look(trial, daemon));
    } finally {
      await (way === 'SIGKILL' ? server.restart() : server.kill('SIGCONT'));
    }
    const backMs = performance.now();
    await trial.idle(daemon);
    const drainMs = performance.now() - backMs;
    expect(daemon.hasEnded, daemon.said).toBe(false);
    const last = look(trial, daemon);
    expect(await daemon.stop(), daemon.said).toBe(0);
    await expectOrder(trial);
    await trial.account();
    const growth = Math.max(
      ...looks.map(({ residentBytes }) => residentBytes - before.residentBytes),
    );
    const ratio = Math.max(...looks.map(({ workBytes, inputBytes }) => workBytes / inputBytes));
    rig.onTrial(looks.map((each) => JSON.stringify(each)).join('\n  '));
    expect(ratio).toBeLessThan(WORK_PER_INPUT_MAX);
    expect(growth).toBeLessThan(GROWTH_BYTES_MAX);
    if (!isShort) expect(drainMs).toBeLessThan(DRAIN_MS_MAX);
    return {
      files: trial.journal.length,
      'MB handed over': inMegabytes(looks.at(-1)!.inputBytes),
      'MB of memory before': inMegabytes(before.residentBytes),
      'MB of memory at the most': inMegabytes(growth + before.residentBytes),
      'MB of memory after': inMegabytes(last.residentBytes),
      'MB of work files and log at the most': inMegabytes(
        Math.max(...looks.map(({ workBytes }) => workBytes)),
      ),
      'ms from the return to the end of the last file': Math.round(drainMs),
    };
  } finally {
    await trial.close();
  }
}

/** Hands over as many files as are converted meanwhile, and looks now and then. */
async function handOverAll(trial: Trial, daemon: HopperProcess, files: number): Promise<Look[]> {
  const folder = join(trial.project.output, DATASET);
  const looks: Look[] = [];
  for (let round = 1; round <= LOOKS; round++) {
    for (let n = 0; n < files / LOOKS; n++) trial.handOver(ROWS);
    await until(
      () => filesIn(folder).length === trial.journal.length,
      () => `Not all are converted. ${daemon.said}`,
    );
    looks.push(look(trial, daemon));
  }
  return looks;
}

/** Those of one transaction have the same time; no file is in the ledger before one that came earlier. */
async function expectOrder({ database, journal }: Trial): Promise<void> {
  const rows = await database!.query('SELECT load_id, loaded_at FROM $csv_hopper_ledger');
  const times = new Map(rows.map((row) => [String(row['load_id']), String(row['loaded_at'])]));
  const inOrder = journal.map(({ loadId }) => times.get(loadId));
  expect(inOrder).toEqual([...inOrder].sort());
}

function look({ project, journal }: Trial, { child }: HopperProcess): Look {
  const status = readFileSync(`/proc/${child.pid ?? 0}/status`, 'utf8');
  return {
    files: journal.length,
    inputBytes: journal.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0),
    residentBytes: Number(/^VmRSS:\s*(\d+)/m.exec(status)?.[1]) * 1024,
    workBytes:
      bytesIn(project.processing) +
      bytesIn(join(project.output, '.writing')) +
      bytesIn(project.logs),
  };
}

function bytesIn(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.reduce(
    (sum, entry) => sum + (entry.isFile() ? statSync(join(entry.parentPath, entry.name)).size : 0),
    0,
  );
}

function inMegabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
