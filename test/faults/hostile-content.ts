import {
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { pagePath, reportPath } from '../../src/pipeline/report-files.ts';
import type { HopperProcess } from '../support/hopper-process.ts';
import { filesIn } from '../support/hopper-project.ts';
import { until } from '../support/until.ts';
import { openDuckDB } from '../unit/parquet/read-back.ts';
import { sample } from './call-trial.ts';
import type { Fault, Figures, Rig } from './fault.ts';
import {
  HOSTILE,
  type HostileContent,
  hostileContents,
  hostileSchema,
  ODD_NAMES,
  oddNamesSchema,
} from './hostile-contents.ts';
import { naughtyString } from './naughty-strings.ts';
import { forgetPeak, peakMib } from './process-memory.ts';
import { processorMs } from './processor-time.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { Trial } from './trial.ts';

/** What a gigabyte is in each form; the limit for lines is as much smaller. */
const LARGE_BYTES = 1e9;
const LARGE_BYTES_SHORT = 20e6;

/** By when there has to be a verdict: for each 100 MB begun. */
const VERDICT_MS_MAX = 5000;
const VERDICT_BYTES = 100e6;
/** By how much a file that came meanwhile may be later than others. */
const HELD_UP_MS_MAX = 1000;
/** What a process may take whatever it reads: with two workers, a line of 16 MiB in each. */
const PEAK_MIB_MAX = 768;
/** When nobody waits for a verdict any longer. */
const JUDGING_MS_MAX = 150_000;
const REPORT_BYTES_MAX = 4 << 20;

const CALM_FILES = 11;

const NAUGHTY = 'naughty';
const naughtySchema = 'id: INTEGER\nvalue: VARCHAR(400)\n';
const NAUGHTY_VALUES = 5000;

const isEnd = /finished|failed|skipped/;

interface Scene {
  rig: Rig;
  trial: Trial;
  daemon: HopperProcess;
  pid: number;
}

interface Verdict {
  bytes: number;
  tookMs: number;
  /** The daemon's processor time, which other work on the machine hardly changes. */
  cpuMs: number;
  peak: number;
  /** The longest that a small file took meanwhile. */
  innocentMs: number;
}

/** Files that are made to take memory or time; others go on meanwhile. */
export const hostileContent: Fault = {
  title: 'contents that are made to take memory or time',
  missing: () => (process.platform === 'linux' ? null : 'there is no /proc'),
  async run(rig: Rig) {
    const trial = await Trial.open({
      seed: rig.seed,
      server: rig.server,
      more: `intake: { quiet_ms: 50, sweep_ms: 300 }\nconvert: ${rig.isShort ? '{ workers: 2, line_bytes_max: 1048576 }' : '{ workers: 1 }'}`,
      others: { [HOSTILE]: hostileSchema, [ODD_NAMES]: oddNamesSchema, [NAUGHTY]: naughtySchema },
    });
    const figures: Figures = {};
    const beyond: string[] = [];
    try {
      const daemon = trial.start();
      await daemon.ready();
      const scene = { rig, trial, daemon, pid: daemon.child.pid ?? 0 };
      const calmMs = await calm(scene);
      figures['a small file alone, ms'] = Math.round(calmMs);
      for (const [what, content] of sample(Object.entries(hostileContents), rig, 4)) {
        const verdict = await judge(scene, content).catch((cause: unknown) => {
          throw new Error(`With ${what}:`, { cause });
        });
        const { bytes, tookMs, cpuMs, peak } = verdict;
        const heldUpMs = Math.max(0, verdict.innocentMs - calmMs);
        const told = `${what} (${Math.ceil(bytes / 1e6)} MB)`;
        rig.onTrial(
          `${told}: verdict after ${Math.round(tookMs)} ms (${Math.round(cpuMs)} ms of processor time), others ${Math.round(heldUpMs)} ms later, ${peak} MiB`,
        );
        figures[`${told}, ms to the verdict`] = Math.round(tookMs);
        figures['longest that others were held up, ms'] = Math.round(
          Math.max(figures['longest that others were held up, ms'] ?? 0, heldUpMs),
        );
        figures['most memory, MiB'] = Math.max(figures['most memory, MiB'] ?? 0, peak);
        if (!rig.isShort) {
          const parts = Math.ceil(bytes / VERDICT_BYTES);
          if (tookMs > parts * VERDICT_MS_MAX) beyond.push(`${told}: verdict after ${tookMs} ms`);
          if (heldUpMs > HELD_UP_MS_MAX) beyond.push(`${told}: others waited ${heldUpMs} ms`);
          if (peak > PEAK_MIB_MAX) beyond.push(`${told}: ${peak} MiB`);
        }
      }
      figures['naughty values'] = await loadNaughtyValues(scene);
      expect(await daemon.stop(), daemon.said).toBe(0);
      await trial.account();
      expect(beyond, 'beyond the limits').toEqual([]);
      return figures;
    } finally {
      await trial.close();
    }
  },
};

/** Drops a hostile file, and small ones until there is a verdict on it. */
async function judge(scene: Scene, content: HostileContent): Promise<Verdict> {
  const { trial, daemon, pid } = scene;
  const { project } = trial;
  const name = `${content.dataset}-${trial.journal.length}.csv`;
  const bytes = write(scene, content);
  forgetPeak(pid);
  const cpuMs = processorMs(pid);
  const droppedMs = Date.now();
  renameSync(join(project.input, '.hostile.tmp'), join(project.input, name));
  let longestMs = 0;
  // The log is read after each of them only: all of it over and over would take the processor from who is judged.
  const end = await until(
    async () => {
      longestMs = Math.max(longestMs, await innocentMs(scene));
      expect(daemon.hasEnded, daemon.said).toBe(false);
      return project.events().find(({ file, event }) => file === name && isEnd.test(event));
    },
    () => `No verdict on ${name}. ${daemon.said}`,
    JUDGING_MS_MAX,
  );
  expectEnd(scene, name, content, bytes);
  const tookMs = Date.parse(end.time) - droppedMs;
  return {
    ...{ bytes, tookMs, cpuMs: processorMs(pid) - cpuMs },
    ...{ peak: peakMib(pid), innocentMs: longestMs },
  };
}

/** Writes it under another name; its size. */
function write({ rig, trial }: Scene, { parts }: HostileContent): number {
  const path = join(trial.project.input, '.hostile.tmp');
  const descriptor = openSync(path, 'w');
  try {
    const large = rig.isShort ? LARGE_BYTES_SHORT : LARGE_BYTES;
    for (const part of parts({ large, random: new SeededRandom(rig.seed) })) {
      const bytes = Buffer.from(part);
      for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
    }
  } finally {
    closeSync(descriptor);
  }
  return statSync(path).size;
}

/** Told once, and where it was refused, handed back as it was with a report that people can open. */
function expectEnd({ trial }: Scene, name: string, content: HostileContent, bytes: number): void {
  const { project } = trial;
  const ends = project.stepsOf(name).filter((step) => /finished|failed|skipped|parked/.test(step));
  expect(ends, name).toEqual([content.end]);
  if (content.end === 'finished') return;
  const path = join(project.failed, name);
  const [report, page] = [reportPath(path), pagePath(path)];
  expect(statSync(path).size).toBe(bytes);
  expect(statSync(page).size).toBeLessThan(REPORT_BYTES_MAX);
  expect(statSync(report).size).toBeLessThan(REPORT_BYTES_MAX);
  const told = JSON.parse(readFileSync(report, 'utf8')) as { problems: { rule: string }[] };
  expect(told.problems.length).toBeGreaterThan(0);
  if (content.rule !== undefined) expect(told.problems[0]?.rule, name).toBe(content.rule);
  for (const file of [path, report, page]) rmSync(file);
}

/** The median of some small files when nothing else is under way; the first of all has its table made. */
async function calm(scene: Scene): Promise<number> {
  await innocentMs(scene);
  const times: number[] = [];
  for (let n = 0; n < CALM_FILES; n++) times.push(await innocentMs(scene));
  return times.sort((a, b) => a - b)[CALM_FILES >> 1] ?? 0;
}

/** Has values loaded that programs like to take for something else, and reads them back from both places. */
async function loadNaughtyValues({ rig, trial }: Scene): Promise<number> {
  const random = new SeededRandom(rig.seed);
  const values = Array.from({ length: NAUGHTY_VALUES }, () => naughtyString(random));
  const lines = values.map((value, id) => `${id};"${value.replaceAll('"', '""')}"\n`);
  const { project, database } = trial;
  project.drop(`${NAUGHTY}.csv`, `id;value\n${lines.join('')}`);
  await project.event('finished', `${NAUGHTY}.csv`);
  const rows = (await database?.query(`SELECT value FROM $${NAUGHTY} ORDER BY id`)) ?? [];
  expectSame(
    rows.map((row) => row['value']),
    values,
  );
  const folder = join(project.output, NAUGHTY);
  const [parquet = ''] = filesIn(folder);
  const duckDB = await openDuckDB();
  try {
    // As bytes, because the reader takes a byte order mark off the start of a text.
    const sql = 'SELECT hex(encode(value)) AS value FROM read_parquet($file) ORDER BY id';
    const { value } = await duckDB.query(sql, join(folder, parquet));
    expectSame(
      (value ?? []).map((hex) => Buffer.from(String(hex), 'hex').toString()),
      values,
    );
  } finally {
    duckDB.close();
  }
  return values.length;
}

/** Names the first value that is not what it was. */
function expectSame(found: readonly unknown[], values: readonly string[]): void {
  const odd = values.findIndex((value, id) => found[id] !== value);
  expect(odd, `${JSON.stringify(values[odd])} reads ${JSON.stringify(found[odd])}`).toBe(-1);
}

/** How long a small file takes to its end. */
async function innocentMs({ trial, daemon }: Scene): Promise<number> {
  const startedMs = performance.now();
  const delivery = trial.handOver(10);
  await until(
    () => trial.hasEnded(delivery) || daemon.hasEnded,
    () => daemon.said,
  );
  return performance.now() - startedMs;
}
