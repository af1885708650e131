interface Waiting {
  isAlone: boolean;
  enter: () => void;
}

/** Lets actions through in the order in which they come: one that wants to be alone by itself, others up to so many at a time. */
export class Company {
  readonly #max: number;
  readonly #waiting: Waiting[] = [];
  #inside = 0;
  #hasLoner = false;

  constructor(max: number) {
    this.#max = max;
  }

  alone<T>(action: () => Promise<T>): Promise<T> {
    return this.#pass(true, action);
  }

  together<T>(action: () => Promise<T>): Promise<T> {
    return this.#pass(false, action);
  }

  async #pass<T>(isAlone: boolean, action: () => Promise<T>): Promise<T> {
    await new Promise<void>((enter) => {
      this.#waiting.push({ isAlone, enter });
      this.#letIn();
    });
    try {
      return await action();
    } finally {
      this.#inside--;
      this.#hasLoner = false;
      this.#letIn();
    }
  }

  #letIn(): void {
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      const isFull = this.#inside >= (next.isAlone ? 1 : this.#max);
      if (isFull || this.#hasLoner) return;
      this.#waiting.shift();
      this.#inside++;
      this.#hasLoner = next.isAlone;
      next.enter();
    }
  }
}
