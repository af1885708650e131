const shares = Float64Array.from({ length: 64 }, (_, rank) => 2 ** -rank);

/**
 * How many different values have been entered into the registers of a sketch. Spec: Flajolet et al., HyperLogLog, 2007; its
 * correction for large numbers is not needed with hashes of 64 bits. `rows`: there are not more than these.
 */
export function estimateDistinct(registers: Uint8Array, rows: number): number {
  const { length } = registers;
  const ranks = new Uint32Array(shares.length);
  countRanks(registers, ranks);
  const empty = ranks[0]!;
  const sum = ranks.reduce((all, count, rank) => all + count * shares[rank]!, 0);
  const alpha = 0.7213 / (1 + 1.079 / length);
  const raw = (alpha * length * length) / sum;
  const isFew = raw <= 2.5 * length && empty > 0;
  const estimate = isFew ? length * Math.log(length / empty) : raw;
  return Math.min(rows, Math.round(estimate));
}

/** A function of its own: V8 would give up the code of this loop, inside of another one, each time that it had ended. */
function countRanks(registers: Uint8Array, ranks: Uint32Array): void {
  for (const rank of registers) ranks[rank]!++;
}

/** How many of the registers of a sketch have a value where so many different ones were entered. */
export function registersFilled(registers: number, distinct: number): number {
  return registers * (1 - Math.exp(-distinct / registers));
}
