import type { ValueSample } from './value-sample.ts';

/**
 * The samples of all pieces as one of at most `max` values, all of which stand for equally many rows: so a sort by the runtime and a
 * step for each value that stays are all that it takes. To merge samples of different weights took the main thread 40 ms for 34 pieces
 * of five columns.
 */
export class RunningSample {
  readonly #max: number;
  #values = new Float64Array(0);
  #count = 0;
  #weight = 0;
  /** Rows for which no value stands yet: they count with the next ones, so that small pieces are not passed over. */
  #owed = 0;
  #random = 1;

  constructor(max: number) {
    this.#max = max;
  }

  add({ values, weight }: ValueSample): void {
    if (values.length === 0) return;
    if (weight > this.#weight) this.#thin(weight);
    this.#reserve(this.#count + values.length + 1);
    this.#count += this.#pick(values, weight, this.#count);
    if (this.#count > this.#max) this.#thin(2 * this.#weight);
  }

  /** Null where there is no value. */
  sample(): ValueSample | null {
    if (this.#count === 0) return null;
    return { values: this.#values.slice(0, this.#count).sort(), weight: this.#weight };
  }

  /** From now on each value stands for `weight` rows, which are more than before. */
  #thin(weight: number): void {
    const before = this.#weight;
    this.#weight = weight;
    const values = this.#values.subarray(0, this.#count).sort();
    this.#count = this.#pick(values, before, 0);
  }

  /**
   * Takes as many values as stand for the rows of all of them, each out of an equal part, at a place that looks random: the middle
   * would make a sample of medians where pieces are small. Returns how many.
   */
  #pick(sorted: Float64Array, weight: number, to: number): number {
    if (weight === this.#weight) {
      this.#values.set(sorted, to);
      return sorted.length;
    }
    const rows = sorted.length * weight + this.#owed;
    const count = Math.floor(rows / this.#weight);
    this.#owed = rows - count * this.#weight;
    // Where they are taken out of themselves, none is overwritten before it has been looked at.
    const distance = sorted.length / count;
    const values = this.#values;
    for (let i = 0; i < count; i++) {
      values[to + i] =
        sorted[Math.min(sorted.length - 1, Math.floor((i + this.#part()) * distance))]!;
    }
    return count;
  }

  /** 0 to 1, the same in each run. By a generator of 32 bits, which is good enough for places (Numerical Recipes). */
  #part(): number {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#random / 2 ** 32;
  }

  #reserve(count: number): void {
    if (count <= this.#values.length) return;
    const grown = new Float64Array(2 * count);
    grown.set(this.#values);
    this.#values = grown;
  }
}
