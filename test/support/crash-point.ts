import type { LogEvent } from '../../src/log/log-event.ts';

/** The instant at which a csv-hopper kills itself with SIGKILL: the nth time that something happens. */
export type CrashPoint = { nth?: number } & (
  | { event: LogEvent }
  /** A rename to a path that has this text in it, before or after it is done. */
  | { beforeRenameTo: string }
  | { afterRenameTo: string }
);

/**
 * The argument for node that makes it so. The process is killed by the system, as by `kill -9`: nothing is flushed, no
 * handler runs. Log lines are written synchronously, so what a line tells is done and what follows it is not.
 */
export function crashArgument(point: CrashPoint): string {
  const script = `
    import fs from 'node:fs';
    import fsp from 'node:fs/promises';
    import { syncBuiltinESMExports } from 'node:module';
    const { event, beforeRenameTo, afterRenameTo, nth = 1 } = ${JSON.stringify(point)};
    let left = nth;
    const happened = () => { if (--left === 0) process.kill(process.pid, 'SIGKILL'); };
    const { writeSync } = fs;
    fs.writeSync = (fd, bytes, ...rest) => {
      const written = writeSync(fd, bytes, ...rest);
      if (event !== undefined && String(bytes).includes('"event":"' + event + '"')) happened();
      return written;
    };
    const { rename } = fsp;
    fsp.rename = async (from, to) => {
      if (beforeRenameTo !== undefined && to.includes(beforeRenameTo)) happened();
      await rename(from, to);
      if (afterRenameTo !== undefined && to.includes(afterRenameTo)) happened();
    };
    const { renameSync } = fs;
    fs.renameSync = (from, to) => {
      if (beforeRenameTo !== undefined && to.includes(beforeRenameTo)) happened();
      renameSync(from, to);
      if (afterRenameTo !== undefined && to.includes(afterRenameTo)) happened();
    };
    syncBuiltinESMExports();`;
  return `--import=data:text/javascript,${encodeURIComponent(script)}`;
}
