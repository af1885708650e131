import { NULL_ID, type ColumnVector } from '../columns/column-batch.ts';
import { rawValue } from '../columns/raw-value.ts';

/** Some values of a column, each standing for `weights[i]` rows: what quartiles and a histogram are read from. */
export interface ValueSample {
  values: number[];
  weights: number[];
}

/**
 * Of each equal part of the rows one at a place that looks random, so that what repeats with the rows does not mislead, and is
 * the same in each run.
 */
export function sampleOf({ ids, entries }: ColumnVector, rows: number, size: number): ValueSample {
  const values: number[] = [];
  const share = Math.max(1, rows / size);
  let random = 1;
  for (let from = 0; from < rows; from += share) {
    // Numerical Recipes: a generator of 32 bits that is good enough for places.
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    const row = Math.min(rows - 1, Math.floor(from + (share * random) / 2 ** 32));
    const id = ids[row]!;
    if (id !== NULL_ID) values.push(Number(rawValue(entries, id)));
  }
  return { values, weights: values.map(() => share) };
}

/** Two samples as one; where it would have more than `max` values, half as many that stand for all. */
export function joinSamples(a: ValueSample, b: ValueSample, max: number): ValueSample {
  const joined = {
    values: [...a.values, ...b.values],
    weights: [...a.weights, ...b.weights],
  };
  return joined.values.length <= max ? joined : condense(joined, max / 2);
}

/** `size` values at equal distances, each with the same weight. */
function condense(sample: ValueSample, size: number): ValueSample {
  const sorted = sortSample(sample);
  const weight = totalWeight(sorted) / size;
  const values = quantiles(
    sorted,
    Array.from({ length: size }, (_, i) => (i + 0.5) / size),
  );
  return { values, weights: values.map(() => weight) };
}

export function totalWeight({ weights }: ValueSample): number {
  return weights.reduce((sum, weight) => sum + weight, 0);
}

export function sortSample({ values, weights }: ValueSample): ValueSample {
  const order = Array.from(values.keys()).sort((a, b) => values[a]! - values[b]! || a - b);
  return { values: order.map((i) => values[i]!), weights: order.map((i) => weights[i]!) };
}

/** The values up to which `shares` of the weight lie, in ascending order; `sample` is sorted and has a value at least. */
export function quantiles(sample: ValueSample, shares: readonly number[]): number[] {
  const { values, weights } = sample;
  const total = totalWeight(sample);
  let at = 0;
  let below = 0;
  return shares.map((share) => {
    while (at < values.length - 1 && below + weights[at]! < share * total) below += weights[at++]!;
    return values[at]!;
  });
}
