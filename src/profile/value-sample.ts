/** Values in ascending order, each with as many rows as `weights` says: what quartiles and a histogram are read from. */
export interface WeightedValues {
  values: readonly number[] | Float64Array;
  weights: readonly number[] | Float64Array;
}

/**
 * Some values of a column in ascending order, each standing for `weight` rows. A typed array passes between threads and is sorted
 * without a step of JavaScript for each value.
 */
export interface ValueSample {
  values: Float64Array;
  weight: number;
}

/** Values in any order, each standing for `weight` rows. They are sorted where they stand. */
export function sampleOf(values: Float64Array, weight: number): ValueSample {
  return { values: values.sort(), weight };
}

/** Of values that have been counted: as many as there are rows, but not more than `max`. */
export function sampleOfCounts(counted: WeightedValues, max: number): ValueSample {
  const rows = totalWeight(counted);
  const size = Math.min(max, rows);
  const shares = Array.from({ length: size }, (_, i) => (i + 0.5) / size);
  return { values: new Float64Array(quantiles(counted, shares)), weight: rows / size };
}

export function weighted({ values, weight }: ValueSample): WeightedValues {
  return { values, weights: new Float64Array(values.length).fill(weight) };
}

/** In plain arrays: nearly always there are a few values, for which a typed array takes longer to be made than to be filled. */
export function sortedCounts(values: readonly number[], counts: readonly number[]): WeightedValues {
  const order = values.map((_, i) => i);
  order.sort((a, b) => values[a]! - values[b]! || a - b);
  return { values: order.map((i) => values[i]!), weights: order.map((i) => counts[i]!) };
}

export function totalWeight({ weights }: WeightedValues): number {
  let total = 0;
  for (const weight of weights) total += weight;
  return total;
}

/** The values up to which `shares` of the weight lie, in ascending order; there is one value at least. */
export function quantiles(counted: WeightedValues, shares: readonly number[]): number[] {
  const { values, weights } = counted;
  const total = totalWeight(counted);
  let at = 0;
  let below = 0;
  return shares.map((share) => {
    while (at < values.length - 1 && below + weights[at]! < share * total) below += weights[at++]!;
    return values[at]!;
  });
}
