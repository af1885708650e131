import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { expectExactlyOnce, loadIdFor } from '../support/exactly-once.ts';
import { filesIn, HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { repository } from '../support/hopper-process.ts';

let project: HopperProject;
beforeEach(() => {
  project = new HopperProject({ datasets: peopleDataset });
});
afterEach(() => project.remove());

test('start without a database says what it watches and where rows go, and makes missing folders', async () => {
  rmSync(project.input, { recursive: true });
  const { stdout } = await project.start();
  expect(stdout).toContain(`watches   ${project.input}  (*.csv -> people)`);
  expect(stdout).toContain('no database configured; query the Parquet files');
  expect(stdout.trimEnd().endsWith('waiting for CSV files')).toBe(true);
  for (const folder of ['input', 'output', 'failed', 'archive', 'logs'] as const) {
    expect(existsSync(project[folder]), folder).toBe(true);
  }
  expect(project.events()[0]).toMatchObject({ event: 'watching', msg: 'waiting for CSV files' });
});

test('files that lay there before the start, and files that come by copy, rename and in bulk are each taken once', async () => {
  const files = new Map<string, string>();
  for (let n = 0; n < 20; n++) files.set(`backlog-${n}.csv`, people(n * 10, 10));
  for (const [name, content] of files) writeFileSync(join(project.input, name), content);
  await project.start();
  const elsewhere = join(project.root, 'elsewhere.csv');
  writeFileSync(elsewhere, people(1000, 5));
  files.set('copied.csv', people(1000, 5));
  copyFileSync(elsewhere, join(project.input, 'copied.csv'));
  files.set('renamed.csv', people(2000, 5));
  project.drop('renamed.csv', people(2000, 5));
  for (let n = 0; n < 60; n++) {
    files.set(`bulk-${n}.csv`, people(3000 + n, 3));
    project.drop(`bulk-${n}.csv`, people(3000 + n, 3));
  }
  await project.ends(files.size);
  await expectExactlyOnce(project, 'people', files);
});

test('a file that another process writes slowly is taken when it is complete', async () => {
  await project.start();
  // It goes on writing only when it is told to, and has the file open all the time.
  const script = `
    const fs = require('node:fs');
    const fd = fs.openSync(process.argv[1], 'w');
    process.stdin.on('data', (text) => { fs.writeSync(fd, text); process.stdout.write('ok'); });`;
  const writer = spawn(process.execPath, ['-e', script, join(project.input, 'slow.csv')]);
  const write = async (text: string): Promise<void> => {
    writer.stdin.write(text);
    await once(writer.stdout, 'data');
  };
  const content = people(0, 4);
  await write(content.slice(0, 20));
  // Ten files that come later and pass: ten quiet periods in which the writer paused.
  for (let n = 0; n < 5; n++) {
    project.drop(`other-${n}.csv`, people(n, 2));
    await project.event('finished', `other-${n}.csv`);
  }
  expect(project.stepsOf('slow.csv')).toEqual([]);
  await write(content.slice(20));
  writer.stdin.end();
  await once(writer, 'exit');
  const { loadId } = await project.event('finished', 'slow.csv');
  expect(loadId).toBe(loadIdFor('people', 'slow.csv', content));
});

test('what a killed run had not received of an upload to its end is gone, also where nothing is served now', async () => {
  mkdirSync(project.processing, { recursive: true });
  const leftover = join(project.processing, '.upload-0123456789abcdef.tmp');
  writeFileSync(leftover, 'half');
  await project.start();
  expect(existsSync(leftover)).toBe(false);
});

test('folders, hidden names, temporary names, links and files of no dataset stay where they are', async () => {
  mkdirSync(join(project.input, 'folder.csv'));
  writeFileSync(join(project.input, 'folder.csv', 'inside.csv'), people(0, 1));
  const left = ['.hidden.csv', 'upload.csv.part', 'notes.txt'];
  for (const name of left) writeFileSync(join(project.input, name), people(0, 1));
  execFileSync('mkfifo', [join(project.input, 'pipe.csv')]);
  await project.start();
  project.drop('a.csv', people(0, 1));
  await project.event('finished', 'a.csv');
  for (const name of left) expect(existsSync(join(project.input, name)), name).toBe(true);
  expect(existsSync(join(project.input, 'folder.csv', 'inside.csv'))).toBe(true);
  // Of what looks as if it were meant, it says so; of the rest it says nothing.
  const ignored = project.events().filter(({ msg }) => msg === 'left where it is');
  expect(ignored.map(({ file }) => file).sort()).toEqual(['folder.csv', 'notes.txt', 'pipe.csv']);
});

test('the log tells each step of each file in order, in both files, and holds neither cells nor secrets', async () => {
  await project.start();
  const files = Array.from({ length: 10 }, (_, n) => `steps-${n}.csv`);
  for (const [n, name] of files.entries()) project.drop(name, people(n * 7, 7, 'Zyxwvut'));
  project.drop('broken.csv', 'id;name\nQwertyuiop;Asdfghjkl\n');
  await project.ends(11);
  for (const file of files) {
    expect(project.stepsOf(file)).toEqual([
      'found',
      'claimed',
      'converted',
      'published',
      'finished',
    ]);
  }
  expect(project.stepsOf('broken.csv')).toEqual(['found', 'claimed', 'failed']);
  const json = readFileSync(join(project.logs, 'conversion_log.jsonl'), 'utf8');
  const readText = (): string => readFileSync(join(project.logs, 'conversion_log.txt'), 'utf8');
  // Each file is written on its own.
  await expect.poll(() => readText().trimEnd().split('\n').length).toBe(project.events().length);
  const text = readText();
  for (const log of [json, text]) expect(log).not.toMatch(/zyxwvut|qwertyuiop|asdfghjkl/i);
  for (const file of files) expect(text).toMatch(new RegExp(`finished\\s+${file}`));
});

test('the sample files go through the shipped configuration', async () => {
  const shipped = new HopperProject();
  try {
    const sample = join(repository, 'scripts/sample.mjs');
    const words = [sample, '--files', '3', '--rows', '200', '--bad', '--out', shipped.input];
    execFileSync(process.execPath, words);
    await shipped.start();
    await shipped.ends(5);
    const finished = shipped.events().filter(({ event }) => event === 'finished');
    expect(finished.map(({ rowsRead }) => rowsRead)).toEqual([200, 200, 200]);
    expect(filesIn(shipped.failed)).toEqual([
      'sample-bad-header.csv',
      'sample-bad-header.csv.report.html',
      'sample-bad-header.csv.report.json',
      'sample-bad-value.csv',
      'sample-bad-value.csv.report.html',
      'sample-bad-value.csv.report.json',
    ]);
  } finally {
    await shipped.remove();
  }
});
