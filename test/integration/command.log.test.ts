import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ConversionLog, openConversionLog } from '../../src/log/conversion-log.ts';
import { rotatedFiles } from '../../src/log/rotated-files.ts';
import { runCommand, snapshot } from '../support/command-run.ts';
import { HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { until } from '../support/until.ts';

let project: HopperProject;
let log: ConversionLog | null;
beforeEach(() => {
  project = new HopperProject({ datasets: peopleDataset });
  log = null;
});
afterEach(async () => {
  log?.close();
  await project.remove();
});

/** Writes events as the daemon does, into files that are rotated after a few of them. */
function writeEvents(from: number, to: number): void {
  log ??= openConversionLog({
    folder: project.logs,
    rotateBytes: 1024,
    rotateDays: 7,
    keepFiles: 100,
    now: () => new Date(),
  });
  for (let n = from; n <= to; n++) log.info('found', 'complete', { file: `${n}.csv` });
}

function filesOf(text: string): number[] {
  return [...text.matchAll(/^\S+Z {2}found {6}(\d+)\.csv$/gm)].map(([, n]) => Number(n));
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

test('before the first event that is said, and nothing is made', async () => {
  const before = snapshot(project.root);
  const run = await runCommand(project, ['log']);
  expect(run).toEqual({ code: 0, stdout: '', stderr: `no events yet in ${project.logs}\n` });
  expect(snapshot(project.root)).toEqual(before);
});

test('a conversion can be read in one line each step', async () => {
  project.drop('a.csv', people(1, 3));
  project.drop('b\u001B[31m.csv', 'wrong\n');
  expect((await runCommand(project, ['ingest'])).code).toBe(1);
  const { code, stdout } = await runCommand(project, ['log']);
  expect(code).toBe(0);
  const steps = project.stepsOf('a.csv');
  expect(steps).toContain('finished');
  for (const step of steps) expect(stdout).toMatch(new RegExp(`Z  ${step.padEnd(9)}  a\\.csv`));
  expect(stdout).toMatch(/ERROR {2}failed {5}b\\x1b\[31m\.csv .*The header does not match/);
  expect(stdout).not.toContain('\u001B');
});

test('the last 20 events are shown, or as many as are asked for, across rotated files', async () => {
  writeEvents(1, 60);
  expect(rotatedFiles(project.logs, 'jsonl').length).toBeGreaterThan(2);
  const shown = async (...words: string[]) =>
    filesOf((await runCommand(project, ['log', ...words])).stdout);
  expect(await shown()).toEqual(numbers(41, 60));
  expect(await shown('-n', '3')).toEqual(numbers(58, 60));
  expect(await shown('--lines', '500')).toEqual(numbers(1, 60));
  expect(await runCommand(project, ['log', '-n', '0'])).toEqual({
    code: 0,
    stdout: '',
    stderr: '',
  });
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  'following shows each new event once, across rotations, and ends well with %s',
  async (signal) => {
    writeEvents(1, 3);
    const following = project.run(['log', '-f', '-n', '2']);
    const shown = (last: number) =>
      until(
        () => following.stdout.includes(`${last}.csv\n`),
        () => following.said,
      );
    await shown(3);
    writeEvents(4, 4);
    await shown(4);
    writeEvents(5, 80);
    await shown(80);
    expect(await following.stop(signal)).toBe(0);
    expect(filesOf(following.stdout)).toEqual(numbers(2, 80));
    expect(following.stderr).toBe('');
  },
);

test('following can begin before the first event', async () => {
  const following = project.run(['log', '--follow']);
  writeEvents(1, 2);
  await until(
    () => following.stdout.includes('2.csv\n'),
    () => following.said,
  );
  expect(await following.stop('SIGINT')).toBe(0);
  expect(filesOf(following.stdout)).toEqual([1, 2]);
});
