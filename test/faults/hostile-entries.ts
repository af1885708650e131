import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import { visibleText } from '../../src/core/visible-text.ts';
import { loadIdFor } from '../support/exactly-once.ts';
import type { HopperProcess } from '../support/hopper-process.ts';
import { asPlainUser } from '../support/plain-user.ts';
import { until } from '../support/until.ts';
import { type Fault, type Figures, type Rig, timesOf } from './fault.ts';
import { foreignNames, hostileNames } from './hostile-names.ts';
import { DATASET, type Delivery } from './producer.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { Trial } from './trial.ts';

const SECRET = 'file_number;row_place;payload;checksum\n1;1;secret;secret\n';
const HOLE_BYTES = 10 * 2 ** 40;

/** Entries of the input folder that are no ordinary files, or have no ordinary names. */
export const hostileEntries: Fault = {
  title: 'names, links, folders, devices and holes in the input folder',
  missing: () => (process.getuid?.() === 0 ? null : 'only root may make devices'),
  async run(rig) {
    const times = timesOf(rig, 20, 1);
    const figures: Figures = { 'odd names': 0, 'entries left where they are': 0 };
    for (let n = 0; n < times; n++) {
      const { names, entries } = await haveEntries({ ...rig, seed: rig.seed + n });
      figures['odd names'] = (figures['odd names'] ?? 0) + names;
      figures['entries left where they are'] =
        (figures['entries left where they are'] ?? 0) + entries;
      rig.onTrial(`${names} odd names, ${entries} entries left where they are`);
    }
    return figures;
  },
};

async function haveEntries({ seed, server }: Rig): Promise<{ names: number; entries: number }> {
  const trial = await Trial.open({
    ...{ seed, server },
    more: 'intake: { quiet_ms: 50, sweep_ms: 300 }\nconvert: { workers: 2 }',
  });
  const random = new SeededRandom(seed);
  const socket = createServer();
  try {
    const daemon = trial.start({ under: asPlainUser });
    await daemon.ready();
    const entries = await makeEntries(trial, socket);
    const names = hostileNames(random);
    for (const name of names) handOverAs(trial, name, trial.draft(1 + random.below(20)));
    handOverTwice(trial);
    await end(trial, daemon);
    const reported = await reports(trial, daemon, entries);
    expect(reported).toEqual(entries);
    expectNothingFollowed(trial);
    await takeWhatIsRepaired(trial, daemon);
    expectPlainWords(trial, daemon);
    removeEntries(trial, socket);
    await trial.idle(daemon);
    expect(await daemon.stop(), daemon.said).toBe(0);
    await trial.account();
    return { names: names.length, entries: entries.length };
  } finally {
    socket.close();
    await trial.close();
  }
}

/** Makes what has to be left where it is; how each is to be told of, sorted. */
async function makeEntries({ project }: Trial, socket: Server): Promise<string[]> {
  const path = (name: string): string => join(project.input, name);
  const outside = join(project.root, 'secret.csv');
  writeFileSync(outside, SECRET);
  const links: Record<string, string> = {
    'link-out.csv': outside,
    'link-in.csv': 'hole.csv',
    'link-to-folder.csv': project.root,
    'link-to-nothing.csv': 'nowhere',
    'link-to-itself.csv': 'link-to-itself.csv',
    'link-there.csv': 'link-back.csv',
    'link-back.csv': 'link-there.csv',
    'link-to-memory.csv': '/proc/self/mem',
    'link-to-zeros.csv': '/dev/zero',
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, path(name));
  execFileSync('mkfifo', [path('fifo.csv'), path('fifo\n.csv')]);
  // Of nothing but zeros, and the first disk, which nobody may open by mistake.
  execFileSync('mknod', [path('zeros.csv'), 'c', '1', '5']);
  execFileSync('mknod', [path('disk.csv'), 'b', '7', '255']);
  await new Promise<void>((done) => socket.listen(path('socket.csv'), done));
  mkdirSync(path('folder.csv'));
  writeFileSync(path('folder.csv/inside.csv'), SECRET);
  writeFileSync(path('hole.csv'), '');
  truncateSync(path('hole.csv'), HOLE_BYTES);
  writeFileSync(path('unreadable.csv'), SECRET, { mode: 0o000 });
  writeFileSync(path('notes\u001b[31m.txt'), SECRET);
  for (const [bytes] of foreignNames) writeFileSync(bytesIn(project.input, bytes), SECRET);
  return [
    ...Object.keys(links).map((name) => `${name}: it is a symbolic link`),
    ...['fifo.csv', 'fifo\n.csv'].map((name) => `${name}: it is a FIFO`),
    ...['zeros.csv', 'disk.csv', 'socket.csv'].map((name) => `${name}: it is not a regular file`),
    'folder.csv: it is a folder',
    'hole.csv: it is a hole of a gigabyte or more, and nearly nothing else',
    'unreadable.csv: this user may not read it',
    'notes\u001b[31m.txt: no dataset matches its name',
    ...foreignNames.map(([, shown]) => `${shown}: its name is not valid UTF-8`),
  ].sort();
}

