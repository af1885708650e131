/**
 * Values in ascending order, and how many rows those before the one at a place stand for, or all for their number: what quartiles and a
 * histogram are read from, without a step for each value.
 */
export interface WeightedValues {
  values: readonly number[] | Float64Array;
  rowsBefore: (at: number) => number;
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
  const rows = counted.rowsBefore(counted.values.length);
  const size = Math.min(max, rows);
  const shares = Array.from({ length: size }, (_, i) => (i + 0.5) / size);
  return { values: new Float64Array(quantiles(counted, shares)), weight: rows / size };
}

export function weighted({ values, weight }: ValueSample): WeightedValues {
  return { values, rowsBefore: (at) => at * weight };
}

/** In plain arrays: nearly always there are a few values, for which a typed array takes longer to be made than to be filled. */
export function sortedCounts(values: readonly number[], counts: readonly number[]): WeightedValues {
  const order = values.map((_, i) => i);
  order.sort((a, b) => values[a]! - values[b]! || a - b);
  let rows = 0;
  const before = [0, ...order.map((i) => (rows += counts[i]!))];
  return { values: order.map((i) => values[i]!), rowsBefore: (at) => before[at]! };
}

/** The first of places [0, count) from which on something holds, or `count`. */
export function firstPlace(count: number, holds: (at: number) => boolean): number {
  let from = 0;
  let to = count;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (holds(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** The values up to which `shares` of the weight lie, in ascending order; there is one value at least. */
export function quantiles(
  { values, rowsBefore }: WeightedValues,
  shares: readonly number[],
): number[] {
  const last = values.length - 1;
  const rows = rowsBefore(values.length);
  return shares.map(
    (share) => values[firstPlace(last, (at) => rowsBefore(at + 1) >= share * rows)]!,
  );
}
