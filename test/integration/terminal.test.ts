import { execFileSync, spawn } from 'node:child_process';
import { openSync, closeSync, fstatSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { groupedDigits } from '../../src/core/grouped-digits.ts';
import { runCommand } from '../support/command-run.ts';
import { build, repository } from '../support/hopper-process.ts';
import { HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { isHere } from '../support/program-here.ts';
import { until } from '../support/until.ts';

/** Stands for the escape character. */
const ESC = '␛';

const cli = join(repository, 'dist/cli.js');

let project: HopperProject;
beforeEach(() => {
  project = new HopperProject({ datasets: peopleDataset });
});
afterEach(() => project.remove());

/** Starts a command on a terminal of its own, made by script(1); what the terminal gets comes out. */
function onTerminal(words: string[], environment: Record<string, string> = {}) {
  build();
  const line = [process.execPath, cli, ...words].map((word) => `'${word}'`).join(' ');
  // vitest asks for colours, or for none, in its own name.
  const neither = { NO_COLOR: undefined, FORCE_COLOR: undefined };
  const env = { ...process.env, ...neither, TERM: 'xterm', ...environment };
  const child = spawn('script', ['-qefc', `exec ${line}`, '/dev/null'], { cwd: project.root, env });
  const shown = { text: '', child, ended: once(child, 'close') };
  child.stdout.on(
    'data',
    (chunk: Buffer) => (shown.text += chunk.toString().replaceAll('\u001B', ESC)),
  );
  return shown;
}

describe.skipIf(!isHere('script', '--version'))('on a terminal, by script(1)', () => {
  test('start has a last line on how things stand, which makes way for others and is gone at the end', async () => {
    const shown = onTerminal(['start']);
    const has = (text: string) =>
      until(
        () => shown.text.includes(text),
        () => JSON.stringify(shown.text),
      );
    await has('\r␛[K0 waiting, 0 at work, 0 parked, 0 finished, 0 failed');
    project.drop('a.csv', people(1, 3));
    project.drop('b.csv', 'wrong\n1\n');
    await has('1 finished, 1 failed, last: ');
    // Control-C.
    shown.child.stdin.write('\u0003');
    await shown.ended;
    // No other line begins behind the live one: it was taken back first.
    expect(shown.text).not.toMatch(/failed(, last: \S+ \w+)?\d{4}-/);
    expect(shown.text).toMatch(/(^|\r␛\[K)␛\[31m\S+Z {2}ERROR {2}failed {5}b\.csv[^\n]*␛\[0m\r$/m);
    expect(shown.text.trimEnd()).toMatch(/Z {2}stopped {4}stopped$/);
    // Drawn when it changes, and not four times a second.
    const drawn =
      shown.text.split('␛[K0 waiting, 0 at work, 0 parked, 0 finished, 0 failed').length - 1;
    expect(drawn).toBeLessThan(5);
  });

  test('log has colours by level, and none with NO_COLOR', async () => {
    project.drop('a.csv', people(1, 3));
    project.drop('b.csv', 'wrong\n1\n');
    await runCommand(project, ['ingest']);
    const coloured = onTerminal(['log']);
    await coloured.ended;
    expect(coloured.text).toMatch(/^␛\[31m\S+Z {2}ERROR {2}failed[^\n]*␛\[0m\r$/m);
    expect(coloured.text).toMatch(/^\S+Z {2}finished {3}a\.csv/m);
    const plain = onTerminal(['log'], { NO_COLOR: '1' });
    await plain.ended;
    expect(plain.text).not.toContain('␛');
    expect(plain.text.replaceAll('\r', '')).toBe((await runCommand(project, ['log'])).stdout);
  });
});

test('elsewhere start prints plain lines', async () => {
  const daemon = await project.start();
  project.drop('b.csv', 'wrong\n1\n');
  await project.event('failed', 'b.csv');
  await daemon.stop();
  expect(daemon.said).not.toContain('\u001B');
  expect(daemon.said).not.toContain('at work');
});

test('the journal gets the priority of each line, and a pipe in the same service does not', () => {
  const log =
    '{"level":"error","time":"2026-11-27T06:00:00.000Z","event":"failed","msg":"m","file":"b.csv"}\n';
  execFileSync('mkdir', ['-p', project.logs]);
  writeFileSync(join(project.logs, 'conversion_log.jsonl'), log);
  build();
  const path = join(project.root, 'journal');
  const journal = openSync(path, 'w');
  const { dev, ino } = fstatSync(journal, { bigint: true });
  const env = { ...process.env, JOURNAL_STREAM: `${dev}:${ino}`, NO_COLOR: '1', FORCE_COLOR: '' };
  const words = [cli, 'log'];
  execFileSync(process.execPath, words, {
    cwd: project.root,
    env,
    stdio: ['ignore', journal, 'pipe'],
  });
  closeSync(journal);
  const line = '2026-11-27T06:00:00Z  ERROR  failed     b.csv\n';
  expect(readFileSync(path, 'utf8')).toBe(`<3>${line}`);
  expect(execFileSync(process.execPath, words, { cwd: project.root, env }).toString()).toBe(line);
});

/** The rows that a text takes on a terminal of 80 columns. */
function rowsOf(text: string): number {
  const lines = text.trimEnd().split('\n');
  return lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(line.length / 80)), 0);
}

test('a configuration with 500 problems is told of on one screen', async () => {
  const datasets = Array.from(
    { length: 250 },
    (_, i) =>
      `  - { name: d${i}, match: "x", schema: s.yaml, on_invalid_rows: nonsense, a_key_that_nobody_knows_${i}: 1 }\n`,
  );
  writeFileSync(join(project.root, 'config/config.yaml'), `datasets:\n${datasets.join('')}`);
  const { code, stderr } = await runCommand(project, ['check']);
  expect(code).toBe(2);
  expect(rowsOf(stderr)).toBeLessThan(24);
  const shown = stderr.split('\n').filter((line) => /config\.yaml:\d+:/.test(line)).length;
  expect(stderr).toContain(`\nand ${500 - shown} more\n`);
});

test('a file with 500 problems of its header, or of its rows, is told of on one screen', async () => {
  const extra = Array.from(
    { length: 500 },
    (_, i) => `a_column_that_the_schema_does_not_know_${i}`,
  );
  const columns = ['id', 'name', ...extra];
  writeFileSync(
    join(project.root, 'wide.csv'),
    `${columns.join(';')}\n${columns.map(() => '1').join(';')}\n`,
  );
  const rows = Array.from({ length: 500 }, (_, i) => `id ${i};${'x'.repeat(60)}\n`);
  writeFileSync(join(project.root, 'long.csv'), `id;name\n${rows.join('')}`);
  for (const [file, problems] of [
    ['wide.csv', 500],
    ['long.csv', 1000],
  ] as const) {
    const { code, stdout } = await runCommand(project, ['check', file]);
    expect(code).toBe(1);
    expect(rowsOf(stdout), stdout).toBeLessThan(24);
    expect(stdout).toContain(
      `FAILED  ${file}: ${groupedDigits(problems)} problems (dataset people)\n`,
    );
    const shown = stdout.split('\n').filter((line) => /^ +line \d+: /.test(line)).length;
    expect(stdout).toContain(`        and ${problems - shown} more\n`);
  }
});
