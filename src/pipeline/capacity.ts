/** Limits how many files are under way, by holding back whoever would bring another. */
export class Capacity {
  readonly #max: number;
  #used = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  /** Takes a place, as soon as there is one; call the function returned once to free it, more often does nothing. */
  async take(): Promise<() => void> {
    while (this.#used >= this.#max) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
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
