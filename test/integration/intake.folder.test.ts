import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { IntakeFolder, names, nextLine, takeFiles } from '../support/intake-folder.ts';
import { asPlainUser } from '../support/plain-user.ts';

let folder: IntakeFolder;
beforeEach(() => {
  folder = new IntakeFolder();
});
afterEach(() => folder.remove());

/** Runs an intake in a process, which prints each thing that it says. */
const PRINTING = `
  const { Intake } = await source('intake/intake.ts');
  const say = (...words) => console.log(words.join(' '));
  const intake = new Intake({ folder: args[0], quietMs: 50, sweepMs: 100, polling: false, wants: () => true,
    onIgnored: say, onTrouble: (error) => say(error.code, error.details.system), onTroubleOver: () => say('over') });
  await intake.start();
  for (const { name } of await intake.take(AbortSignal.timeout(20_000))) say('took', name);
  await intake.stop();
`;

test('folders, hidden and temporary names are passed over in silence', async () => {
  mkdirSync(folder.path('archive'));
  mkdirSync(folder.processing);
  for (const name of ['.a.csv', '.a.csv.Xq3Rt1', 'b.csv.part', '~$c.csv', 'd.csv~', '#e.csv#']) {
    writeFileSync(folder.path(name), 'a');
  }
  const intake = await folder.intake({ wants: (name) => name !== 'archive' });
  writeFileSync(folder.path('good.csv'), 'a');
  expect(names(await takeFiles(intake, 1))).toEqual(['good.csv']);
  expect(folder.ignored).toEqual([]);
});

test('what cannot be taken is reported once, never opened, and left where it is', async () => {
  execFileSync(
    'mkfifo',
    [1, 2, 3, 4, 5].map((n) => folder.path(`fifo${n}.csv`)),
  );
  symlinkSync('/etc/passwd', folder.path('link.csv'));
  writeFileSync(folder.path('notes.txt'), 'a');
  mkdirSync(folder.path('folder.csv'));
  mkdirSync(folder.path('folder'));
  const odd = Buffer.concat([
    Buffer.from(folder.path('caf')),
    Buffer.from([0xe9]),
    Buffer.from('.csv'),
  ]);
  writeFileSync(odd, 'a');
  const intake = await folder.intake({ sweepMs: 50 });
  writeFileSync(folder.path('good.csv'), 'a');
  expect(names(await takeFiles(intake, 1))).toEqual(['good.csv']);
  expect([...folder.ignored].sort()).toEqual([
    ['caf\\xe9.csv', 'its name is not valid UTF-8'],
    ...[1, 2, 3, 4, 5].map((n) => [`fifo${n}.csv`, 'it is a FIFO']),
    ['folder.csv', 'it is a folder'],
    ['link.csv', 'it is a symbolic link'],
    ['notes.txt', 'no dataset matches its name'],
  ]);
  expect(statSync(odd).size).toBe(1);
});

test('a file of ten terabytes that are a hole is reported and left, holds nobody up, and is taken once it is a file', async () => {
  const intake = await folder.intake();
  writeFileSync(folder.path('hole.csv'), '');
  truncateSync(folder.path('hole.csv'), 10 * 2 ** 40);
  writeFileSync(folder.path('a.csv'), 'a');
  expect(names(await takeFiles(intake, 1))).toEqual(['a.csv']);
  const reason = 'it is a hole of a gigabyte or more, and nearly nothing else';
  await vi.waitFor(() => {
    expect(folder.ignored).toEqual([['hole.csv', reason]]);
  });
  writeFileSync(folder.path('hole.csv'), 'a');
  expect(names(await takeFiles(intake, 1))).toEqual(['hole.csv']);
  expect(folder.ignored).toHaveLength(1);
});

test('an entry that was reported, removed and made again is reported again', async () => {
  const intake = await folder.intake();
  for (let times = 1; times <= 2; times++) {
    writeFileSync(folder.path('notes.txt'), 'a');
    intake.wake();
    await vi.waitFor(() => {
      expect(folder.ignored).toHaveLength(times);
    });
    rmSync(folder.path('notes.txt'));
    writeFileSync(folder.path(`${times}.csv`), 'a');
    await takeFiles(intake, 1);
  }
});

test('a file that may not be read is reported and left, and taken once it may be', async () => {
  writeFileSync(folder.path('a.csv'), 'a', { mode: 0o000 });
  const child = folder.child(PRINTING, [folder.input], { under: asPlainUser });
  expect(await nextLine(child)).toBe('a.csv this user may not read it true');
  chmodSync(folder.path('a.csv'), 0o644);
  expect(await nextLine(child)).toBe('took a.csv');
});

