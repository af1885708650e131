import type { Problem } from './problem.ts';

/** The problems of one file: all are counted, the first `max` are kept for the report. */
export class ProblemList {
  readonly items: Problem[] = [];
  total = 0;
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  /** Whether another problem would still be kept: describing one that is only counted would cost for nothing. */
  get open(): boolean {
    return this.items.length < this.#max;
  }

  add(problem: Problem): void {
    this.total++;
    if (this.open) this.items.push(problem);
  }

  /** Counts problems that are not described because the list is full. */
  count(more: number): void {
    this.total += more;
  }
}
