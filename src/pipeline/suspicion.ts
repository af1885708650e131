import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '../core/backoff.ts';
import { lstatIfThere, unlinkIfThere, writeFile } from '../core/brief-calls.ts';
import { writeFileDurably } from '../core/durable-file.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { Claim } from '../intake/claim.ts';
import { TRIAL_NOTE } from '../intake/transient-name.ts';
import type { Passage, PipelineContext } from './passage.ts';

/** How often the process that works on a file alone may end before the file is set aside. */
const DEATHS_MAX = 3;

/** The pause before each trial, by the deaths so far: where it is memory that lacks, somebody else may need it just then. */
const PAUSES_MS: readonly number[] = [0, 1000, 10_000];

/**
 * What speaks against a file that may have killed a process. It is tried alone, in a process of its own
 * (lone-process.ts), and only a death of that process counts, witnessed by this one, which lives on. Whoever kills
 * csv-hopper itself, and a power cut, leaves nobody to witness, and so cannot bring a file into the failed folder.
 *
 * A kill leaves hundreds of files under suspicion, mostly for nothing. So small ones are read together first, in that process:
 * where it dies, which then counts for none of them, each is tried alone.
 */
export interface Suspicion {
  /** When and how its own process ended while it worked on this file. */
  deaths: { time: string; how: string }[];
  /**
   * How often csv-hopper itself ended while this file was tried. It proves nothing, but the file then waits a little
   * longer each time from the second on, so that the others get through even where it takes us along.
   */
  interruptions: number;
  /** Whether it has not been tried yet, and may be together with others. */
  mayHaveCompany: boolean;
}

/** What lies in the claim's folder while a file under suspicion is tried, and between trials that ended in deaths. */
type TrialNote = Pick<Suspicion, 'deaths' | 'interruptions'>;

const noSuspicion: TrialNote = { deaths: [], interruptions: 0 };

/** Under suspicion because a thread or process died that worked on it, among others: from now on it is tried alone. */
export function suspect(passage: Passage): void {
  passage.progress.suspicion = { ...suspicionIn(passage), mayHaveCompany: false };
}

/**
 * Whether a claim of an earlier run is to be tried alone: where that run ended without a stop, each file that it had claimed;
 * and one whose own process has died.
 */
export async function suspicionOf(
  claim: Claim,
  { lastRunDied }: PipelineContext,
): Promise<Suspicion | null> {
  const note = await readNote(claim);
  const { deaths, interruptions } = note ?? noSuspicion;
  if (lastRunDied) return { deaths, interruptions, mayHaveCompany: note === null };
  // A stop in good order ended the trial; the file did not.
  return deaths.length > 0 ? { deaths, interruptions: 0, mayHaveCompany: false } : null;
}

/** Waits until it is time for the next trial. */
export async function pauseBeforeTrial(passage: Passage, signal: AbortSignal): Promise<void> {
  const { deaths, interruptions } = suspicionIn(passage);
  const pauseMs = Math.max(
    PAUSES_MS[deaths.length] ?? 0,
    // The first interruption may have met it together with many others, which would lose their places in the order of loads.
    interruptions < 2 ? 0 : backoffMs(interruptions),
  );
  if (pauseMs === 0) return;
  passage.turn?.stepAside();
  await delay(pauseMs, undefined, { signal });
}

/** Notes, in case that it ends this process too, that the trial is under way. Not fsynced: a power cut speaks for nothing. */
export async function beginTrial(passage: Passage): Promise<void> {
  const { deaths, interruptions } = suspicionIn(passage);
  await writeFile(notePath(passage.claim), noteOf({ deaths, interruptions: interruptions + 1 }));
}

/** The process lives on, whatever came of it. */
export async function endTrial(passage: Passage): Promise<void> {
  const { deaths } = (passage.progress.suspicion = { ...suspicionIn(passage), interruptions: 0 });
  const path = notePath(passage.claim);
  if (deaths.length === 0) await unlinkIfThere(path);
  else await writeFile(path, noteOf(suspicionIn(passage)));
}

/** Enters a death; returns what is to be thrown: worker_died, and at the last one set_aside. */
export async function enterDeath(passage: Passage, how: string): Promise<HopperError> {
  const before = suspicionIn(passage);
  const death = { time: new Date().toISOString(), how };
  const suspicion = { ...before, deaths: [...before.deaths, death], interruptions: 0 };
  passage.progress.suspicion = suspicion;
  const { length } = suspicion.deaths;
  if (length >= DEATHS_MAX) return new HopperError('set_aside');
  let cause: unknown;
  try {
    await writeFileDurably(notePath(passage.claim), noteOf(suspicion));
  } catch (error) {
    // It counts in this process all the same.
    cause = error;
  }
  return new HopperError('worker_died', {
    message: `The process that worked on this file alone ended (${how}): ${length} of ${DEATHS_MAX}.`,
    hint: 'It is tried again after a pause; the other files go on meanwhile.',
    cause,
  });
}

function suspicionIn({ progress }: Passage): Suspicion {
  return progress.suspicion ?? { ...noSuspicion, mayHaveCompany: false };
}

function notePath({ folder }: Claim): string {
  return join(folder, TRIAL_NOTE);
}

function noteOf({ deaths, interruptions }: TrialNote): string {
  return `${JSON.stringify({ deaths, interruptions })}\n`;
}

/** Null where there is none. */
async function readNote(claim: Claim): Promise<TrialNote | null> {
  const path = notePath(claim);
  if ((await lstatIfThere(path)) === null) return null;
  try {
    return { ...noSuspicion, ...(JSON.parse(await readFile(path, 'utf8')) as TrialNote) };
  } catch (error) {
    // Torn by a kill or a power cut it says only that there was a trial.
    if (error instanceof SyntaxError) return noSuspicion;
    throw error;
  }
}
