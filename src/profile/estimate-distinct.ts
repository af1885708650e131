const shares = Float64Array.from({ length: 64 }, (_, rank) => 2 ** -rank);

/**
 * How many different values have been entered into the registers of a sketch. Spec: Flajolet et al., HyperLogLog, 2007; its
 * correction for large numbers is not needed with hashes of 64 bits. `rows`: there are not more than these.
 */
export function estimateDistinct(registers: Uint8Array, rows: number): number {
  const { length } = registers;
  let sum = 0;
  let empty = 0;
  for (const rank of registers) {
    sum += shares[rank]!;
    if (rank === 0) empty++;
  }
  const alpha = 0.7213 / (1 + 1.079 / length);
  const raw = (alpha * length * length) / sum;
  const isFew = raw <= 2.5 * length && empty > 0;
  const estimate = isFew ? length * Math.log(length / empty) : raw;
  return Math.min(rows, Math.round(estimate));
}

/** How many of the registers of a sketch have a value where so many different ones were entered. */
export function registersFilled(registers: number, distinct: number): number {
  return registers * (1 - Math.exp(-distinct / registers));
}
