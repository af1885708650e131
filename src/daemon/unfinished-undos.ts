// Goes on with an undo that a run has begun and not ended, because it was killed: an undo has no claim that the start would find.
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import { backoffMs } from '../core/backoff.ts';
import { asHopperError } from '../core/environment-error.ts';
import type { HopperError } from '../errors/hopper-error.ts';
import type { ConversionLog } from '../log/conversion-log.ts';
import type { PatienceOptions } from '../pipeline/patience.ts';
import { dropUndoNote, receiptTime, type UndoNote } from './undo-note.ts';

export interface UnfinishedUndoOptions {
  config: Config;
  log: ConversionLog;
  patience: Pick<PatienceOptions, 'signal' | 'attemptsMax'>;
  /** Takes the rest of the load back; see takeBack. */
  goOn: (loadId: string) => Promise<unknown>;
}

/**
 * Tries it again as long as something keeps it from its end that is not its own, such as a database that is away; resolves when it has ended,
 * or patience is over: then the next start goes on. The caller holds back drops of the same file.
 */
export async function finishUndo(note: UndoNote, options: UnfinishedUndoOptions): Promise<void> {
  const { signal, attemptsMax } = options.patience;
  for (let attempts = 1; !signal.aborted; attempts++) {
    if (await isFinished(note, options)) return;
    if (attempts >= attemptsMax) return;
    // A stop ends the wait.
    await delay(backoffMs(attempts - 1), null, { signal }).catch(() => undefined);
  }
}

async function isFinished(
  note: UndoNote,
  { config, log, goOn }: UnfinishedUndoOptions,
): Promise<boolean> {
  const { loadId } = note;
  try {
    // It came later, and stands.
    if (!(await wasLoadedSince(config, note))) await goOn(loadId);
  } catch (error) {
    const err = asHopperError(error);
    if (isOfSurroundings(err)) return false;
    log.warn('undone', 'an undo that was interrupted cannot go on', { loadId, err });
  }
  await dropUndoNote(config, loadId);
  return true;
}

async function wasLoadedSince(
  config: Config,
  { loadId, receiptTime: noted }: UndoNote,
): Promise<boolean> {
  for (const { name } of config.datasets) {
    const time = await receiptTime(config, { loadId, dataset: name });
    if (time !== null) return time !== noted;
  }
  return false;
}

/** A refusal would be the same at the next try. */
function isOfSurroundings({ code, fault }: HopperError): boolean {
  return fault === 'environment' && code !== 'undo_refused';
}