test('a folder that vanishes and comes back is told of once, and watched again', async () => {
  const intake = await folder.intake({ sweepMs: 50 });
  for (let spell = 1; spell <= 2; spell++) {
    renameSync(folder.input, `${folder.input}.away`);
    await vi.waitFor(() => {
      expect(folder.troubles.map(({ code }) => code)).toEqual(
        Array.from({ length: spell }, () => 'folder_unusable'),
      );
    });
    renameSync(`${folder.input}.away`, folder.input);
    writeFileSync(folder.path(`${spell}.csv`), 'a');
    expect(names(await takeFiles(intake, 1))).toEqual([`${spell}.csv`]);
    expect(folder.troublesOver).toBe(spell);
    rmSync(folder.path(`${spell}.csv`));
  }
});

test('after a burst, for which the watch is closed, a file is seen at once and not by the next sweep', async () => {
  const intake = await folder.intake({ sweepMs: 600_000 });
  for (let n = 0; n < 300; n++) writeFileSync(folder.path(`burst ${n}.csv`), 'a');
  for (const { name } of await takeFiles(intake, 300)) {
    rmSync(folder.path(name));
    intake.forget(name);
  }
  // The last sweep of the burst reports this, and has nothing to come back for.
  writeFileSync(folder.path('notes.txt'), 'a');
  // The pause behind a crowded sweep is as many times as long as that was, on a busy machine seconds.
  await vi.waitFor(
    () => {
      expect(folder.ignored).toHaveLength(1);
    },
    { timeout: 20_000 },
  );
  writeFileSync(folder.path('1.csv'), 'a');
  expect(names(await takeFiles(intake, 1))).toEqual(['1.csv']);
});

test('after a burst whose last sweep was slow, a file does not wait for the pause that it left', async () => {
  const looks = new Map<string, number>();
  const intake = await folder.intake({
    ...{ sweepMs: 600_000, quietMs: 100 },
    // The sweep that settles the burst takes more than a second, so that the pause behind it is more than twenty.
    wants: (name) => {
      looks.set(name, (looks.get(name) ?? 0) + 1);
      const endMs = performance.now() + (looks.get(name) === 2 ? 4 : 0);
      while (performance.now() < endMs);
      return true;
    },
  });
  for (let n = 0; n < 300; n++) writeFileSync(folder.path(`burst ${n}.csv`), 'a');
  for (const { name } of await takeFiles(intake, 300)) {
    rmSync(folder.path(name));
    intake.forget(name);
  }
  writeFileSync(folder.path('1.csv'), 'a');
  expect(names(await takeFiles(intake, 1))).toEqual(['1.csv']);
});

test('after a list that took a minute, a file does not wait for two', async () => {
  const now = performance.now.bind(performance);
  let aheadMs = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + aheadMs);
  try {
    // Each look at this one puts the clock ahead.
    const slow = 'slow.txt';
    const intake = await folder.intake({
      wants: (name) => {
        if (name === slow) aheadMs += 60_000;
        return name !== slow;
      },
    });
    writeFileSync(folder.path(slow), 'a');
    await vi.waitFor(
      () => {
        expect(folder.ignored).toHaveLength(1);
      },
      { timeout: 20_000 },
    );
    writeFileSync(folder.path('1.csv'), 'a');
    expect(names(await takeFiles(intake, 1))).toEqual(['1.csv']);
  } finally {
    clock.mockRestore();
  }
});

test('a folder that is not there at the start is waited for', async () => {
  rmSync(folder.input, { recursive: true });
  const intake = await folder.intake({ sweepMs: 50 });
  expect(folder.troubles).toMatchObject([
    { code: 'folder_unusable', details: { system: 'ENOENT' } },
  ]);
  mkdirSync(folder.input);
  writeFileSync(folder.path('a.csv'), 'a');
  expect(names(await takeFiles(intake, 1))).toEqual(['a.csv']);
});

// The limits of a user namespace are its own, so the real refusal can be had without touching the machine's.
const namespace = ['--user', '--map-root-user'];
const limited = 'echo 0 > /proc/sys/user/max_inotify_watches';
const canLimit = spawnSync('unshare', [...namespace, 'sh', '-c', limited]).status === 0;
test.runIf(canLimit)(
  'where the system allows no watch, that is told once and sweeps go on',
  async () => {
    const child = folder.child(PRINTING, [folder.input], {
      under: ['unshare', ...namespace, 'sh', '-c', `${limited} && exec "$0" "$@"`],
    });
    expect(await nextLine(child)).toBe('watch_refused ENOSPC');
    writeFileSync(folder.path('a.csv'), 'a');
    expect(await nextLine(child)).toBe('took a.csv');
  },
);
