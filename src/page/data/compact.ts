const short = new Intl.NumberFormat(undefined, {
  notation: 'compact',
  maximumSignificantDigits: 3,
});
const whole = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 5 });

const scientific = new Intl.NumberFormat(undefined, {
  notation: 'scientific',
  maximumSignificantDigits: 3,
});

/** Beyond, the other notations have no further word, and a row of digits. */
const PLAIN_MIN = 1e-6;
const PLAIN_MAX = 1e15;

/** A number for a plot, where there is little room: `2.24M`, `12,345`, `1.7E308`. */
export function compact(value: number): string {
  const size = Math.abs(value);
  if (size >= PLAIN_MAX || (size > 0 && size < PLAIN_MIN)) return scientific.format(value);
  return (size < 100_000 ? whole : short).format(value);
}
