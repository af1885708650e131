import { fstatSync } from 'node:fs';
import type { WriteStream } from 'node:tty';
import { visibleText } from '../core/visible-text.ts';
import type { LogLevel } from '../log/log-event.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a stream makes of an event's line: colours on a terminal, priorities in the journal. */
type LineDress = (line: string, level: LogLevel) => string;

const colours = { info: null, warn: 33, error: 31 } as const satisfies Record<
  LogLevel,
  number | null
>;

/** sd-daemon(3): by them `journalctl --priority warning` finds what needs somebody. */
const priorities = { info: 6, warn: 4, error: 3 } as const satisfies Record<LogLevel, number>;

/** Writes the line of an event to standard output or, for programs that wait for trouble there, to standard error. */
export function eventPrinter(
  environment: Environment,
): (stream: 'stdout' | 'stderr', line: string, level: LogLevel) => void {
  const dresses = {
    stdout: dressOf(process.stdout, environment),
    stderr: dressOf(process.stderr, environment),
  };
  return (stream, line, level) => {
    process[stream].write(`${dresses[stream](visibleText(line), level)}\n`);
  };
}

function dressOf(stream: WriteStream & { fd: number }, environment: Environment): LineDress {
  if (isJournal(stream.fd, environment)) return (line, level) => `<${priorities[level]}>${line}`;
  if (!wantsColour(stream.isTTY, environment)) return (line) => line;
  return (line, level) => {
    const colour = colours[level];
    return colour === null ? line : `\u001B[${colour}m${line}\u001B[0m`;
  };
}

/** FORCE_COLOR (https://force-color.org) and NO_COLOR (https://no-color.org) decide; without them, whether somebody looks. */
export function wantsColour(isTerminal: boolean, environment: Environment): boolean {
  const forced = environment['FORCE_COLOR'] ?? '';
  if (forced !== '') return forced !== '0';
  if ((environment['NO_COLOR'] ?? '') !== '') return false;
  return isTerminal && environment['TERM'] !== 'dumb';
}

/** Whether a descriptor leads to the journal: what a service has started inherits the variable, but not always the descriptor. */
function isJournal(descriptor: number, environment: Environment): boolean {
  const stream = environment['JOURNAL_STREAM'];
  if (stream === undefined) return false;
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return stream === `${dev}:${ino}`;
  } catch {
    // Closed before it was begun.
    return false;
  }
}
