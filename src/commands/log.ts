import { readableLine } from '../log/readable-line.ts';
import { tailLog } from '../log/tail-log.ts';
import { environment } from '../config/environment.ts';
import type { LogLevel } from '../log/log-event.ts';
import { type CommonOptions, DONE, openConfig, printError } from './command.ts';
import { eventPrinter } from './event-line.ts';

export interface LogOptions extends CommonOptions {
  follow?: boolean;
  lines: number;
}

/**
 * `csv-hopper log [-f]`: the conversion log, readable. Following ends with SIGINT or SIGTERM, or when nobody reads any
 * more.
 */
export async function log(options: LogOptions): Promise<number> {
  const config = openConfig(options);
  const stop = new AbortController();
  const stopFollowing = (): void => {
    stop.abort();
  };
  process.once('SIGINT', stopFollowing).once('SIGTERM', stopFollowing);
  process.stdout.once('error', stopFollowing);
  const events = tailLog({
    folder: config.folders.logs,
    last: options.lines,
    follow: options.follow === true,
    signal: stop.signal,
  });
  const show = eventPrinter(environment());
  let count = 0;
  for await (const event of events) {
    show('stdout', readableLine(event), levelOf(event));
    count++;
  }
  // On standard error, so that a script that reads the events is not given one.
  if (count === 0 && options.follow !== true && options.lines > 0) {
    printError(`no events yet in ${config.folders.logs}`);
  }
  return DONE;
}

/** A level that somebody else has written is one that nobody has to look at. */
function levelOf({ level }: Readonly<Record<string, unknown>>): LogLevel {
  return level === 'warn' || level === 'error' ? level : 'info';
}
