/** What a file does to whoever works on it, and when. */
export interface Poison {
  /** When it is opened, so that nobody ever reads it to its end; or when it has been identified and is converted. */
  when: 'opened' | 'converted';
  /**
   * Ends the process, as a crash of native code or the system's lack of memory would; fills the heap of the thread; or keeps
   * the thread busy for ever.
   */
  how: 'kill' | 'memory' | 'hang';
  /** Those whose name begins so. */
  name?: string;
}

/** The argument for node that makes it so, in every thread and process that runs with it. */
export function poisonArgument({ when, how, name = 'poison' }: Poison): string {
  const script = `
    import fs from 'node:fs';
    import { basename } from 'node:path';
    import { syncBuiltinESMExports } from 'node:module';
    const { when, how, poison } = ${JSON.stringify({ when, how, poison: name })};
    const { openSync } = fs;
    let source = '';
    const strike = () => {
      if (how === 'kill') process.kill(process.pid, 'SIGKILL');
      const heap = [];
      for (;;) if (how === 'memory') heap.push(new Array(1000).fill({}));
    };
    fs.openSync = (path, flags, ...rest) => {
      const name = basename(String(path));
      const isSource = name.endsWith('.csv') && flags === 'r';
      if (isSource) source = name;
      const isMoment = when === 'opened' ? isSource : name.endsWith('.parquet.tmp');
      if (isMoment && source.startsWith(poison)) strike();
      return openSync(path, flags, ...rest);
    };
    syncBuiltinESMExports();`;
  return `--import=data:text/javascript,${encodeURIComponent(script)}`;
}
