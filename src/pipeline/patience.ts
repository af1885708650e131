import { writeFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '../core/backoff.ts';
import { asHopperError } from '../core/environment-error.ts';
import type { ErrorCode } from '../errors/catalogue.ts';
import type { HopperError } from '../errors/hopper-error.ts';
import { PARKED_NOTE } from '../intake/transient-name.ts';
import type { DatabaseReturn } from './database-return.ts';
import type { Passage } from './passage.ts';

/**
 * The longest pause of a load while the database is away. Only the head of a dataset's queue asks for all, so a short one costs
 * next to nothing: an outage of an hour ended 18 s ago when the head asked again.
 */
const AWAY_PAUSE_MS_MAX = 2000;

/** Why a parked file waits; lies in its claim's folder, for `status` to read. */
export interface ParkedNote {
  /** ISO 8601, UTC. */
  since: string;
  code: string;
  reason: string;
  hint: string;
}

export interface PatienceOptions {
  /** Ends all waiting. */
  signal: AbortSignal;
  /** How often a step is tried: without end in the daemon, a few times in a run that has to end. */
  attemptsMax: number;
  /** Whether a parked file keeps its place in the order of loads: where the trouble is that of all. */
  keepsTurn?: boolean;
  databaseReturn: DatabaseReturn;
}

/**
 * Runs a step until it succeeds. What is the sender's fault is thrown at once; everything else (a full disk, a database
 * that is away, a table that has to be changed) parks the file, says so once in the log, and the step is tried again
 * with growing pauses. Throws the step's error after the last attempt, and an AbortError when the signal ends the wait.
 */
export async function patiently<T>(
  passage: Passage,
  options: PatienceOptions,
  step: () => Promise<T>,
): Promise<T> {
  let parked: HopperError | null = null;
  for (let attempt = 1; ; attempt++) {
    options.signal.throwIfAborted();
    let result: T;
    try {
      result = await step();
    } catch (error) {
      const trouble = asHopperError(error);
      if (options.signal.aborted || !waitingHelps(trouble)) throw trouble;
      if (parked === null) await park(passage, trouble);
      if (options.keepsTurn !== true) passage.turn?.stepAside();
      parked = trouble;
      if (attempt >= options.attemptsMax) throw trouble;
      await pause(backoffMs(attempt - 1), trouble, options);
      continue;
    }
    if (parked !== null) {
      if (isAway(parked)) options.databaseReturn.announce();
      await resume(passage);
    }
    return result;
  }
}

/** While the database is away, until it answers somebody. */
function pause(ms: number, trouble: HopperError, options: PatienceOptions): Promise<void> {
  const { signal, databaseReturn, keepsTurn } = options;
  if (!isAway(trouble)) return delay(ms, undefined, { signal });
  const longestMs = keepsTurn === true ? AWAY_PAUSE_MS_MAX : Infinity;
  return databaseReturn.pause(Math.min(ms, longestMs), signal);
}

/** Whether it is nothing but the way to the server, or the server itself: what helps one helps all. */
function isAway({ code }: HopperError): boolean {
  return code === 'database_unreachable' || code === 'database_timeout';
}

/** Whether the file has to be read anew, because it, or what was made from it, is not what it was. */
export function startsOver(code: ErrorCode): boolean {
  return ['source_changed', 'load_file_unusable', 'conversion_lost'].includes(code);
}

/** Not where the content is at fault, nor where the file has to be read anew. */
function waitingHelps({ code, fault }: HopperError): boolean {
  return fault !== 'content' && !startsOver(code);
}

async function park(passage: Passage, trouble: HopperError): Promise<void> {
  const { message: reason, hint, code } = trouble;
  passage.log.warn('parked', 'waits and is tried again', { reason, hint, err: trouble });
  const note: ParkedNote = { since: new Date().toISOString(), code, reason, hint };
  await tend(passage, (path) => writeFile(path, `${JSON.stringify(note)}\n`));
}

async function resume(passage: Passage): Promise<void> {
  passage.log.info('resumed', 'goes on');
  await tend(passage, (path) => rm(path, { force: true }));
}

/** The note is a help for `status`: where the disk is full it cannot be written, and the log has said it all. */
async function tend(passage: Passage, action: (path: string) => Promise<void>): Promise<void> {
  try {
    await action(join(passage.claim.folder, PARKED_NOTE));
  } catch (error) {
    passage.log.warn('parked', 'its note for status is not up to date', { err: error });
  }
}
