import { readableLine } from '../log/readable-line.ts';
import { tailLog } from '../log/tail-log.ts';
import { type CommonOptions, DONE, openConfig, print, printError } from './command.ts';

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
  let count = 0;
  for await (const event of events) {
    print(readableLine(event));
    count++;
  }
  // On standard error, so that a script that reads the events is not given one.
  if (count === 0 && options.follow !== true && options.lines > 0) {
    printError(`no events yet in ${config.folders.logs}`);
  }
  return DONE;
}
