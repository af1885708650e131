import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { straceMissing } from '../faults/system-calls.ts';
import { runCommand } from '../support/command-run.ts';
import { eachWithDatabase } from '../support/database-project.ts';
import { loadIdFor } from '../support/exactly-once.ts';
import { type HopperProject, people } from '../support/hopper-project.ts';
import { describeWithMariadb } from '../support/mariadb.ts';
import { until } from '../support/until.ts';

/** Every call that makes a name, takes one away or may change what is behind one. */
const calls = [
  ...['open', 'openat', 'openat2', 'creat', 'truncate', 'rename', 'renameat', 'renameat2'],
  ...['link', 'linkat', 'symlink', 'symlinkat', 'unlink', 'unlinkat', 'mkdir', 'mkdirat', 'rmdir'],
  ...['mknod', 'mknodat', 'chmod', 'fchmodat', 'chown', 'lchown', 'fchownat', 'utimensat'],
  ...['setxattr', 'lsetxattr', 'bind'],
];

/** None lies in another, and nothing else of the project is csv-hopper's to write to. */
const folders = {
  ...{ input: 'input_csv', output: 'lake', failed: 'returned', archive: 'kept' },
  ...{ receipts: 'told', logs: 'logs' },
};

/** Enough to be converted in pieces, and loaded meanwhile. */
const LARGE_ROWS = 500_000;

// Not even under CI=true do they fail where they cannot be had: no installation gives a right to trace.
const missing = straceMissing();
const title = 'work files are never outside the configured folders';
const describeOrSkip = missing === null ? describeWithMariadb : describe.skip;
describeOrSkip(missing === null ? title : `${title} (skipped: ${missing})`, () => {
  let project: HopperProject;
  eachWithDatabase((made) => {
    ({ project } = made);
  });

  test('a sound file, a bad one, a diverted one, a packed one, a large one, a retry and an undo', async () => {
    const trace = await traced((under) => runAll(project, under));
    const inside = Object.values(folders).map((folder) => `${project.root}/${folder}`);
    const touched = pathsChanged(trace, project.root);
    for (const folder of inside)
      expect(
        touched.some((path) => path.startsWith(`${folder}/`)),
        folder,
      ).toBe(true);
    const isInside = (path: string): boolean =>
      inside.some((folder) => path === folder || path.startsWith(`${folder}/`));
    expect(touched.filter((path) => !isInside(path) && !isOfLock(path))).toEqual([]);
  });

  test('a look at files works in the temporary folder alone, readable for its owner, and leaves nothing there', async () => {
    const temporary = mkdtempSync(join(tmpdir(), 'csv-hopper-temporary-'));
    try {
      const packed = join(project.root, 'packed.csv.gz');
      writeFileSync(packed, gzipSync(people(0, 3000)));
      project.configure({
        datasets:
          "datasets: [{ name: people, match: '*', schema: schema/people.yaml, clean: { duplicate_rows: drop } }]",
      });
      const trace = await traced(async (under) => {
        for (const words of [
          ['check', packed],
          ['infer', packed],
        ]) {
          const run = await runCommand(project, words, {
            under: ['env', `TMPDIR=${temporary}`, ...under()],
          });
          expect(run.code, run.stderr).toBe(0);
        }
      });
      const touched = pathsChanged(trace, project.root);
      expect(touched.filter((path) => path.startsWith(`${temporary}/`))).not.toEqual([]);
      expect(touched.filter((path) => !path.startsWith(`${temporary}/.csv-hopper-`))).toEqual([]);
      expect(readdirSync(temporary)).toEqual([]);
      const made = trace.split('\n').filter((line) => line.includes('O_CREAT'));
      expect(made.filter((line) => !line.includes(', 0600'))).toEqual([]);
    } finally {
      rmSync(temporary, { recursive: true });
    }
  });
});

/** What strace tells of the runs that are under the words which each call of `under` gives. */
async function traced(run: (under: () => string[]) => Promise<void>): Promise<string> {
  const traces = mkdtempSync(join(tmpdir(), 'csv-hopper-traces-'));
  try {
    let runs = 0;
    await run(() => [
      ...['strace', '-D', '-f', '-y', '-q', '-e', `trace=${calls.join(',')}`],
      ...['-o', join(traces, String(runs++))],
    ]);
    // The tracer, a process of its own, ends a moment behind what it traces.
    const read = (): string[] =>
      readdirSync(traces).map((name) => readFileSync(join(traces, name), 'utf8'));
    await until(
      () => read().filter(isWhole).length === runs,
      () => `Of ${runs} traces not all have their end.`,
    );
    return read().join('');
  } finally {
    rmSync(traces, { recursive: true });
  }
}

/** Whether it tells of the end of the process that it begins with. */
function isWhole(trace: string): boolean {
  const [pid = ''] = /^\d+/.exec(trace) ?? [];
  // Padded to five places.
  return trace.split('\n').some((line) => line.startsWith(`${pid.padEnd(5)} +++ `));
}

/** What csv-hopper does in a life, by the daemon, `ingest` and the commands that move files, each under the words that trace it. */
async function runAll(project: HopperProject, under: () => string[]): Promise<void> {
  const route = 'schema: schema/people.yaml, on_invalid_rows: divert, max_invalid_rows: 1';
  project.configure({
    folders: `folders: ${JSON.stringify(folders)}`,
    datasets: `datasets: [{ name: people, match: '*', profile: true, ${route} }]`,
  });
  const daemon = await project.start({ under: under() });
  project.drop('sound.csv', people(0, 10));
  project.drop('bad.csv', 'id;name\nx;Ann\ny;Bob\n');
  project.drop('diverted.csv', 'id;name\nx;Ann\n1;Bob\n');
  project.drop('packed.csv.gz', gzipSync(people(0, 30)));
  project.drop('large.csv', people(0, LARGE_ROWS));
  await project.ends(5);
  project.drop('sound.csv', people(0, 10));
  await project.ends(6);
  const words = ['retry', 'bad.csv'];
  const retried = await runCommand(project, words, { under: under() });
  expect(retried.code, retried.stderr).toBe(0);
  await project.ends(7);
  expect(await daemon.stop(), daemon.said).toBe(0);
  const loadId = loadIdFor('people', 'sound.csv', people(0, 10));
  const undone = await runCommand(project, ['undo', loadId], { under: under() });
  expect(undone.code, undone.stderr).toBe(0);
  project.drop('later.csv', people(50, 10));
  const ingested = await runCommand(project, ['ingest'], { under: under() });
  expect(ingested.code, ingested.stderr).toBe(0);
}

/** The absolute paths that a traced run, which began in `folder`, has made, changed or removed, or tried to. */
function pathsChanged(trace: string, folder: string): string[] {
  return trace.split('\n').flatMap((line) => {
    const [, call = '', operands = ''] = /^\d+ +(\w+)\((.*)$/.exec(line) ?? [];
    if (call.startsWith('open') && !/O_(?:WRONLY|RDWR|CREAT|TRUNC)/.test(operands)) return [];
    // Another family of addresses, or a socket that has a name in no folder.
    if (call === 'bind' && !operands.includes('sun_path="')) return [];
    const named = operands.matchAll(/(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"/g);
    return Array.from(named, ([, base = folder, path = '']) => resolve(base, path));
  });
}

/** The socket of the lock, in a folder that is open and may have too long a path for the name of a socket. */
function isOfLock(path: string): boolean {
  return /^\/proc\/self\/fd\/\d+\/lock\.[0-9a-f]{32}\.sock$/.test(path);
}
