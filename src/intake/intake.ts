import { HopperError } from '../errors/hopper-error.ts';
import { systemCode } from '../core/environment-error.ts';
import { listFolder, type IgnoredEntry } from './folder-listing.ts';
import { IgnoredReports } from './ignored-reports.ts';
import { SweepRest } from './sweep-rest.ts';
import { TendedWatch } from './tended-watch.ts';
import { type Backlog, type FileInView, WaitingFiles, type SettledFile } from './waiting-files.ts';

/**
 * chokidar lists a folder and stats every entry at each event, our own renames among them: with 10,000 files waiting it
 * took a whole core for 20 events a second. With more entries than this the folder is swept at short intervals instead,
 * and watched again when half of them are gone.
 */
const CROWD = 256;

export interface IntakeOptions {
  folder: string;
  quietMs: number;
  sweepMs: number;
  /** Watch by polling, for network mounts that send no events. */
  polling: boolean;
  wants: (name: string) => boolean;
  /** Called before anything is taken from a folder that is another one than before. What it throws is trouble with the folder. */
  onFolder?: () => Promise<void>;
  /**
   * Once per entry that people should know of: no dataset matches, symbolic link, FIFO, unreadable, not UTF-8. `refused`: it is
   * a file that some dataset wants.
   */
  onIgnored: (name: string, reason: string, refused: boolean) => void;
  /** Once per spell of the folder being missing or unreadable (folder_unusable), and once for watch_refused. */
  onTrouble: (error: HopperError) => void;
  /** The folder can be read again. */
  onTroubleOver: () => void;
}

