// A daemon at work in a project. Its own log tells when a file was done, to the millisecond, so that looking at it need
// not be quick and takes no time away from it.
import { setTimeout as delay } from 'node:timers/promises';
import type { Cleanup } from './cleanup.ts';
import { cpuMs, peakBytes, startProcess } from './measured-process.ts';
import { cli, type LogLine, type Project } from './project.ts';

const LOOK_EVERY_MS = 20;
/** A file that takes longer has been lost. */
const WAIT_MS_MAX = 600_000;

export class Daemon {
  readonly #project: Project;
  readonly #process: ReturnType<typeof startProcess>;
  #seen = 0;

  private constructor(project: Project, cleanup: Cleanup) {
    this.#project = project;
    const words = [cli, 'start'];
    this.#process = startProcess(process.execPath, words, { cwd: project.root, cleanup });
  }

  /** Resolves when it waits for files. */
  static async start(project: Project, cleanup: Cleanup): Promise<Daemon> {
    const daemon = new Daemon(project, cleanup);
    await daemon.events('watching', 1);
    return daemon;
  }

  /** Waits for so many events of this kind from the last one waited for on, and gives them. */
  async events(event: string, count: number): Promise<LogLine[]> {
    const found: LogLine[] = [];
    const deadlineMs = performance.now() + WAIT_MS_MAX;
    while (found.length < count) {
      const { lines, next } = this.#project.logSince(this.#seen);
      this.#seen = next;
      found.push(...lines.filter((line) => line.event === event));
      const trouble = lines.find((line) => ['failed', 'parked', 'skipped'].includes(line.event));
      const { child, said } = this.#process;
      if (trouble !== undefined) throw new Error(`The daemon has ${JSON.stringify(trouble)}`);
      if (child.exitCode !== null || child.signalCode !== null || performance.now() > deadlineMs) {
        throw new Error(`No ${count} times ${event} of the daemon. It said:\n${said()}`);
      }
      if (found.length < count) await delay(LOOK_EVERY_MS);
    }
    return found;
  }

  /** CPU time so far, and the peak of its memory so far. */
  get used(): { cpuMs: number; rssBytes: number } {
    const { pid } = this.#process.child;
    return { cpuMs: cpuMs(pid), rssBytes: peakBytes(pid) ?? 0 };
  }

  async stop(): Promise<void> {
    const { child, said } = this.#process;
    child.kill('SIGTERM');
    while (child.exitCode === null && child.signalCode === null) await delay(LOOK_EVERY_MS);
    if (child.exitCode !== 0) throw new Error(`The daemon did not stop well. It said:\n${said()}`);
  }
}

/** When a logged event happened, in milliseconds as of Date.now(). */
export function timeOf({ time }: LogLine): number {
  return Date.parse(time);
}
