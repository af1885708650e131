import { acceptsCell } from '../schema/accepts.ts';
import type { Column } from '../schema/column-type.ts';
import type { Dialect } from '../schema/dataset.ts';
import { writtenCells } from '../schema/written-cell.ts';

/** What a row looks like that has too many or too few values. */
export interface RowHint {
  /** A sentence that promises nothing and does not quote the row. */
  looksLike: string;
  /** The value at fault, where one is. */
  value: string | null;
  repairs: string[];
}

/** How many of the columns are named that may be the one at fault. */
const NAMED_MAX = 5;
const otherDelimiters = [
  { text: ',', name: 'commas' },
  { text: ';', name: 'semicolons' },
  { text: '\t', name: 'tabs' },
  { text: '|', name: 'pipes' },
];
const wholeTypes: ReadonlySet<string> = new Set(['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT']);
const textTypes: ReadonlySet<string> = new Set([
  'CHAR',
  'VARCHAR',
  'TEXT',
  'MEDIUMTEXT',
  'LONGTEXT',
]);
const numberTypes: ReadonlySet<string> = new Set([...wholeTypes, 'DECIMAL', 'FLOAT', 'DOUBLE']);

/**
 * Where a row with too many values was probably split once too often: the values before must fit their columns, those behind it
 * the columns that they would then belong to. `columns`: one for each field that the row should have.
 */
export function surplusHint(
  fields: readonly string[],
  columns: readonly Column[],
  delimiter: string,
  dialect: Dialect | null = null,
): RowHint | null {
  const surplus = fields.length - columns.length;
  if (surplus < 1) return null;
  const before = fitsUntil(fields, columns);
  if (before === columns.length && fields.slice(columns.length).every((field) => field === '')) {
    const count = surplus === 1 ? 'a delimiter' : `${surplus} delimiters`;
    return hint(`It looks like ${count} too many at the end of the line.`);
  }
  const behind = fitsFrom(fields, columns);
  const joined = (at: number): string => fields.slice(at, at + surplus + 1).join(delimiter);
  let places = columns
    .map((_, at) => at)
    .filter((at) => at <= before && at + 1 >= behind && holds(columns[at]!, joined(at)));
  // Prose has a space behind a comma, and values rarely begin with one.
  const prose = places.filter((at) => fields[at + 1]!.startsWith(' '));
  if (prose.length > 0) places = prose;
  const [first] = places;
  if (first === undefined) return null;
  if (places.length > 1) {
    return hint(
      `It looks like a value with the delimiter in it but no quotes around it, in one of ${named(places, columns)}.`,
    );
  }
  const value = joined(first);
  const column = columns[first]!;
  const place = `${column.name} (value ${first + 1} of the line)`;
  // Where the column's own format has the comma, the value is right, and lacks its quotes.
  if (numberTypes.has(column.type.name) && !acceptsCell(column, value.trim())) {
    return {
      looksLike: `It looks like a number with a comma in ${place}, which separates values here.`,
      value,
      repairs: writtenCells(numbersOf(value.trim(), column), column),
    };
  }
  return {
    looksLike: `It looks like the delimiter stands in ${place} without quotes around the value.`,
    value,
    repairs: [quoted(value, dialect)],
  };
}

/** Where a row with too few values probably lacks them. */
export function missingHint(
  fields: readonly string[],
  columns: readonly Column[],
  delimiter: string,
): RowHint | null {
  const missing = columns.length - fields.length;
  if (missing < 1) return null;
  const other = otherDelimiters.find(
    ({ text }) =>
      text !== delimiter &&
      columns.length > 1 &&
      fields.join(delimiter).split(text).length === columns.length,
  );
  if (other !== undefined) {
    return hint(`It looks like a line whose values are separated by ${other.name}.`);
  }
  const before = fitsUntil(fields, columns);
  if (before === fields.length) {
    return hint(
      'Its values fit the first columns, so it looks like a line that is cut, or broken by a line end inside a value without quotes.',
    );
  }
  const behind = fitsFrom(fields, columns);
  // The first `at` values keep their columns, the others move by as many columns as are missing.
  const places = fields.map((_, at) => at).filter((at) => at <= before && at + missing >= behind);
  const [first] = places;
  if (first === undefined) return null;
  return hint(
    places.length > 1
      ? `It looks like a value is left out in one of ${named(places, columns)}.`
      : `It looks like ${columns[first]!.name} (value ${first + 1} of the line) is left out.`,
  );
}

/** How many of the first values fit the columns in their order. */
function fitsUntil(fields: readonly string[], columns: readonly Column[]): number {
  let at = 0;
  while (at < fields.length && at < columns.length && fits(columns[at]!, fields[at]!)) at++;
  return at;
}

/** From which column on the last values fit the columns in their order. */
function fitsFrom(fields: readonly string[], columns: readonly Column[]): number {
  const shift = fields.length - columns.length;
  let at = columns.length;
  while (at > 0 && at + shift > 0 && fits(columns[at - 1]!, fields[at - 1 + shift]!)) at--;
  return at;
}

function fits(column: Column, field: string): boolean {
  const { type, nullable, format } = column;
  const text = field.trim();
  if (text === '' || format?.missingValues.includes(text) === true) return nullable;
  // That a text is too long says nothing about where it belongs.
  return textTypes.has(type.name) || acceptsCell(column, text);
}

/** Whether a value that holds the delimiter may be one of the column. */
function holds(column: Column, joined: string): boolean {
  const { name } = column.type;
  if (textTypes.has(name) || acceptsCell(column, joined.trim())) return true;
  return numberTypes.has(name) && /^\s*[+-]?\d+(,\d+)+\s*$/.test(joined);
}

/** What a number with commas may be, in the type's own writing; commas between groups of three digits, or one for the decimal point. */
function numbersOf(value: string, { type }: Column): string[] {
  if (!wholeTypes.has(type.name)) return [value.replaceAll(',', '.')];
  return /^[+-]?\d{1,3}(?:,\d{3})+$/.test(value) ? [value.replaceAll(',', '')] : [];
}

function named(places: readonly number[], columns: readonly Column[]): string {
  const names = places.slice(0, NAMED_MAX).map((at) => columns[at]!.name);
  return `${names.join(', ')}${places.length > NAMED_MAX ? ' and others' : ''}`;
}

function quoted(value: string, dialect: Dialect | null): string {
  const { quote, escape } = dialect ?? { quote: '"', escape: '"' };
  return `${quote}${value.replaceAll(quote, `${escape}${quote}`)}${quote}`;
}

function hint(looksLike: string): RowHint {
  return { looksLike, value: null, repairs: [] };
}