/**
 * Turns a folder into a sequence of settled files. A listing of the folder is the truth; events only wake the next one,
 * and at the latest it comes after `sweepMs`.
 *
 * A file is settled when its inode, size and both times stayed the same, by our own monotonic clock, for the quiet
 * period, and no process that can be looked into has it open for writing. The quiet period is `quietMs`, and 50 ms
 * - for a file that is not empty and whose ctime is at least 20 ms past its mtime: what touched it last was not a write
 *   but a rename into the folder, a chmod, or a utimes at the end of a copy;
 * - for a file that had its quiet period before the start.
 *
 * What is offered and then changes, or is replaced, settles and is offered anew. Memory is bounded: 4096 files at a time
 * are in view, in the order of their arrival, and of 65,536 more the order is remembered.
 */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #waiting: WaitingFiles;
  readonly #watch: TendedWatch;
  readonly #ignored: IgnoredReports;
  readonly #listeners = new Set<() => void>();
  #running: Promise<void> | null = null;
  #stopped = false;
  readonly #rest = new SweepRest();
  /** Whether a sweep has ended since files were taken. */
  #hasSettled = false;
  #crash: { error: unknown } | null = null;
  #crowded = false;
  #trouble: HopperError | null = null;
  #sweptMs: number | null = null;
  #ending = false;
  /** The sweep whose files are the last to be offered before the end, once one has seen the whole folder. */
  #lastSweep: number | null = null;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#waiting = new WaitingFiles(options.folder, {
      quietMs: options.quietMs,
      startedWallMs: Date.now(),
    });
    this.#watch = new TendedWatch({
      ...{ folder: options.folder, sweepMs: options.sweepMs, polling: options.polling },
      ...{ onFolder: options.onFolder, onRefusal: options.onTrouble },
      onEvent: () => {
        this.wake();
      },
    });
    this.#ignored = new IgnoredReports(options.onIgnored);
  }

  /** Resolves when the folder is watched and was swept once, or its trouble told. */
  async start(): Promise<void> {
    await this.#sweep();
    this.#running = this.#run();
  }

  /**
   * Waits until at least one file has settled and returns all that have, in order of arrival (ctime, then name). The
   * caller claims and forgets each or defers it; after a claim that found it changed, `defer(name, 0)` offers it again soonest.
   * Empty when the signal is aborted, the intake stopped, or the end of {@link endWhenSettled} is reached.
   */
  async take(signal: AbortSignal): Promise<SettledFile[]> {
    for (let isUsedUp = true; ; isUsedUp = false) {
      if (this.#crash !== null) throw this.#crash.error;
      if (signal.aborted || this.#stopped) return [];
      const files = this.takeNow();
      if (files.length > 0 || this.#atEnd()) return files;
      // What was in view is used up, so the rest of the backlog need not wait for the next sweep's turn. Nor need the watch,
      // which a crowd has closed: sweeps beside conversions take long, and the pause behind one is many times as long.
      if (this.#waiting.hasMoreOutOfView || (isUsedUp && this.#crowded)) this.wake();
      await this.#news(signal);
    }
  }

  /** All that have settled since the last call, without waiting for any: they do so by the end of a sweep. */
  takeNow(): SettledFile[] {
    if (!this.#hasSettled) return [];
    this.#hasSettled = false;
    return this.#waiting.offer();
  }

  /** Size of the files in view that have not been claimed. */
  get bytesInView(): number {
    return this.#waiting.bytes;
  }

  get backlog(): Backlog {
    return this.#waiting.backlog;
  }

  /** The first files that wait, in the order in which they are to be taken. */
  firstWaiting(max: number): FileInView[] {
    return this.#waiting.first(max);
  }

  /** What the last look at the folder has found that is left where it is; of very many the first. */
  get leftAlone(): readonly IgnoredEntry[] {
    return this.#ignored.leftAlone;
  }

  /** Why the folder cannot be looked at; null where it can. */
  get trouble(): HopperError | null {
    return this.#trouble;
  }

  /** How long ago the folder was looked at last; null where it never was. */
  get sweepAgeMs(): number | null {
    return this.#sweptMs === null ? null : performance.now() - this.#sweptMs;
  }

  /** The file was claimed: what has its name from now on is another file, and settles as any. */
  forget(name: string): void {
    this.#waiting.forget(name);
  }

  /** Does not offer this name again before then: the claim failed for a reason that may pass. */
  defer(name: string, ms: number): void {
    this.#waiting.defer(name, ms);
    this.wake();
  }

  /** Sweeps now, or right after the sweep that is under way. */
  wake(): void {
    this.#rest.wake();
  }

  /**
   * For a single run: once everything that is in the folder now has settled and been offered, {@link take} returns
   * nothing more. It waits for as long as somebody writes, or the folder is missing. May be called before {@link start}.
   */
  endWhenSettled(): void {
    this.#ending = true;
    this.wake();
  }

  /** Ends the sweeps and the watch; a waiting {@link take} returns nothing. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#rest.end();
    await this.#running;
    await this.#watch.close();
    this.#tellNews();
  }

  async #run(): Promise<void> {
    try {
      let tookMs = 0;
      while (!this.#stopped) {
        await this.#rest.take({
          ...{ tookMs, sweepMs: this.#options.sweepMs, isCrowded: this.#crowded },
          nextDueMs: () => (this.#trouble === null ? this.#waiting.nextDueMs() : Infinity),
        });
        if (this.#isStopped()) break;
        const startedMs = performance.now();
        await this.#sweep();
        tookMs = performance.now() - startedMs;
      }
    } catch (error) {
      // A defect, because everything the folder can do to us is trouble: whoever takes next gets it.
      this.#crash = { error };
      this.#tellNews();
    }
  }

  async #sweep(): Promise<void> {
    this.#rest.forgetWakes();
    const endsHere = this.#ending;
    try {
      // A single run looks at the files that it has in view when they are due; and chokidar keeps a process from ending for
      // up to a second after an event.
      await this.#watch.tend(!this.#ending && !this.#crowded);
      const listing = await listFolder(this.#options.folder, this.#options.wants);
      const wasCrowded = this.#crowded;
      this.#crowded = listing.entryCount > (wasCrowded ? CROWD / 2 : CROWD);
      // The watch is opened by the next sweep, for which nothing would wake it: a file behind a burst waited for ten seconds.
      if (wasCrowded && !this.#crowded) this.#rest.wake();
      await this.#waiting.update(listing.files);
      await this.#waiting.settle();
      this.#hasSettled = true;
      this.#ignored.report(listing.ignored, this.#waiting.refused());
      this.#endTrouble();
      this.#sweptMs = performance.now();
      if (endsHere && !this.#waiting.hasMoreOutOfView) this.#lastSweep ??= this.#waiting.sweep;
      this.#tellNews();
    } catch (error) {
      await this.#beginTrouble(error);
    }
  }

  #atEnd(): boolean {
    return this.#lastSweep !== null && this.#waiting.allOffered(this.#lastSweep);
  }

  async #beginTrouble(cause: unknown): Promise<void> {
    const trouble = this.#troubleOf(cause);
    await this.#watch.lose();
    const isTold = this.#trouble !== null;
    this.#trouble = trouble;
    if (!isTold) this.#options.onTrouble(trouble);
  }

  /** Throws what is none, but a defect. */
  #troubleOf(cause: unknown): HopperError {
    if (cause instanceof HopperError) return cause;
    const code = systemCode(cause);
    if (code === undefined || !(cause instanceof Error && 'syscall' in cause)) throw cause;
    const { folder } = this.#options;
    return new HopperError('folder_unusable', {
      message: `The input folder ${folder} cannot be read: ${code}. It is tried again until it can.`,
      details: { folder, system: code },
      cause,
    });
  }

  #endTrouble(): void {
    if (this.#trouble === null) return;
    this.#trouble = null;
    this.#options.onTroubleOver();
  }

  /** Behind a method because the compiler takes a field that was false before an await to be false after it. */
  #isStopped(): boolean {
    return this.#stopped;
  }

  #tellNews(): void {
    for (const listener of this.#listeners) listener();
  }

  #news(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#listeners.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#listeners.add(done);
      signal.addEventListener('abort', done);
    });
  }
}
