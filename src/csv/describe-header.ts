import { counted } from '../core/counted.ts';
import type { Problem, Rule } from '../core/problem.ts';
import type { HeaderPolicy } from '../schema/dataset.ts';
import type { Delimiter } from './delimiter.ts';
import { firstLineHint, meantNames } from './header-hint.ts';
import { sketchHeader } from './header-names.ts';
import { type HeaderReading, isTooLong, KEPT_NAME_MAX } from './header-reading.ts';
import type { ValuelessNames } from './valueless-names.ts';

/** Looks at the rows behind a header for values of some of its names. */
type LookAtRows = (reading: HeaderReading, names: readonly string[]) => ValuelessNames;

/** No delimiter fits: the reading that shares most names with the schema says what is wrong, unless two share as many. */
export function describeMisfits(
  readings: HeaderReading[],
  delimiters: readonly Delimiter[],
  columnNames: readonly string[],
  policy: HeaderPolicy,
  lookAtRows: LookAtRows,
): Problem[] {
  const shared = (reading: HeaderReading): number =>
    new Set(reading.names).size - reading.extra.length;
  const ranked = readings.toSorted((a, b) => shared(b) - shared(a));
  const best = ranked[0]!;
  const second = ranked[1];
  if (shared(best) === 0 || (second !== undefined && shared(second) === shared(best))) {
    return [noReading(best.line, readings, noneFits(delimiters, readings, columnNames))];
  }
  const problem = (
    rule: Rule,
    column: string,
    message: string,
    hint: string,
    repair?: string,
  ): Problem => ({
    line: best.line,
    column: column === '' ? null : column.slice(0, NAME_MAX),
    value: null,
    rule,
    message,
    hint: repair === undefined ? hint : `It looks like ${shown(repair)}: rename it. ${hint}`,
    ...(repair !== undefined && { repairs: [repair] }),
  });
  const read = `read with ${best.delimiter.name} as delimiter`;
  const surplus = policy.extra === 'fail' ? best.extra : [];
  if (best.fieldCount > best.names.length) {
    return [
      problem(
        'header_extra_column',
        '',
        `The header has ${counted(best.fieldCount, 'column')}, schema.yaml ${columnNames.length} (${read}).`,
        'Take out the columns that schema.yaml does not know.',
      ),
    ];
  }
  const meant = meantNames(best.extra, best.missing);
  const isMeant = new Set(meant.values());
  const rows = lookAtRows(
    best,
    surplus.filter((name) => !meant.has(name)),
  );
  return [
    ...best.missing.map((name) =>
      problem(
        'header_missing_column',
        name,
        `The header has no column ${shown(name)} (${read}).`,
        isMeant.has(name)
          ? `It looks like another column of the header means ${shown(name)}: rename that one.`
          : `Add the column ${shown(name)}, or take it out of schema.yaml.`,
      ),
    ),
    ...surplus.map((name) => {
      const message =
        name === ''
          ? `The header has a column without a name (${read}).`
          : `The header has a column ${shown(name)} that schema.yaml does not know (${read}).`;
      const toTakeOut = valuelessHint(name, rows);
      if (toTakeOut !== null) {
        return { ...problem('header_extra_column', name, message, toTakeOut), valueless: true };
      }
      const hint =
        name === ''
          ? 'Name the column as schema.yaml does, or take out the surplus delimiter.'
          : 'Take the column out, or add it to schema.yaml.';
      return problem('header_extra_column', name, message, hint, meant.get(name));
    }),
    ...best.gathered
      .filter(isTooLong)
      .map(({ name }) =>
        problem(
          'header_extra_column',
          name,
          `The header has a column ${shown(name)}… whose name is longer than ${KEPT_NAME_MAX} characters (${read}).`,
          'Shorten the name, or add the column to schema.yaml with an alias.',
        ),
      ),
    ...best.repeated.map((name) =>
      problem(
        'header_duplicate_column',
        name,
        `The header names the column ${shown(name)} more than once (${read}).`,
        'Keep one of the columns, or rename the others.',
      ),
    ),
  ];
}

/** What to do with a column for which no row has a value; null for any other. */
function valuelessHint(name: string, { isAll, hasField }: ValuelessNames): string | null {
  const inRows = hasField.get(name);
  if (inRows === undefined) return null;
  const none = isAll
    ? 'No row has a value for it'
    : 'None of the rows that were looked at has a value for it';
  const [what, ofRow] =
    name === ''
      ? ['take the surplus delimiter out of the header', 'out of each row']
      : ['take it out of the header', 'its empty value out of each row'];
  return `${none}: ${what}${inRows ? `, and ${ofRow}` : ''}.`;
}

export function noReading(
  line: number,
  readings: HeaderReading[],
  why: { message: string; hint: string },
): Problem {
  const shown = readings
    .map((reading) => `${reading.delimiter.name}: ${sketchHeader(reading)}`)
    .join('; ');
  const message = `${why.message} (${shown}).`;
  return { line, column: null, value: null, rule: 'header_delimiter', message, hint: why.hint };
}

function noneFits(
  delimiters: readonly Delimiter[],
  readings: readonly HeaderReading[],
  columnNames: readonly string[],
): { message: string; hint: string } {
  const names = delimiters.map(({ name }) => name);
  const separators = [...names.slice(0, -2), names.slice(-2).join(' or ')].join(', ');
  const hint = `The header must name the columns of schema.yaml, separated by ${separators}.`;
  const looksLike = firstLineHint(
    readings.map((reading) => ({ names: reading.names, delimiter: reading.delimiter.text })),
    columnNames,
  );
  return {
    message: 'The header does not match the schema under any delimiter',
    hint: looksLike === null ? hint : `${hint} ${looksLike}`,
  };
}

export const twoFit = {
  message: 'The header matches the schema under two delimiters',
  hint: 'Name the delimiter in the dialect of the dataset, or take an alias out of schema.yaml.',
};

/** How much of a name a report has, in characters. */
const NAME_MAX = 200;

/** A name as a message shows it: in quotes, and short enough for a line of the log. */
function shown(name: string): string {
  return JSON.stringify(name.slice(0, 64));
}
