import { groupedDigits } from '../core/grouped-digits.ts';
import * as z from 'zod';

// The kinds of settings. All start from text (see yaml-tree.ts), so that 3306, "3306" and ${PORT} are the same port. Each
// names itself in `meta.type` for docs/CONFIG.md.

/** Text that is not empty. */
export function text() {
  return z.string().min(1, 'must not be empty').meta({ type: 'text' });
}

/** A whole number in decimal digits. */
export function integer(min: number, max: number) {
  const range = `${groupedDigits(min)} to ${groupedDigits(max)}`;
  const message = `must be a whole number from ${range}`;
  return z
    .string()
    .regex(/^-?\d{1,15}$/, message)
    .transform(Number)
    .pipe(z.number().min(min, message).max(max, message))
    .meta({ type: `whole number, ${range}` });
}

/** A number in decimal digits, with a fraction or without. */
export function number(min: number, max: number) {
  const range = `${groupedDigits(min)} to ${groupedDigits(max)}`;
  const message = `must be a number from ${range}`;
  return z
    .string()
    .regex(/^\d{1,9}(\.\d{1,9})?$/, message)
    .transform(Number)
    .pipe(z.number().min(min, message).max(max, message))
    .meta({ type: `number, ${range}` });
}

/** A part of a whole, as a decimal number. */
export function share() {
  return z
    .string()
    .regex(/^(0|1|0?\.\d{1,15}|1\.0{1,15})$/, 'must be a number from 0 to 1, such as 0.01')
    .transform(Number)
    .meta({ type: 'number from 0 to 1' });
}

export function flag() {
  return z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .meta({ type: 'true or false' });
}

export function oneOf<const T extends readonly [string, ...string[]]>(words: T) {
  return z.enum(words).meta({ type: words.join(' or ') });
}

/** A file or folder; a relative one is taken from the folder csv-hopper runs in. */
export function path() {
  return text()
    .refine((value) => !value.includes('\0'), 'must not hold a NUL character')
    .meta({ type: 'path' });
}
