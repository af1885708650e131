/** What a file does to whoever works on it, and when. */
export interface Poison {
  /** When it is opened, so that nobody ever reads it to its end; or when it has been identified and is converted. */
  when: 'opened' | 'converted';
  /**
   * Ends the process, as a crash of native code or the system's lack of memory would; fills the heap of the thread, which is
   * made small for it; or keeps the thread busy for ever.
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
    import threads from 'node:worker_threads';
    const { when, how, poison } = ${JSON.stringify({ when, how, poison: name })};
    const { openSync } = fs;
    const { Worker } = threads;
    if (how === 'memory') {
      threads.Worker = class extends Worker {
        constructor(url, options) {
          const resourceLimits = { ...options.resourceLimits, maxOldGenerationSizeMb: 64 };
          super(url, { ...options, resourceLimits });
        }
      };
    }
    let source = '';
    const strike = () => {
      if (how === 'kill') process.kill(process.pid, 'SIGKILL');
      const heap = [];
      for (;;) if (how === 'memory') heap.push([1, 2, 3, {}]);
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
