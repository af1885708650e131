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
