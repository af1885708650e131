import type { Problem, Rule } from '../core/problem.ts';
import type { Column } from '../schema/column-type.ts';
import type { Dialect, HeaderPolicy } from '../schema/dataset.ts';
import { type Delimiter, possibleDelimiters } from './delimiter.ts';
import { firstLineHint, meantNames } from './header-hint.ts';
import {
  describeUnreadable,
  type HeaderNames,
  type NoHeader,
  readHeaderNames,
  repeatedNames,
  sketchHeader,
} from './header-names.ts';
import { isRejectColumn, type RejectMarks } from './reject-columns.ts';
import { NO_FIELD } from './row-block.ts';
import type { SourceReader } from './source-reader.ts';

/** How the header reads under the delimiter that fits the schema. */
export interface Header {
  delimiter: Delimiter;
  fieldCount: number;
  /** For each column of the schema the field that holds it; NO_FIELD for one that the header may leave out. */
  fieldOf: number[];
  /** The column of each field, in the file's order. */
  names: string[];
  /** Of a reject file: how many of the fields are its own columns, and where those stand that tell about a row; else null. */
  reject: { fieldCount: number; marks: RejectMarks } | null;
  /** Where it begins in the file. */
  position: number;
  /** Line behind the header. */
  nextLine: number;
}

/** What a header has to name. */
export type HeaderColumn = Pick<Column, 'name' | 'aliases' | 'default'> & { nullable?: boolean };

const strict: HeaderPolicy = { missing: 'fail', extra: 'fail' };

/** The header as one delimiter reads it, compared with the schema. */
interface Reading extends HeaderNames {
  missing: string[];
  extra: string[];
  repeated: string[];
  /** Those that make it the header of a reject file. */
  own: string[];
}

/**
 * Finds the delimiter: the one under which the header's names, trimmed and lower-cased, are the schema's columns in any
 * order, or aliases of them, but for what the policy lets pass. The data is never asked. Moves the reader behind the header, or gives the problems to report. `line`: the one on
 * which the reader stands.
 */
export function readHeader(
  reader: SourceReader,
  columns: readonly HeaderColumn[],
  dialect: Dialect | null,
  line: number,
  policy: HeaderPolicy = strict,
): Header | Problem[] {
  const delimiters = possibleDelimiters(dialect);
  const namesMax = columns.length + SURPLUS_MAX;
  // Else the names under one delimiter hold all of another's bytes, so that no second one can fit.
  const mayBeTwo = policy !== strict || columns.some(({ aliases }) => aliases !== undefined);
  const readings: Reading[] = [];
  let unread: NoHeader | null = null;
  let chosen: Reading | null = null;
  for (const delimiter of delimiters) {
    const header = readHeaderNames(delimiter, reader, dialect, line, namesMax);
    if ('fault' in header) {
      unread ??= header;
      continue;
    }
    const reading = compare(header, columns, policy);
    readings.push(reading);
    // Never do two delimiters give exactly the schema's columns: the names under one hold all of the other's bytes, so the
    // names under both cannot be the same. A single column reads the same under every one, and comma is taken. But an alias
    // may be what another name or alias holds beside a delimiter, and so may a column that the policy lets pass.
    if (!fits(reading, policy)) continue;
    if (chosen !== null) return [noReading(reading.line, [chosen, reading], twoFit)];
    chosen = reading;
    if (reading.names.length === 1 || !mayBeTwo) break;
  }
  if (readings.length === 0 && unread !== null) return [describeUnreadable(unread)];
  if (chosen === null)
    return misfits(
      readings,
      delimiters,
      columns.map(({ name }) => name),
      policy,
    );
  const { names } = chosen;
  const fields = new Map(names.map((name, field) => [name, field]));
  const position = reader.base + reader.start + chosen.startsAt;
  reader.start += chosen.headerBytes;
  return {
    delimiter: chosen.delimiter,
    fieldCount: names.length,
    names,
    fieldOf: columns.map(({ name }) => fields.get(name) ?? NO_FIELD),
    reject: rejectFields(chosen),
    position,
    nextLine: chosen.nextLine,
  };
}

