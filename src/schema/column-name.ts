/** The column that csv-hopper adds to every table; no dataset may have one of this name. */
export const LOAD_ID_COLUMN = '_load_id';

const LENGTH_MAX = 64;

/** A column's name as it is compared everywhere: trimmed and lower-cased. */
export function normaliseColumnName(text: string): string {
  return text.trim().toLowerCase();
}

/** What is wrong with a normalised column name, or null. The limits are those of MySQL identifiers. */
export function columnNameProblem(name: string): string | null {
  if (name === '') return 'a column must have a name';
  if (name === LOAD_ID_COLUMN)
    return `${LOAD_ID_COLUMN} is the name of the column that csv-hopper adds itself`;
  if (name.length > LENGTH_MAX) return `a column name has at most ${LENGTH_MAX} characters`;
  // eslint-disable-next-line no-control-regex -- these are what is refused
  if (/[\u0000-\u001f\u007f]|[\u{10000}-\u{10ffff}]/u.test(name)) {
    return 'a column name must not hold control characters, emoji or other characters beyond U+FFFF';
  }
  return null;
}
