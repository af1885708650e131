import { once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { claimFile, giveBack } from '../../src/intake/claim.ts';
import { IN_VIEW_MAX } from '../../src/intake/waiting-files.ts';
import { IntakeFolder, names, takeFiles } from '../support/intake-folder.ts';

const HOUR = 3_600_000;

let folder: IntakeFolder;
beforeEach(() => {
  folder = new IntakeFolder();
});
afterEach(() => folder.remove());

/** Makes a file elsewhere, a minute old, and renames it into the input folder. */
function renameIn(name: string, content = 'a;b\n'): void {
  const elsewhere = join(folder.root, 'elsewhere');
  writeFileSync(elsewhere, content);
  utimesSync(elsewhere, Date.now() / 1000 - 60, Date.now() / 1000 - 60);
  renameSync(elsewhere, folder.path(name));
}

describe('slow writers', () => {
  test.runIf(process.platform === 'linux')(
    'a file that its writer keeps open is not taken however long it pauses',
    async () => {
      const intake = await folder.intake({ quietMs: 60 });
      folder.child(
        `const { openSync, writeSync, closeSync } = await import('node:fs');
         const handle = openSync(args[0], 'w');
         for (let i = 0; i < 4; i++) {
           writeSync(handle, 'line\\n');
           await new Promise((resolve) => setTimeout(resolve, 400));
         }
         writeSync(handle, 'end\\n');
         closeSync(handle);`,
        [folder.path('slow.csv')],
      );
      await takeFiles(intake, 1);
      expect(readFileSync(folder.path('slow.csv'), 'utf8')).toBe('line\n'.repeat(4) + 'end\n');
    },
  );

  test('a file that is opened, appended to and closed is not taken between', async () => {
    const intake = await folder.intake({ quietMs: 800 });
    folder.child(
      `const { appendFileSync } = await import('node:fs');
       for (let i = 0; i < 20; i++) {
         appendFileSync(args[0], 'line\\n');
         await new Promise((resolve) => setTimeout(resolve, 100));
       }
       appendFileSync(args[0], 'end\\n');`,
      [folder.path('slow.csv')],
    );
    await takeFiles(intake, 1);
    expect(readFileSync(folder.path('slow.csv'), 'utf8')).toBe('line\n'.repeat(20) + 'end\n');
  });

  test('an empty file that was renamed in waits for its content', async () => {
    const intake = await folder.intake({ quietMs: 800 });
    renameIn('a.csv', '');
    setTimeout(() => {
      appendFileSync(folder.path('a.csv'), 'late');
    }, 200);
    const [file] = await takeFiles(intake, 1);
    expect(file?.bytes).toBe(4);
  });
});

describe('quiet periods', () => {
  test('a file that was renamed in waits neither for the quiet period nor for the next sweep', async () => {
    const intake = await folder.intake({ quietMs: HOUR, sweepMs: HOUR });
    renameIn('a.csv');
    expect(names(await takeFiles(intake, 1))).toEqual(['a.csv']);
  });

  test('so does one found by polling', async () => {
    const intake = await folder.intake({ quietMs: HOUR, sweepMs: HOUR, polling: true });
    renameIn('a.csv');
    expect(names(await takeFiles(intake, 1))).toEqual(['a.csv']);
  });

  test('a backlog from before the start is taken', async () => {
    writeFileSync(folder.path('a.csv'), 'a');
    renameIn('b.csv');
    const intake = await folder.intake();
    expect(names(await takeFiles(intake, 2)).sort()).toEqual(['a.csv', 'b.csv']);
  });

  test('a file whose modification time lies in the future is taken', async () => {
    const intake = await folder.intake();
    writeFileSync(folder.path('a.csv'), 'a');
    utimesSync(folder.path('a.csv'), 4e9, 4e9);
    expect(names(await takeFiles(intake, 1))).toEqual(['a.csv']);
  });
});

describe('order and number', () => {
  test('999 files at once all come, in the order of their arrival', async () => {
    const intake = await folder.intake({ sweepMs: HOUR });
    const expected = Array.from({ length: 999 }, (_, index) => `student-mat_copy${index}.csv`);
    for (const name of expected) writeFileSync(folder.path(name), 'a;b\n');
    const taken = await takeFiles(intake, 999);
    expect(names(taken)).toEqual(expected);

    const claims = await Promise.all(
      taken.map((file) => claimFile(folder.input, folder.processing, file)),
    );
    expect(claims.filter((claim) => typeof claim === 'string')).toEqual([]);
    // The crowd is gone, so a single file is found by its event again.
    renameIn('last.csv');
    expect(names(await takeFiles(intake, 1))).toEqual(['last.csv']);
  });

  test('a backlog larger than the view is taken whole, each file once', async () => {
    const count = IN_VIEW_MAX + 1000;
    for (let i = 0; i < count; i++) writeFileSync(folder.path(`f${i}.csv`), 'a');
    const intake = await folder.intake();
    intake.endWhenSettled();
    const seen = new Set<string>();
    const signal = AbortSignal.timeout(50_000);
    for (;;) {
      const taken = await intake.take(signal);
      if (taken.length === 0) break;
      expect(taken.length).toBeLessThanOrEqual(IN_VIEW_MAX);
      for (const { name } of taken) {
        expect(seen.has(name)).toBe(false);
        seen.add(name);
        rmSync(folder.path(name));
      }
    }
    expect(seen.size).toBe(count);
  });
});

describe('what happens to a file that was offered', () => {
  test('another that takes its name is offered as well', async () => {
    const intake = await folder.intake({ sweepMs: 100 });
    renameIn('a.csv', 'old');
    await takeFiles(intake, 1);
    renameIn('a.csv', 'newer');
    const [second] = await takeFiles(intake, 1);
    expect(second).toMatchObject({ name: 'a.csv', bytes: 5 });
  });

  test('once claimed it is not offered again, and one given back is', async () => {
    const intake = await folder.intake();
    renameIn('a.csv');
    const [file] = await takeFiles(intake, 1);
    const claim = await claimFile(folder.input, folder.processing, file!);
    if (typeof claim === 'string') throw new Error(claim);
    renameIn('b.csv');
    expect(names(await takeFiles(intake, 1))).toEqual(['b.csv']);
    await giveBack(claim, folder.input);
    expect(names(await takeFiles(intake, 1))).toEqual(['a.csv']);
  });

  test('a name that is dropped again right after its claim does not wait for the next sweep', async () => {
    // Longer than a test may take: were it waited for, this would fail.
    const intake = await folder.intake({ sweepMs: 600_000 });
    for (let times = 1; times <= 5; times++) {
      renameIn('a.csv', 'x'.repeat(times));
      const [file] = await takeFiles(intake, 1);
      expect(file).toMatchObject({ name: 'a.csv', bytes: times });
      const claim = await claimFile(folder.input, folder.processing, file!);
      expect(claim).toMatchObject({ file: 'a.csv' });
      intake.forget('a.csv');
    }
  });

  test('a deferred one is offered after its time, others before', async () => {
    const intake = await folder.intake();
    renameIn('a.csv');
    await takeFiles(intake, 1);
    intake.defer('a.csv', 1500);
    renameIn('b.csv');
    expect(names(await takeFiles(intake, 2))).toEqual(['b.csv', 'a.csv']);
  });
});

describe('the end', () => {
  test('a single run ends once all that was there has been offered', async () => {
    writeFileSync(folder.path('a.csv'), 'a');
    writeFileSync(folder.path('notes.txt'), 'a');
    renameIn('b.csv');
    const intake = await folder.intake();
    intake.endWhenSettled();
    await takeFiles(intake, 2);
    expect(await intake.take(new AbortController().signal)).toEqual([]);
  });

  test('an aborted take returns nothing, and the files stay for the next', async () => {
    const intake = await folder.intake();
    expect(await intake.take(AbortSignal.timeout(1))).toEqual([]);
    renameIn('a.csv');
    expect(names(await takeFiles(intake, 1))).toEqual(['a.csv']);
  });

  test('stop ends a waiting take', async () => {
    const intake = await folder.intake();
    const taking = intake.take(new AbortController().signal);
    await intake.stop();
    expect(await taking).toEqual([]);
  });

  test('a process that stopped its intake ends by itself', async () => {
    mkdirSync(folder.processing);
    renameIn('a.csv');
    const child = folder.child(
      `const { Intake } = await source('intake/intake.ts');
       const intake = new Intake({ folder: args[0], quietMs: 100, sweepMs: 3600000, polling: false,
         wants: () => true, onIgnored() {}, onTrouble() {}, onTroubleOver() {} });
       await intake.start();
       await intake.take(new AbortController().signal);
       await intake.stop();`,
      [folder.input],
    );
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