function bytesIn(folder: string, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${folder}/`), name]);
}

function handOverAs(trial: Trial, name: string, delivery: Delivery): void {
  const loadId = loadIdFor(DATASET, name, delivery.content);
  const named = { ...delivery, name, loadId };
  trial.project.drop(name, named.content);
  trial.announce(named);
}

/** One file under two names in the input folder, and a third elsewhere, which has to stay. */
function handOverTwice(trial: Trial): void {
  const { input, root } = trial.project;
  const elsewhere = join(root, 'hard-link.csv');
  const delivery = trial.draft(20);
  writeFileSync(elsewhere, delivery.content);
  for (const name of ['hard-link-1.csv', 'hard-link-2.csv']) {
    const loadId = loadIdFor(DATASET, name, delivery.content);
    linkSync(elsewhere, join(input, name));
    trial.announce({ ...delivery, name, loadId });
  }
}

/** Waits for the files; what is left where it is stays in the input folder. */
async function end(trial: Trial, daemon: HopperProcess): Promise<void> {
  const open = (): Delivery[] => trial.journal.filter((delivery) => !trial.hasEnded(delivery));
  await until(
    () => open().length === 0 || daemon.hasEnded,
    () => `Not at their end: ${JSON.stringify(open().map(({ name }) => name))}. ${daemon.said}`,
  );
  expect(daemon.hasEnded, daemon.said).toBe(false);
}

/** What was told of entries that are left, each as often as it was, when several sweeps have seen them. */
async function reports(
  trial: Trial,
  daemon: HopperProcess,
  expected: readonly string[],
): Promise<string[]> {
  const told = (): string[] =>
    trial.project.events().flatMap(({ event, level, file = '', reason = '' }) => {
      const [, why] = /^Left in the input folder: (.*)\.$/.exec(reason) ?? [];
      return event === 'found' && level === 'warn' ? `${file}: ${why ?? reason}` : [];
    });
  await until(
    () => told().length >= expected.length,
    () => daemon.said,
  );
  for (let sweeps = 0; sweeps < 3; sweeps++) {
    trial.handOver(1);
    await end(trial, daemon);
  }
  return told().sort();
}

function expectNothingFollowed({ project }: Trial): void {
  expect(readFileSync(join(project.root, 'secret.csv'), 'utf8')).toBe(SECRET);
  expect(readFileSync(join(project.input, 'folder.csv/inside.csv'), 'utf8')).toBe(SECRET);
  expect(readdirSync(join(project.root))).toContain('hard-link.csv');
  for (const [bytes] of foreignNames) {
    expect(readFileSync(bytesIn(project.input, bytes), 'utf8')).toBe(SECRET);
  }
}

/** What could not be taken for a reason that passes is taken when it has passed. */
async function takeWhatIsRepaired(trial: Trial, daemon: HopperProcess): Promise<void> {
  const { input } = trial.project;
  for (const name of ['hole.csv', 'unreadable.csv', 'link-out.csv']) {
    const delivery = trial.draft(5);
    rmSync(join(input, name));
    handOverAs(trial, name, delivery);
    chmodSync(join(input, name), 0o644);
  }
  await end(trial, daemon);
}

/** Nothing that people read may steer their terminal, or have lines that are not ours. */
function expectPlainWords({ project }: Trial, { stdout, stderr }: HopperProcess): void {
  const readable = readFileSync(join(project.logs, 'conversion_log.txt'), 'utf8');
  for (const text of [readable, stdout, stderr]) {
    for (const line of text.split('\n')) expect(visibleText(line)).toBe(line);
  }
  for (const line of readable.trimEnd().split('\n')) expect(line).toMatch(/^\d{4}-\d\d-\d\dT/);
}

function removeEntries({ project }: Trial, socket: Server): void {
  socket.close();
  for (const name of readdirSync(project.input, { encoding: 'buffer' })) {
    const text = name.toString('latin1');
    if (['.processing', 'archive', 'output_failed'].includes(text)) continue;
    rmSync(bytesIn(project.input, name), { recursive: true, force: true });
  }
}
