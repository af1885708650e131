const FIRST_MS = 250;
const LONGEST_MS = 30_000;

/** How long to wait after the n-th failure in a row, counted from 0: 250 ms, doubling, at most 30 s. */
export function backoffMs(failures: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
}
