// `npm run faults`: the long form of the fault rig. Has every fault as often as docs/RELIABILITY.md says, one after the other,
// tells what it did, and exits with 1 where a guarantee did not hold.
import { constants } from 'node:os';
import { parseArgs } from 'node:util';
import { startMariadb, type Mariadb } from '../support/mariadb.ts';
import { allFaults } from './all-faults.ts';
import type { Fault } from './fault.ts';

const help = `npm run faults -- [options]

Has faults befall csv-hopper and holds what became of every file against a journal. All of it takes hours.

  --only FAULT  only this fault; may be repeated: ${Object.keys(allFaults).join(', ')}
  --times N     each so often, where a fault can be had any number of times
  --skip N      pass over the first N system calls, which a run that was ended had already
  --short       as rarely as npm test has it
  --seed N      for what is left to chance (default 1)
  --trials      tell of each trial
  --help        this text
`;

interface Options {
  faults: [name: string, fault: Fault][];
  times: number | null;
  skip: number;
  isShort: boolean;
  seed: number;
  tellsTrials: boolean;
}

class UsageError extends Error {}

/** Null where help is asked for. Throws a UsageError. */
function readOptions(words: string[]): Options | null {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  const only = { type: 'string', multiple: true, default: [] as string[] } as const;
  const options = {
    only,
    times: text,
    skip: text,
    short: flag,
    seed: text,
    trials: flag,
    help: flag,
  };
  const values = parsed(() => parseArgs({ args: words, options }).values);
  if (values.help) return null;
  const unknown = values.only.find((name) => !(name in allFaults));
  if (unknown !== undefined) throw new UsageError(`There is no fault "${unknown}".`);
  const wanted = (name: string): boolean => values.only.length === 0 || values.only.includes(name);
  return {
    faults: Object.entries(allFaults).filter(([name]) => wanted(name)),
    times: values.times === undefined ? null : wholeNumber('times', values.times),
    skip: values.skip === undefined ? 0 : wholeNumber('skip', values.skip),
    isShort: values.short,
    seed: values.seed === undefined ? 1 : wholeNumber('seed', values.seed),
    tellsTrials: values.trials,
  };
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(option: string, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new UsageError(`--${option} takes a whole number from 1 to 999999, not "${text}".`);
}

/** Whether every fault that could be had came out as it should. */
async function runAll(options: Options): Promise<boolean> {
  const { faults, times, skip, isShort, seed, tellsTrials } = options;
  let server: Mariadb | null = null;
  let allHeld = true;
  try {
    for (const [name, fault] of faults) {
      const missing = fault.missing();
      if (missing !== null) {
        print(`${name}: skipped, ${missing}`);
        continue;
      }
      server ??= await startMariadb();
      const startedMs = performance.now();
      const onTrial = (what: string): void => {
        if (tellsTrials) print(`  ${what}`);
      };
      try {
        const figures = await fault.run({
          server,
          seed,
          isShort,
          times,
          skip: { left: skip },
          onTrial,
        });
        const told = Object.entries(figures).map(([what, number]) => `${what}: ${number}`);
        const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1);
        print(`${name}: held (${minutes} minutes)\n  ${told.join('\n  ')}`);
      } catch (error) {
        allHeld = false;
        print(`${name}: DID NOT HOLD\n${causes(error)}`);
      }
    }
  } finally {
    await server?.stop();
  }
  return allHeld;
}

function causes(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const below = error instanceof AggregateError ? (error.errors as unknown[]) : [error.cause];
  const texts = below.filter((cause) => cause !== undefined).map(causes);
  return [error.stack ?? error.message, ...texts].join('\n');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

// Servers and daemons are ended by the exit of this process, which a signal alone would not be.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}
try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) print(help);
  else if (!(await runAll(options))) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`faults: ${error.message}\n--help lists the options.\n`);
  process.exitCode = 2;
}
