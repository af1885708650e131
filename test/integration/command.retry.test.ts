import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand, snapshot } from '../support/command-run.ts';
import { filesIn, HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { asPlainUser } from '../support/plain-user.ts';

const BROKEN = 'id,name\nx,ada\n';
const REPAIRED = 'id,name\n1,ada\n';

let project: HopperProject;
beforeEach(() => {
  project = new HopperProject({ datasets: peopleDataset });
});
afterEach(async () => {
  chmodSync(project.input, 0o755);
  await project.remove();
});

/** Has files fail. */
async function fail(...names: string[]): Promise<void> {
  for (const name of names) project.drop(name, BROKEN);
  expect((await runCommand(project, ['ingest'])).code).toBe(1);
}

function repair(name: string): void {
  writeFileSync(join(project.failed, name), REPAIRED);
}

test('a file that was repaired where it failed goes back, and is loaded; its report is gone', async () => {
  await fail('a.csv');
  repair('a.csv');
  const { code, stdout, stderr } = await runCommand(project, ['retry', 'a.csv']);
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: 'a.csv: back in the input folder\n',
    stderr: '',
  });
  expect(filesIn(project.failed)).toEqual([]);
  expect(readFileSync(join(project.input, 'a.csv'), 'utf8')).toBe(REPAIRED);
  const { stdout: said } = await runCommand(project, ['ingest']);
  expect(said).toContain('1 finished');
});

test('a running daemon takes what comes back, and reports anew what is still at fault', async () => {
  await project.start();
  project.drop('a.csv', BROKEN);
  await project.event('failed', 'a.csv');
  const report = join(project.failed, 'a.csv.report.json');
  const before = readFileSync(report, 'utf8');
  expect((await runCommand(project, ['retry', 'a.csv'])).code).toBe(0);
  await project.ends(2);
  expect(filesIn(project.failed)).toEqual(['a.csv', 'a.csv.report.html', 'a.csv.report.json']);
  expect(readFileSync(report, 'utf8')).not.toBe(before);
});

test('--all takes every file, each under the name that it came with, and overwrites none', async () => {
  await fail('a2.csv', 'a10.csv');
  project.drop('a2.csv', `${BROKEN}y,bo\n`);
  expect((await runCommand(project, ['ingest'])).code).toBe(1);
  const renamed = filesIn(project.failed).filter((name) => /^a2-[0-9a-f]{8}\.csv$/.test(name));
  expect(renamed).toHaveLength(1);
  // Both are a2.csv: the second has to wait until the first has been taken.
  const first = await runCommand(project, ['retry', '--all']);
  expect(first.code).toBe(2);
  expect(first.stdout.match(/back/g)).toHaveLength(2);
  expect(filesIn(project.input)).toEqual(['a10.csv', 'a2.csv']);
  expect(first.stderr).toContain('The input folder has another file of the name a2.csv');
  expect(filesIn(project.failed)).toHaveLength(3);
});

test('a path into the failed folder is as good as a name', async () => {
  await fail('a.csv');
  const path = join(project.failed, 'a.csv');
  const { code, stdout } = await runCommand(project, ['retry', path]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${path}: back as a.csv\n` });
});

test('a file without a report keeps its name', async () => {
  mkdirSync(project.failed);
  writeFileSync(join(project.failed, 'by-hand.csv'), people(0, 1));
  expect((await runCommand(project, ['retry', '--all'])).code).toBe(0);
  expect(filesIn(project.input)).toEqual(['by-hand.csv']);
});

test('what is not a failed file is refused, and everything stays as it is', async () => {
  await fail('a.csv');
  writeFileSync(join(project.root, 'secret.csv'), REPAIRED);
  symlinkSync(join(project.root, 'secret.csv'), join(project.failed, 'link.csv'));
  mkdirSync(join(project.failed, 'folder.csv'));
  writeFileSync(join(project.failed, 'notes.txt'), 'mine');
  for (const file of ['b.csv', '../a.csv', '../../secret.csv', 'link.csv', 'folder.csv']) {
    const before = snapshot(project.root);
    const { code, stderr } = await runCommand(project, ['retry', file]);
    expect({ file, code }).toEqual({ file, code: 2 });
    expect(stderr).toContain(`There is no failed file ${file}`);
    expect(snapshot(project.root)).toEqual(before);
  }
  const { code, stderr } = await runCommand(project, ['retry', 'notes.txt']);
  expect(code).toBe(2);
  expect(stderr).toContain('No dataset takes notes.txt any more.');
});

test('a report that names a file elsewhere does not lead there', async () => {
  await fail('a.csv');
  const report = join(project.failed, 'a.csv.report.json');
  writeFileSync(report, readFileSync(report, 'utf8').replace('"a.csv"', '"../../a.csv"'));
  expect((await runCommand(project, ['retry', 'a.csv'])).code).toBe(0);
  expect(existsSync(join(project.input, 'a.csv'))).toBe(true);
  expect(filesIn(project.failed)).toEqual(['a.csv.report.json']);
});

test('where the input folder cannot be written to, the file and its report stay', async () => {
  await fail('a.csv');
  const before = filesIn(project.failed);
  const contents = before.map((name) => readFileSync(join(project.failed, name), 'utf8'));
  chmodSync(project.input, 0o555);
  const { code, stderr } = await runCommand(project, ['retry', 'a.csv'], { under: asPlainUser });
  expect(code).not.toBe(0);
  expect(stderr).toContain('cannot be moved to');
  expect(filesIn(project.failed)).toEqual(before);
  expect(before.map((name) => readFileSync(join(project.failed, name), 'utf8'))).toEqual(contents);
});

test('a page of somebody else stays, and a file that failed under the name of a page goes back like any other', async () => {
  await fail('a.csv');
  writeFileSync(join(project.failed, 'a.csv.report.html'), '<p>mine</p>');
  expect((await runCommand(project, ['retry', 'a.csv'])).code).toBe(0);
  expect(filesIn(project.failed)).toEqual(['a.csv.report.html']);
  writeFileSync(join(project.failed, 'a.csv.report.html.report.json'), '{"file":"b.csv"}');
  const { stdout } = await runCommand(project, ['retry', '--all']);
  expect(stdout).toContain('a.csv.report.html: back as b.csv');
  expect(filesIn(project.failed)).toEqual([]);
});

test('files and --all exclude each other, and one of them is needed', async () => {
  for (const words of [['retry'], ['retry', 'a.csv', '--all']]) {
    const { code, stderr } = await runCommand(project, words);
    expect(code).toBe(2);
    expect(stderr).toContain('retry takes the names of failed files, or --all.');
  }
  expect(await runCommand(project, ['retry', '--all'])).toMatchObject({
    code: 0,
    stdout: 'no failed files\n',
  });
});
