import { readableLine } from '../log/readable-line.ts';
import { tailLog } from '../log/tail-log.ts';
import { type CommonOptions, DONE, openConfig, print } from './command.ts';

export interface LogOptions extends CommonOptions {
  follow?: boolean;
  lines: number;
}

/** `csv-hopper log [-f]`: the conversion log, readable. Following ends with SIGINT or SIGTERM. */
export async function log(options: LogOptions): Promise<number> {
  const config = openConfig(options);
  const stop = new AbortController();
  const onSignal = (): void => {
    stop.abort();
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const events = tailLog({
    folder: config.folders.logs,
    last: options.lines,
    follow: options.follow === true,
    signal: stop.signal,
  });
  for await (const event of events) print(readableLine(event));
  return DONE;
}
