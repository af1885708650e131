// Characters in UTF-8. Rows with bytes that are none are rejected for that; here such bytes are always the same characters.
import { CODE_POINT_MAX } from './code-point-set.ts';

/** The bits of a character that each of its bytes but the first one holds. */
export const INNER_BITS = 6;
const INNER_MASK = (1 << INNER_BITS) - 1;

/** What stands for a byte that begins no character, and for a number that is none in so many bytes. */
const REPLACEMENT = 0xfffd;

/** The bytes of a character, by its first one. */
export function lengthOf(first: number): number {
  if (first < 0xc2 || first > 0xf4) return 1;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/** Of a character of so many bytes: the number that its first one begins, as if the others were 0. */
export function beginningOf(first: number, length: number): number {
  if (length === 1) return first < 0x80 ? first : REPLACEMENT;
  return (first & (0x7f >> length)) << ((length - 1) * INNER_BITS);
}

/** Whether a number is a character of so many bytes, two or more. */
export function isCharacter(number: number, length: number): boolean {
  return (
    number >= (length === 2 ? 0x80 : length === 3 ? 0x800 : 0x10000) && number <= CODE_POINT_MAX
  );
}

/** The character that a number in so many bytes, two or more, stands for. */
export function characterOf(number: number, length: number): number {
  return isCharacter(number, length) ? number : REPLACEMENT;
}

/** The character of `length` bytes at `at`; those from `end` on, which it lacks, count as 0. */
export function codePointAt(bytes: Uint8Array, at: number, length: number, end: number): number {
  let number = beginningOf(bytes[at]!, length);
  if (length === 1) return number;
  for (let i = 1; i < length && at + i < end; i++) {
    number |= (bytes[at + i]! & INNER_MASK) << ((length - 1 - i) * INNER_BITS);
  }
  return characterOf(number, length);
}
