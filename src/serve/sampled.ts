/** A value that is older is none. */
const STALE_MS = 60_000;

/**
 * Something that takes time to find out, and may hang: it is asked for once at a time however many want to know, and nobody waits for it
 * longer than they can.
 */
export class Sampled<T> {
  readonly #read: () => Promise<T>;
  readonly #freshMs: number;
  #last: { value: T; readMs: number } | null = null;
  #reading: Promise<void> | null = null;

  /** A value is as good as new for `freshMs`. A failure of `read` leaves the last value. */
  constructor(read: () => Promise<T>, freshMs: number) {
    this.#read = read;
    this.#freshMs = freshMs;
  }

  /** The value; after `waitMs` the last one, if it is not too old, else null. */
  async value(waitMs: number): Promise<T | null> {
    if (this.#ageMs > this.#freshMs) {
      this.#reading ??= this.#sample();
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise((resolve) => {
        timer = setTimeout(resolve, waitMs);
      });
      await Promise.race([this.#reading, limit]);
      clearTimeout(timer);
    }
    return this.#last === null || this.#ageMs > STALE_MS ? null : this.#last.value;
  }

  get #ageMs(): number {
    return this.#last === null ? Infinity : performance.now() - this.#last.readMs;
  }

  async #sample(): Promise<void> {
    try {
      const value = await this.#read();
      this.#last = { value, readMs: performance.now() };
    } catch {
      // Whoever asks gets the last value, and none when that is too old.
    } finally {
      this.#reading = null;
    }
  }
}
