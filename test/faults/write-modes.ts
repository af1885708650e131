import { troublesIn } from './database.ts';
import { type Fault, type Figures, type Rig, timesOf } from './fault.ts';
import { cutBytes, cutCommits } from './network.ts';
import type { Mode } from './producer.ts';
import { killUnderStream } from './random-kill.ts';

/** Those that change rows which are there, or find some by a key of the table; the other faults have files that are appended. */
const modes = {
  key: 'in a dataset with a key',
  replace: 'where versions replace one another',
  upsert: 'where rows are changed by key',
} as const satisfies Partial<Record<Mode, string>>;

/** What npm test has of them, besides the crash points one by one in the tests of the write modes. */
const inShortForm: ReadonlySet<string> = new Set(['replace-cuts']);

const befallings = {
  kills: {
    title: 'kill -9 at random moments',
    run: (rig: Rig, mode: Mode) => killUnderStream(rig, timesOf(rig, 150, 1), mode),
  },
  cuts: {
    title: 'connections cut at COMMIT, and after any number of bytes',
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
    run: (rig: Rig, mode: Mode) => troublesIn(rig, timesOf(rig, 1, 1), mode),
  },
};

/** `key-kills`, `upsert-cuts` and so on. */
export const writeModeFaults: Readonly<Record<string, Fault>> = Object.fromEntries(
  (['key', 'replace', 'upsert'] as const).flatMap((mode) =>
    Object.entries(befallings).map(([name, { title, run }]) => [
      `${mode}-${name}`,
      {
        title: `${title}, ${modes[mode]}`,
        ...(!inShortForm.has(`${mode}-${name}`) && { inLongFormOnly: true as const }),
        missing: () => null,
        run: (rig: Rig) => run(rig, mode),
      },
    ]),
  ),
);
