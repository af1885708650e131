import { hasApostrophe, needsApostrophe } from '../csv/formula-cell.ts';
import { kindOf } from '../profile/value-kind.ts';
import type { Column } from '../schema/column-type.ts';
import type { RawFields } from './raw-fields.ts';

/** The beginnings that are looked at more closely; most cells have none of them. */
const plainBeginning = /^[A-Za-z0-9_.,:/()#%&?!]/;

/** Longer ones are no numbers. */
const NUMBER_BYTES_MAX = 100;

/** A number with a sign, in Latin-1, with any signs between its digits that a format may name: a spreadsheet reckons nothing in it. */
const signedNumber = /^[\t ]*[+-][\d.,' _\xc2\xa0\xe2\x80\xaf]+(?:e[+-]?\d+)?$/i;

/**
 * Puts an apostrophe before each field that a spreadsheet may take for a formula, but for numbers with a sign in a column of numbers.
 * `columns`: that of each field, where the schema knows it. Returns the same list where there is nothing to do.
 */
export function neutralise(
  fields: readonly string[],
  columns: readonly (Column | undefined)[],
  raw: RawFields,
): readonly string[] {
  let changed: string[] | null = null;
  for (const [i, field] of fields.entries()) {
    if (field === '' || plainBeginning.test(field)) continue;
    const value = raw.valueOf(field);
    const bytes = Buffer.from(value, 'latin1');
    if (!needsApostrophe(bytes, 0, bytes.length) || isNumber(value, columns[i])) continue;
    changed ??= [...fields];
    changed[i] = raw.withApostrophe(field);
  }
  return changed ?? fields;
}

/** Takes these apostrophes off again. */
export function restore(fields: readonly string[], raw: RawFields): readonly string[] {
  return fields.map((field) => {
    const bytes = Buffer.from(raw.valueOf(field), 'latin1');
    return hasApostrophe(bytes, 0, bytes.length) ? raw.withoutApostrophe(field) : field;
  });
}

function isNumber(value: string, column: Column | undefined): boolean {
  return (
    column !== undefined &&
    kindOf(column.type) === 'number' &&
    value.length <= NUMBER_BYTES_MAX &&
    signedNumber.test(value)
  );
}
