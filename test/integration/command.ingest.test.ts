import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand, snapshot } from '../support/command-run.ts';
import { filesIn, HopperProject, people, peopleDataset } from '../support/hopper-project.ts';

let project: HopperProject;
beforeEach(() => {
  project = new HopperProject({ datasets: peopleDataset });
});
afterEach(() => project.remove());

test('an empty folder is done at once', async () => {
  const run = await runCommand(project, ['ingest']);
  expect(run).toEqual({ code: 0, stdout: 'no files\n', stderr: '' });
});

test('what is in the input folder is taken, told of line by line, and counted', async () => {
  project.drop('good.csv', people(1, 3));
  project.drop('\u001B[31m.csv', 'wrong\n');
  const { code, stdout, stderr } = await runCommand(project, ['ingest']);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(stdout).toMatch(/^\S+Z {2}finished {3}good\.csv {2}/m);
  expect(stdout).toMatch(/^\S+Z {2}ERROR {2}failed {5}\\x1b\[31m\.csv {2}/m);
  expect(stdout.endsWith('\n1 finished, 1 failed\n')).toBe(true);
  for (const steering of ['\r', '\u001B']) expect(stdout).not.toContain(steering);
});

test('a file from elsewhere is copied; the second time it is skipped, and both name the same load', async () => {
  const path = join(project.root, 'a.csv');
  writeFileSync(path, people(1, 3));
  const first = await runCommand(project, ['ingest', path]);
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(existsSync(path)).toBe(true);
  const second = await runCommand(project, ['ingest', path]);
  expect(second).toMatchObject({ code: 0, stderr: '' });
  const loadId = /finished {3}a\.csv {2}([0-9a-f]{8})/.exec(first.stdout)?.[1] ?? 'none';
  expect(second.stdout).toMatch(new RegExp(`WARN {2}skipped {4}a\\.csv {2}${loadId} `));
  expect(second.stdout.endsWith('\n1 skipped as loaded before\n')).toBe(true);
});

test('a file that cannot be taken does not keep the others from being taken', async () => {
  writeFileSync(join(project.root, 'a.csv'), people(1, 3));
  writeFileSync(join(project.root, 'c.csv'), people(4, 3));
  const run = await runCommand(project, ['ingest', 'a.csv', 'none.csv', 'schema/no.csv', 'c.csv']);
  expect(run.code).toBe(1);
  expect(run.stderr).toContain('csv-hopper: none.csv cannot be read: ENOENT.');
  expect(run.stdout.endsWith('\n2 finished, 2 failed\n')).toBe(true);
});

test('a name that no dataset takes is wrong usage, and nothing is touched', async () => {
  writeFileSync(join(project.root, 'a.csv'), people(1, 3));
  writeFileSync(join(project.root, 'notes.txt'), '');
  const before = snapshot(project.root);
  const run = await runCommand(project, ['ingest', 'a.csv', 'notes.txt']);
  expect(run).toMatchObject({ code: 2, stdout: '' });
  expect(run.stderr).toBe(
    'csv-hopper: No dataset takes notes.txt.\nIts name must match one of: *.csv.\n',
  );
  expect(snapshot(project.root)).toEqual(before);
});

test('while the daemon runs it says so and leaves the work to it', async () => {
  const daemon = await project.start();
  const run = await runCommand(project, ['ingest']);
  expect(run).toMatchObject({ code: 2, stdout: '' });
  expect(run.stderr).toContain(String(daemon.child.pid));
  expect(run.stderr).toContain('What is dropped into the folder it takes by itself');
  expect(filesIn(project.input)).toEqual([]);
});
