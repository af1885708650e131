import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand, snapshot } from '../support/command-run.ts';
import { HopperProject, people, peopleDataset } from '../support/hopper-project.ts';
import { asPlainUser } from '../support/plain-user.ts';
import { until } from '../support/until.ts';

let project: HopperProject;
beforeEach(() => {
  project = new HopperProject({ datasets: peopleDataset });
});
afterEach(async () => {
  chmodSync(project.input, 0o755);
  await project.remove();
});

/** Runs check and proves that it wrote nothing, neither here nor in the temp folder. */
async function check(...files: string[]) {
  const before = snapshot(project.root);
  const run = await runCommand(project, ['check', ...files]);
  expect(snapshot(project.root)).toEqual(before);
  return run;
}

function write(name: string, content: string): string {
  writeFileSync(join(project.root, name), content);
  return name;
}

test('a fresh folder is ready, and stays as it is', async () => {
  rmSync(project.input, { recursive: true });
  const { code, stdout, stderr } = await check();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(`Folder ${project.input} will be made at start.`);
  expect(stdout).toContain('Dataset people: files *.csv, 2 columns, table people.');
  expect(stdout).toContain('No database is configured, none is needed.');
  expect(stdout.endsWith('\nready\n')).toBe(true);
  mkdirSync(project.input);
});

test('a folder that is a file is an error, and so are those that would lie in it', async () => {
  write('logs', '');
  project.configure({ folders: 'folders: { output: logs/output }' });
  const { code, stdout } = await check();
  expect(code).toBe(2);
  const why = `${project.logs} is not a folder.`;
  expect(stdout).toContain(`error    Folder ${project.logs} cannot be used: ${why}`);
  expect(stdout).toContain(`error    Folder ${project.logs}/output cannot be made: ${why}`);
  expect(stdout.endsWith('\nnot ready, 2 errors\n')).toBe(true);
});

test('a folder without rights is an error that says which right', async () => {
  chmodSync(project.input, 0o555);
  const { code, stdout } = await runCommand(project, ['check'], { under: asPlainUser });
  expect(code).toBe(2);
  const why = `no permission to read, write and enter ${project.input}`;
  expect(stdout).toContain(`Folder ${project.input} cannot be used: ${why}.`);
  expect(stdout).toContain(`Folder ${project.archive} cannot be made: ${why}.`);
});

test('a sound file gets the verdict of the daemon', async () => {
  const file = write('people.csv', people(1, 3));
  const { code, stdout } = await check(file);
  expect(code).toBe(0);
  expect(stdout).toBe('OK      people.csv: 3 rows for people, delimiter semicolon.\n');
});

test('rows that cleaning drops are counted', async () => {
  const datasets = `datasets:
  - { name: people, schema: schema/people.yaml, clean: { null_rows: drop_any, duplicate_rows: drop } }
`;
  project.configure({ datasets });
  const { code, stdout } = await check(write('p.csv', 'id;name\n1;a\n1;a\n2;\n3;b\n'));
  expect(code).toBe(0);
  expect(stdout).toContain(
    '4 rows for people, delimiter semicolon, 2 accepted, 1 dropped with nulls, 1 dropped as a duplicate.',
  );
});

test('a file with one column too many fails and the column is named', async () => {
  const { code, stdout } = await check(write('p.csv', 'id;name;G4\n1;a;2\n'));
  expect(code).toBe(1);
  expect(stdout).toContain('FAILED  p.csv: 1 problem (dataset people)\n        line 1: ');
  expect(stdout).toContain('"g4"');
});

test('each file gets its verdict, and one that fails decides the exit code', async () => {
  write('bad.csv', 'id;name\nx;a\n2;b;c\n');
  write('good.csv', people(1, 3));
  write('notes.txt', 'no table');
  mkdirSync(join(project.root, 'folder.csv'));
  execFileSync('mkfifo', [join(project.root, 'fifo.csv')]);
  const files = ['bad.csv', 'none.csv', 'folder.csv', 'fifo.csv', 'notes.txt', 'good.csv'];
  const { code, stdout } = await check(...files);
  expect(code).toBe(1);
  const verdicts = stdout.split('\n').filter((line) => /^[A-Z]/.test(line));
  expect(verdicts).toEqual([
    'FAILED  bad.csv: 2 problems (dataset people)',
    'FAILED  none.csv: It cannot be read: there is no such file.',
    'FAILED  folder.csv: It is a folder.',
    'FAILED  fifo.csv: It is not a regular file.',
    'FAILED  notes.txt: No dataset takes a file of this name.',
    'OK      good.csv: 3 rows for people, delimiter semicolon.',
  ]);
  expect(stdout).toContain('line 2: ');
  expect(stdout).toContain('line 3: ');
});

test('of many problems the first are shown and the others counted', async () => {
  const { stdout } = await check(write('p.csv', `id;name\n${'x;a\n'.repeat(50)}`));
  expect(stdout).toContain('50 problems');
  expect(stdout.match(/line \d+: /g)).toHaveLength(9);
  expect(stdout.endsWith('        and 41 more\n')).toBe(true);
});

test('a file name cannot steer the terminal', async () => {
  const { stdout } = await check(write('\u001B[31m\n\u202E.csv', people(1, 1)));
  expect(stdout).toMatch(/^OK {6}\\x1b\[31m\\n\\u\{202e\}\.csv: .*\n$/);
});

test('what it needs meanwhile is removed, also when it is interrupted', async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'csv-hopper-tmpdir-'));
  const formerTmpdir = process.env['TMPDIR'];
  process.env['TMPDIR'] = temporary;
  try {
    await check(write('people.csv', people(1, 3)));
    expect(readdirSync(temporary)).toEqual([]);
    // More rows than the table of fingerprints has room for, so that the others are spilled; numbered downwards, because where
    // numbers go up none has to be compared.
    const rows = Array.from({ length: 4_500_000 }, (_, i) => `${9_000_000 - i};\n`);
    project.configure({
      datasets: peopleDataset.replace(' }', ', clean: { duplicate_rows: drop } }'),
    });
    const started = project.run(['check', write('large.csv', `id;name\n${rows.join('')}`)]);
    await until(
      () => readdirSync(temporary).length > 0,
      () => started.said,
    );
    expect(await started.stop('SIGINT')).toBe(130);
    expect(readdirSync(temporary)).toEqual([]);
  } finally {
    if (formerTmpdir === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = formerTmpdir;
    rmSync(temporary, { recursive: true });
  }
});
