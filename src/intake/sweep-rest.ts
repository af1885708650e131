/** At least this long between two sweeps, so that a burst of events costs a few sweeps and not one each. */
const SWEEP_PAUSE_MS = 20;

/**
 * A pause is at least this many times as long as the sweep was, so that sweeping takes a third of the time at most; but not longer
 * than this. Only the first look at a backlog of tens of thousands takes so long, and nothing can be taken before the second.
 */
const PAUSE_PER_SWEEP = 2;
const PAUSE_MS_MAX = 1000;

/** How often a folder is swept that is too full to be watched. */
const CROWD_SWEEP_MS = 100;
const CROWD_PAUSE_PER_SWEEP = 20;

export interface RestOptions {
  /** How long the sweep before took. */
  tookMs: number;
  /** When the next sweep comes at the latest. */
  sweepMs: number;
  isCrowded: boolean;
  /** When a file is to be looked at again, by the monotonic clock; asked behind the pause. */
  nextDueMs: () => number;
}

/** The rest between two sweeps of a folder: events cut it short, but not its first part. */
export class SweepRest {
  #woken = false;
  #ended = false;
  #interrupt: ((ending: boolean) => void) | null = null;

  /** The next sweep is to come now, or right after the one that is under way. */
  wake(): void {
    this.#woken = true;
    this.#interrupt?.(false);
  }

  /** A sweep begins: a wake from here on may be about something that it has already missed. */
  forgetWakes(): void {
    this.#woken = false;
  }

  /** Ends this rest and all to come. */
  end(): void {
    this.#ended = true;
    this.#interrupt?.(true);
  }

  /** Resolves when the next sweep is due. */
  async take({ tookMs, sweepMs, isCrowded, nextDueMs }: RestOptions): Promise<void> {
    const pauseMs = Math.min(PAUSE_MS_MAX, tookMs * PAUSE_PER_SWEEP);
    await this.#sleep(Math.max(SWEEP_PAUSE_MS, pauseMs), false);
    if (this.#woken) return;
    const crowdMs = Math.max(CROWD_SWEEP_MS, tookMs * CROWD_PAUSE_PER_SWEEP);
    const latestMs = isCrowded ? Math.min(sweepMs, crowdMs) : sweepMs;
    // A timer may come up to a millisecond early, and the file would have to wait for another sweep.
    const dueMs = Math.max(0, Math.ceil(nextDueMs() - performance.now()) + 1);
    await this.#sleep(Math.min(latestMs, dueMs), true);
  }

  #sleep(ms: number, wakeable: boolean): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#interrupt = null;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#interrupt = (ending) => {
        if (ending || wakeable) done();
      };
    });
  }
}
