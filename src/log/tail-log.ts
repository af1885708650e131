// Reads the conversion log back: the last events first, then, if asked, each new one as it is written. The writer rotates
// the file, logrotate may move or truncate it, and a crash may leave a torn line; none of them loses or repeats an event.
import { setTimeout as wait } from 'node:timers/promises';
import { LogReader } from './log-reader.ts';
import { type LoggedEvent, parsedLine } from './logged-event.ts';

export interface TailOptions {
  folder: string;
  /** How many past events come first. */
  last: number;
  /** Whether to go on with new events until the signal. */
  follow: boolean;
  signal?: AbortSignal;
  /** How long to wait between two looks, in milliseconds. */
  pollMs?: number;
}

/**
 * The events of the conversion log, oldest first. A folder without a log gives none; lines that are not whole JSON, as
 * after a crash, are left out. Ends when the signal is aborted.
 */
export async function* tailLog(options: TailOptions): AsyncGenerator<LoggedEvent, void, undefined> {
  const { folder, last, follow, signal, pollMs = 200 } = options;
  const reader = new LogReader(folder);
  try {
    for (const line of reader.lastLines(last)) yield* parsed(line);
    while (follow && signal?.aborted !== true) {
      for (const line of reader.newLines()) yield* parsed(line);
      if (!(await waited(pollMs, signal))) return;
    }
  } finally {
    reader.close();
  }
}

/** Waits; false when the signal ended it. */
async function waited(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await wait(ms, undefined, signal === undefined ? {} : { signal });
    return true;
  } catch (error) {
    if (signal?.aborted === true) return false;
    throw error;
  }
}

function* parsed(line: string): Generator<LoggedEvent> {
  const event = parsedLine(line);
  if (event !== null) yield event;
}
