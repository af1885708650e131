/** About so many bars fit into a small plot. */
const BARS = 24;

/** Widths of bars over time in seconds that people read: a second to a day, and then whole days. */
const timeWidths: readonly number[] = [
  ...[1, 5, 15, 60, 300, 900, 3600, 10_800, 21_600, 86_400],
  ...[2, 7, 14, 30, 91, 182, 365, 730, 1826, 3652, 7305, 18_262, 36_525].map((d) => d * 86_400),
];

/** Below it a double has fewer digits than 15. */
const LEAST_NORMAL = 2.3e-308;

/** The width of bars for numbers from min to max: 1, 2 or 5 times a power of ten, for whole numbers at least 1. */
export function numberWidth(min: number, max: number, isWhole: boolean): number {
  // A whole number has a bar of its own where there is room.
  if (isWhole && max - min <= BARS + 1) return 1;
  // Between the least and the greatest double is more than a double holds.
  const range = max - min;
  const least = range < Infinity ? range / BARS : max / BARS - min / BARS;
  if (least < LEAST_NORMAL) return 1;
  const power = Math.floor(Math.log10(least));
  // As text, because 10 ** 36 is not 1e36.
  const width = [1, 2, 5, 10]
    .map((step) => Number(`${step}e${power}`))
    .find((step) => step >= least);
  return isWhole ? Math.max(1, width ?? least) : (width ?? least);
}

/** The width of bars for seconds from min to max; of dates they are whole days. */
export function secondsWidth(min: number, max: number, isDate: boolean): number {
  const least = Math.max((max - min) / BARS, isDate ? 86_400 : 1);
  return timeWidths.find((width) => width >= least) ?? Math.ceil(least / 31_557_600) * 31_557_600;
}
