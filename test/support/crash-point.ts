import type { LogEvent } from '../../src/log/log-event.ts';

/** The instant at which a csv-hopper kills itself with SIGKILL: the nth time that something happens. */
export type CrashPoint = { nth?: number } & (
  | { event: LogEvent }
  /** A rename to a path that has this text in it, before or after it is done. */
  | { beforeRenameTo: string }
  | { afterRenameTo: string }
  /** The same of a link. */
  | { afterLinkTo: string }
  /** The removal of a path that has this text in it. */
  | { beforeUnlinkOf: string }
  /** A text with this in it is appended to a file by its handle. */
  | { beforeAppendOf: string }
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
    const { event, beforeRenameTo, afterRenameTo, afterLinkTo, beforeUnlinkOf, beforeAppendOf, nth = 1 } = ${JSON.stringify(point)};
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
    const { link } = fsp;
    fsp.link = async (from, to) => {
      await link(from, to);
      if (afterLinkTo !== undefined && to.includes(afterLinkTo)) happened();
    };
    const { unlinkSync } = fs;
    fs.unlinkSync = (path) => {
      if (beforeUnlinkOf !== undefined && String(path).includes(beforeUnlinkOf)) happened();
      unlinkSync(path);
    };
    const { rm } = fsp;
    fsp.rm = async (path, options) => {
      if (beforeUnlinkOf !== undefined && String(path).includes(beforeUnlinkOf)) happened();
      await rm(path, options);
    };
    const handle = await fsp.open('/dev/null');
    const Handle = Object.getPrototypeOf(handle);
    await handle.close();
    const { appendFile } = Handle;
    Handle.appendFile = function (data, ...rest) {
      if (beforeAppendOf !== undefined && String(data).includes(beforeAppendOf)) happened();
      return appendFile.call(this, data, ...rest);
    };
    syncBuiltinESMExports();`;
  return `--import=data:text/javascript,${encodeURIComponent(script)}`;
}
