const short = new Intl.NumberFormat(undefined, {
  notation: 'compact',
  maximumSignificantDigits: 3,
});
const whole = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 5 });

/** A number for a plot, where there is little room: `2.24M`, `12,345`. */
export function compact(value: number): string {
  return (Math.abs(value) < 100_000 ? whole : short).format(value);
}
