import type { Problem, Rule } from '../core/problem.ts';
import type { Dialect } from '../schema/dataset.ts';
import { type Delimiter, possibleDelimiters } from './delimiter.ts';
import {
  describeUnreadable,
  type HeaderNames,
  type NoHeader,
  readHeaderNames,
  repeatedNames,
  sketchHeader,
} from './header-names.ts';
import type { SourceReader } from './source-reader.ts';

/** How the header reads under the delimiter that fits the schema. */
export interface Header {
  delimiter: Delimiter;
  fieldCount: number;
  /** For each column of the schema the field that holds it. */
  fieldOf: number[];
  /** The column of each field, in the file's order. */
  names: string[];
  /** Line behind the header. */
  nextLine: number;
}

/** The header as one delimiter reads it, compared with the schema. */
interface Reading extends HeaderNames {
  missing: string[];
  extra: string[];
  repeated: string[];
}

/**
 * Finds the delimiter: the one under which the header's names, trimmed and lower-cased, are the schema's columns in any
 * order. The data is never asked. Moves the reader behind the header, or gives the problems to report. `line`: the one on
 * which the reader stands.
 */
export function readHeader(
  reader: SourceReader,
  columnNames: readonly string[],
  dialect: Dialect | null,
  line: number,
): Header | Problem[] {
  const delimiters = possibleDelimiters(dialect);
  const readings: Reading[] = [];
  let unread: NoHeader | null = null;
  let chosen: Reading | null = null;
  for (const delimiter of delimiters) {
    const header = readHeaderNames(delimiter, reader, dialect, line);
    if ('fault' in header) {
      unread ??= header;
      continue;
    }
    const reading = compare(header, columnNames);
    readings.push(reading);
    // Never do two delimiters give the schema's columns in two ways: the names under one hold all of the other's bytes,
    // so the names under both cannot be the same. A single column reads the same under every one, and comma is taken.
    if (!fits(reading)) continue;
    chosen = reading;
    break;
  }
  if (readings.length === 0 && unread !== null) return [describeUnreadable(unread)];
  if (chosen === null) return misfits(readings, delimiters);
  const { names } = chosen;
  reader.start += chosen.headerBytes;
  return {
    delimiter: chosen.delimiter,
    fieldCount: names.length,
    names,
    fieldOf: columnNames.map((name) => names.indexOf(name)),
    nextLine: chosen.nextLine,
  };
}

function fits(reading: Reading): boolean {
  return reading.missing.length + reading.extra.length + reading.repeated.length === 0;
}

function compare(header: HeaderNames, columnNames: readonly string[]): Reading {
  const { names } = header;
  const known = new Set(columnNames);
  const seen = new Set(names);
  return {
    ...header,
    missing: columnNames.filter((name) => !seen.has(name)),
    extra: [...seen].filter((name) => !known.has(name)),
    repeated: repeatedNames(names),
  };
}

/** No delimiter fits: the reading that shares most names with the schema says what is wrong, unless two share as many. */
function misfits(readings: Reading[], delimiters: readonly Delimiter[]): Problem[] {
  const shared = (reading: Reading): number => new Set(reading.names).size - reading.extra.length;
  const ranked = readings.toSorted((a, b) => shared(b) - shared(a));
  const best = ranked[0]!;
  const second = ranked[1];
  if (shared(best) === 0 || (second !== undefined && shared(second) === shared(best))) {
    return [noReading(best.line, readings, delimiters)];
  }
  const problem = (rule: Rule, column: string, message: string, hint: string): Problem => ({
    line: best.line,
    column: column === '' ? null : column,
    value: null,
    rule,
    message,
    hint,
  });
  const read = `read with ${best.delimiter.name} as delimiter`;
  return [
    ...best.missing.map((name) =>
      problem(
        'header_missing_column',
        name,
        `The header has no column ${shown(name)} (${read}).`,
        `Add the column ${shown(name)}, or take it out of schema.yaml.`,
      ),
    ),
    ...best.extra.map((name) =>
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
            `Take the column ${shown(name)} out, or add it to schema.yaml.`,
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

function noReading(line: number, readings: Reading[], delimiters: readonly Delimiter[]): Problem {
  const names = delimiters.map(({ name }) => name);
  const separators = [...names.slice(0, -2), names.slice(-2).join(' or ')].join(', ');
  const shown = readings
    .map((reading) => `${reading.delimiter.name}: ${sketchHeader(reading)}`)
    .join('; ');
  return {
    line,
    column: null,
    value: null,
    rule: 'header_delimiter',
    message: `The header does not match the schema under any delimiter (${shown}).`,
    hint: `The header must name the columns of schema.yaml, separated by ${separators}.`,
  };
}

/** A name as a message shows it: in quotes, and short enough for a line of the log. */
function shown(name: string): string {
  return JSON.stringify(name.slice(0, 64));
}
