import { troublesIn } from './database.ts';
import { failCalls } from './failing-call.ts';
import { type Fault, type Figures, type Rig, timesOf } from './fault.ts';
import { killAtCalls } from './kill-at-call.ts';
import { lossyDiskMissing } from './lossy-disk.ts';
import { cutBytes, cutCommits } from './network.ts';
import { cutPower } from './power-loss.ts';
import type { Mode } from './producer.ts';
import { killUnderStream } from './random-kill.ts';
import { straceMissing } from './system-calls.ts';

/** Those that change rows which are there, or find some by a key of the table; most other faults have files that are appended. */
const modes = {
  key: 'in a dataset with a key',
  replace: 'where versions replace one another',
  upsert: 'where rows are changed by key',
} as const satisfies Partial<Record<Mode, string>>;

/** What npm test has of them, besides the crash points one by one in the tests of the write modes. */
const inShortForm: ReadonlySet<string> = new Set(['replace-cuts']);

const isHadAnywhere = (): null => null;

const befallings = {
  kills: {
    title: 'kill -9 at random moments',
    missing: isHadAnywhere,
    run: (rig: Rig, mode: Mode) => killUnderStream(rig, timesOf(rig, 150, 1), mode),
  },
  cuts: {
    title: 'connections cut at COMMIT, and after any number of bytes',
    missing: isHadAnywhere,
    run: async (rig: Rig, mode: Mode): Promise<Figures> => {
      const commits = await cutCommits(rig, timesOf(rig, 100, 2), mode);
      const bytes = await cutBytes(rig, timesOf(rig, 100, 2), mode);
      return {
        'cuts at COMMIT': commits['cuts'] ?? 0,
        'cuts after some bytes': bytes['cuts'] ?? 0,
        files: (commits['files'] ?? 0) + (bytes['files'] ?? 0),
      };
    },
  },
  troubles: {
    title: 'trouble with the database',
    missing: isHadAnywhere,
    run: (rig: Rig, mode: Mode) => troublesIn(rig, timesOf(rig, 1, 1), mode),
  },
  'power-loss': {
    title: 'power loss under folders and database',
    missing: lossyDiskMissing,
    run: (rig: Rig, mode: Mode) => cutPower(rig, timesOf(rig, 50, 1), mode),
  },
  'kill-at-call': {
    title: 'kill -9 at system calls, also of the recovery, and of its recovery',
    missing: straceMissing,
    run: killAtCalls,
  },
  'failing-call': {
    title: 'system calls that fail',
    missing: straceMissing,
    run: failCalls,
  },
};

/** `key-kills`, `upsert-cuts` and so on. */
export const writeModeFaults: Readonly<Record<string, Fault>> = Object.fromEntries(
  (['key', 'replace', 'upsert'] as const).flatMap((mode) =>
    Object.entries(befallings).map(([name, { title, missing, run }]) => [
      `${mode}-${name}`,
      {
        title: `${title}, ${modes[mode]}`,
        ...(!inShortForm.has(`${mode}-${name}`) && { inLongFormOnly: true as const }),
        missing,
        run: (rig: Rig) => run(rig, mode),
      },
    ]),
  ),
);
