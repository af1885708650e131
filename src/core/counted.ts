import { groupedDigits } from './grouped-digits.ts';

/** A number with its noun: `1,234 rows`, `1 row`. */
export function counted(n: number, noun: string, plural = `${noun}s`): string {
  return `${groupedDigits(n)} ${n === 1 ? noun : plural}`;
}
