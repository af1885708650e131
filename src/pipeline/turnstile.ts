/** Lets actions through one after another, in the order in which they come. */
export class Turnstile {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(action, action);
    this.#last = turn;
    return turn;
  }
}
