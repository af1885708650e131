/** A step that takes something back: a process, a server, a folder. */
type Step = () => void | Promise<void>;

/** What the bench must leave no trace of, however it ends: done in reverse order, once. */
export class Cleanup {
  readonly #steps = new Set<Step>();
  #ended: Promise<void> | null = null;

  /** Gives the function that does the step now and forgets it. */
  add(step: Step): () => Promise<void> {
    if (this.#ended !== null) {
      // An interrupt came while this was being made.
      void step();
      throw new Error('The bench is ending.');
    }
    this.#steps.add(step);
    return async () => {
      if (this.#steps.delete(step)) await step();
    };
  }

  get isEnding(): boolean {
    return this.#ended !== null;
  }

  end(): Promise<void> {
    this.#ended ??= this.#runSteps();
    return this.#ended;
  }

  async #runSteps(): Promise<void> {
    for (const step of [...this.#steps].reverse()) await step();
  }
}
