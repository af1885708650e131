import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { unlink } from '../core/brief-calls.ts';
import { exists } from '../core/exists.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { Claim } from '../intake/claim.ts';
import type { ConversionLog } from '../log/conversion-log.ts';
import type { EventFields } from '../log/log-event.ts';
import type { FailureCode } from './failure-report.ts';

// A file that fails leaves its claim before the log can say so, and a kill in between would leave a failure of which neither the log nor
// a notice ever tells. So what will be said lies beside the claims until it is: the next start says what this run could not. A file that
// is finished needs no note, because its receipt knows what there is to say.

/** What the log says of a file that failed. */
export interface Failure {
  code: FailureCode;
  message: string;
  /** With dataset and file. */
  fields: Omit<EventFields, 'err'>;
}

interface FailureNote extends Failure {
  /** Where the source is until it is moved: name of the claim's folder, and the source's own. */
  claim: string;
  source: string;
}

function logFailure(log: ConversionLog, { code, message, fields }: Failure): void {
  log.error('failed', code === 'set_aside' ? 'set aside' : 'content at fault', {
    ...fields,
    err: new HopperError(code, { message }),
  });
}

/** Before the source is moved. Without fsync, as the log itself is written. */
export async function noteFailure(claim: Claim, failure: Failure): Promise<void> {
  const note: FailureNote = { ...failure, claim: basename(claim.folder), source: claim.file };
  await writeFile(notePath(claim), JSON.stringify(note), { mode: 0o600 });
}

/** Says it, and removes the note. Where that is not possible the next start says it once more. */
export async function tellFailure(
  claim: Claim,
  failure: Failure,
  log: ConversionLog,
): Promise<void> {
  await unlink(notePath(claim), () => {
    logFailure(log, failure);
  }).catch(() => undefined);
}

/** When it did not come to it. */
export async function forgetFailure(claim: Claim): Promise<void> {
  await rm(notePath(claim), { force: true }).catch(() => undefined);
}

/**
 * Says of which files that failed a former run had no time to, and returns the names of their claims' folders. A file that still lies in
 * its claim has not failed: it goes through its steps again.
 */
export async function tellFormerFailures(
  processingFolder: string,
  log: ConversionLog,
): Promise<Set<string>> {
  const told = new Set<string>();
  for (const name of await readdir(processingFolder)) {
    if (!isNoteName(name)) continue;
    const path = join(processingFolder, name);
    const note = await readNote(path);
    const source = note === null ? null : join(processingFolder, note.claim, note.source);
    if (note !== null && source !== null && !(await exists(source))) {
      logFailure(log, note);
      told.add(note.claim);
    }
    await rm(path, { force: true });
  }
  return told;
}

function notePath({ folder }: Claim): string {
  return join(dirname(folder), `.failed-${basename(folder)}.json`);
}

function isNoteName(name: string): boolean {
  return /^\.failed-.+\.json$/.test(name);
}

/** Null where a kill, or a power cut, has torn it: its source has not been moved then, or the move has not lasted. */
async function readNote(path: string): Promise<FailureNote | null> {
  try {
    const note = JSON.parse(await readFile(path, 'utf8')) as Partial<FailureNote> | null;
    return note?.claim === undefined || note.source === undefined ? null : (note as FailureNote);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
