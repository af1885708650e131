/**
 * How many files are under way at all: while the database is away the lake goes on up to this many, and further files wait in
 * the input folder. Each takes some 15 KB of memory while it waits (12,000 files of three rows: 143 MB more than 2,000 of them).
 */
export const PASSAGES_MAX = 10_000;

/** Limits how many files are under way, by holding back whoever would bring another. */
export class Capacity {
  readonly #max: number;
  #used = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  get isUsedUp(): boolean {
    return this.#used >= this.#max;
  }

  /**
   * Takes a place, as soon as there is one or the signal is aborted. Call the function returned once to free it; more often
   * does nothing.
   */
  async take(signal: AbortSignal): Promise<() => void> {
    while (this.#used >= this.#max && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const go = (): void => {
          signal.removeEventListener('abort', go);
          resolve();
        };
        signal.addEventListener('abort', go);
        this.#waiting.push(go);
      });
    }
    this.#used++;
    let free = true;
    return () => {
      if (!free) return;
      free = false;
      this.#used--;
      this.#waiting.shift()?.();
    };
  }
}