function rejectFields({ names, own }: Reading): Header['reject'] {
  if (own.length === 0) return null;
  const marks = { lineField: names.indexOf('_line'), ruleField: names.indexOf('_rule') };
  return { fieldCount: own.length, marks };
}

/** Whoever repairs a reject file may have taken out what is of no use to a machine. */
function rejectColumnsOf(unknown: readonly string[]): string[] {
  const own = unknown.filter(isRejectColumn);
  return own.includes('_line') && own.includes('_rule') ? own : [];
}

/** A header that names none of the columns is that of another file, whatever the policy lets pass. */
function fits({ names, missing, extra, repeated }: Reading, policy: HeaderPolicy): boolean {
  const surplus = policy.extra === 'ignore' ? 0 : extra.length;
  return missing.length + surplus + repeated.length === 0 && extra.length < new Set(names).size;
}

/** A header with so many more columns than the schema is not told of name by name: a line may hold millions. */
const SURPLUS_MAX = 1000;

function compare(
  header: HeaderNames,
  columns: readonly HeaderColumn[],
  policy: HeaderPolicy,
): Reading {
  const columnOf = new Map(
    columns.flatMap(({ name, aliases = [] }) => aliases.map((alias) => [alias, name])),
  );
  const names = header.names.map((name) => columnOf.get(name) ?? name);
  const known = new Set(columns.map(({ name }) => name));
  const needed = columns.filter((column) => policy.missing === 'fail' || needsField(column));
  const seen = new Set(names);
  const unknown = [...seen].filter((name) => !known.has(name));
  const own = rejectColumnsOf(unknown);
  return {
    ...header,
    names,
    missing: needed.flatMap(({ name }) => (seen.has(name) ? [] : name)),
    extra: unknown.filter((name) => !own.includes(name)),
    repeated: repeatedNames(names),
    own,
  };
}

function needsField({ nullable, default: value }: HeaderColumn): boolean {
  return nullable === false && value === undefined;
}

/** No delimiter fits: the reading that shares most names with the schema says what is wrong, unless two share as many. */
function misfits(
  readings: Reading[],
  delimiters: readonly Delimiter[],
  columnNames: readonly string[],
  policy: HeaderPolicy,
): Problem[] {
  const shared = (reading: Reading): number => new Set(reading.names).size - reading.extra.length;
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
  const surplus = policy.extra === 'ignore' ? [] : best.extra;
  if (best.fieldCount > best.names.length) {
    return [
      problem(
        'header_extra_column',
        '',
        `The header has ${best.fieldCount} columns, schema.yaml ${columnNames.length} (${read}).`,
        'Take out the columns that schema.yaml does not know.',
      ),
    ];
  }
  const meant = meantNames(best.extra, best.missing);
  const isMeant = new Set(meant.values());
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
    ...surplus.map((name) =>
      name === ''
        ? problem(
            'header_extra_column',
            name,
            `The header has a column without a name (${read}).`,
            'Name the column as schema.yaml does, or take out the surplus delimiter.',
          )
        : problem(
            'header_extra_column',
            name,
            `The header has a column ${shown(name)} that schema.yaml does not know (${read}).`,
            'Take the column out, or add it to schema.yaml.',
            meant.get(name),
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

function noReading(
  line: number,
  readings: Reading[],
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
  readings: readonly Reading[],
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

const twoFit = {
  message: 'The header matches the schema under two delimiters',
  hint: 'Name the delimiter in the dialect of the dataset, or take an alias out of schema.yaml.',
};

/** How much of a name a report has, in characters. */
const NAME_MAX = 200;

/** A name as a message shows it: in quotes, and short enough for a line of the log. */
function shown(name: string): string {
  return JSON.stringify(name.slice(0, 64));
}
