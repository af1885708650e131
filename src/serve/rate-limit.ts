/** So many callers are told apart; of more, those that were quiet for longest start afresh. */
const CALLERS_MAX = 1024;

interface Bucket {
  left: number;
  filledMs: number;
}

/** Lets each caller have so many calls at once, and so many a second in the long run. */
export class RateLimit {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(burst: number, perSecond: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
  }

  /** Takes one call; returns how many seconds to wait where there is none left, else 0. */
  take(caller: string, nowMs = performance.now()): number {
    const bucket = this.#refilled(caller, nowMs);
    // The one that called last is the last in the map.
    this.#buckets.delete(caller);
    this.#buckets.set(caller, bucket);
    const [quietest] = this.#buckets.keys();
    if (this.#buckets.size > CALLERS_MAX && quietest !== undefined) this.#buckets.delete(quietest);
    if (bucket.left < 1) return this.#secondsUntilOne(bucket);
    bucket.left--;
    return 0;
  }

  /** How many seconds to wait, without taking a call. */
  wait(caller: string, nowMs = performance.now()): number {
    const bucket = this.#refilled(caller, nowMs);
    return bucket.left < 1 ? this.#secondsUntilOne(bucket) : 0;
  }

  #refilled(caller: string, nowMs: number): Bucket {
    const { left, filledMs } = this.#buckets.get(caller) ?? { left: this.#burst, filledMs: nowMs };
    const gained = ((nowMs - filledMs) / 1000) * this.#perSecond;
    return { left: Math.min(this.#burst, left + gained), filledMs: nowMs };
  }

  #secondsUntilOne({ left }: Bucket): number {
    return Math.ceil((1 - left) / this.#perSecond);
  }
}
