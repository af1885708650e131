import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, openSync, closeSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand } from '../support/command-run.ts';
import { build, repository } from '../support/hopper-process.ts';
import { HopperProject, people, peopleDataset } from '../support/hopper-project.ts';

const commands = [
  ...['start', 'ingest', 'check', 'infer', 'status', 'retry', 'undo', 'query', 'log'],
];
const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
  version: string;
};

let project: HopperProject;
beforeEach(() => {
  project = new HopperProject({ datasets: peopleDataset });
});
afterEach(() => project.remove());

test('--help names every command, gives examples and says what the exit codes mean', async () => {
  const { code, stdout, stderr } = await runCommand(project, ['--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
  expect(stdout).toContain('Examples:');
  expect(stdout).toContain('Exit codes: 0 done, 1 a file failed, 2 wrong usage or configuration.');
});

test.each(commands)('%s --help needs no configuration', async (command) => {
  const { code, stdout } = await runCommand(project, [command, '--help', '--config', 'none.yaml']);
  expect(code).toBe(0);
  expect(stdout).toContain(`Usage: csv-hopper ${command}`);
  expect(stdout).toContain('--config <file>');
});

test('--version prints the version of package.json', async () => {
  const run = await runCommand(project, ['--version']);
  expect(run).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test.each([
  [[], 'Usage: csv-hopper'],
  [['statsu'], "unknown command 'statsu'\n(Did you mean status?)\ncsv-hopper --help shows"],
  [['\u001B[31m'], String.raw`unknown command '\x1b[31m'`],
  [['status', '--jso'], "unknown option '--jso'\n(Did you mean --json?)\ncsv-hopper status --help"],
  [['--config', 'config/config.yaml', 'status'], "unknown option '--config'"],
  [['status', 'now'], "too many arguments for 'status'"],
  [['log', '-n', 'few'], 'It must be a whole number from 0 to 999999.'],
  [['query', '--format', 'xml', 'SELECT 1'], 'Allowed choices are table, csv, json.'],
  [['check', '--config'], 'argument missing'],
])('%j is wrong usage: exit code 2, and a hint on standard error', async (words, message) => {
  const { code, stdout, stderr } = await runCommand(project, words);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('\u001B');
});

test.each([
  [['--help']],
  [['status']],
  [['check']],
  [['check', 'people.csv']],
  [['query', '--format', 'json', 'SELECT range FROM range(100000)']],
  [['log', '-n', '5000']],
  // Whoever follows the log into `head` wants it to end with head.
  [['log', '-f']],
])('%j ends quietly when nobody reads its output', async (words) => {
  mkdirSync(project.logs);
  const event = { time: '2025-01-02T03:04:05.678Z', level: 'info', event: 'found', file: 'a.csv' };
  writeFileSync(
    join(project.logs, 'conversion_log.jsonl'),
    `${JSON.stringify(event)}\n`.repeat(2000),
  );
  writeFileSync(join(project.root, 'people.csv'), people(1, 3));
  const started = project.run(words);
  started.child.stdout?.destroy();
  expect(await started.ended).toBe(0);
  expect(started.stderr).toBe('');
});

test('ingest and start do their work when nobody reads their output', async () => {
  project.drop('a.csv', people(1, 3));
  const ingest = project.run(['ingest']);
  ingest.child.stdout?.destroy();
  ingest.child.stderr?.destroy();
  expect(await ingest.ended).toBe(0);
  const daemon = await project.start();
  daemon.child.stdout?.destroy();
  daemon.child.stderr?.destroy();
  project.drop('b.csv', people(4, 3));
  project.drop('c.csv', 'wrong\n1\n');
  await project.event('finished', 'b.csv');
  await project.event('failed', 'c.csv');
  expect(await daemon.stop()).toBe(0);
  expect(project.stepsOf('a.csv')).toContain('finished');
});

test('an answer that cannot be written is a failure', () => {
  build();
  const full = openSync('/dev/full', 'w');
  try {
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(repository, 'dist/cli.js'), 'query', 'SELECT 1'],
      { cwd: project.root, stdio: ['ignore', full, 'pipe'], encoding: 'utf8' },
    );
    expect(status).toBe(1);
    expect(stderr).toBe('csv-hopper: The output cannot be written: ENOSPC.\n');
  } finally {
    closeSync(full);
  }
});

test('the command works by a link from elsewhere', () => {
  build();
  const link = join(project.root, 'csv-hopper');
  symlinkSync(join(repository, 'dist/cli.js'), link);
  expect(execFileSync(link, ['--version'], { encoding: 'utf8' })).toBe(`${version}\n`);
});
