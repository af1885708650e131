import type { Problem, Rule } from '../core/problem.ts';
import { normaliseColumnName } from '../schema/column-name.ts';
import type { Dialect } from '../schema/dataset.ts';
import { type Delimiter, possibleDelimiters } from './delimiter.ts';
import { firstLineHint, meantNames } from './header-hint.ts';
import { openRows } from './open-rows.ts';
import { PADDING_BYTES } from './row-block.ts';
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

/** The header as one delimiter reads it. */
interface Reading {
  delimiter: Delimiter;
  names: string[];
  line: number;
  /** How many bytes the header takes, its line end included. */
  headerBytes: number;
  nextLine: number;
  missing: string[];
  extra: string[];
  repeated: string[];
}

/** Why there is no reading under a delimiter. */
interface NoReading {
  line: number;
  fault: 'quote' | 'line_length' | 'empty_file';
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
  let unread: NoReading | null = null;
  let chosen: Reading | null = null;
  for (const delimiter of delimiters) {
    const reading = readUnder(delimiter, reader, columnNames, dialect, line);
    if ('fault' in reading) {
      unread ??= reading;
      continue;
    }
    readings.push(reading);
    // Never do two delimiters give the schema's columns in two ways: the names under one hold all of the other's bytes,
    // so the names under both cannot be the same. A single column reads the same under every one, and comma is taken.
    if (!fits(reading)) continue;
    chosen = reading;
    break;
  }
  if (readings.length === 0 && unread !== null) return [unreadable(unread)];
  if (chosen === null) return misfits(readings, delimiters, columnNames);
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

/** Most headers are shorter: of a small file the whole would be copied for each delimiter. */
const HEADER_BYTES = 1 << 12;

function readUnder(
  delimiter: Delimiter,
  reader: SourceReader,
  columnNames: readonly string[],
  dialect: Dialect | null,
  line: number,
): Reading | NoReading {
  for (let room = HEADER_BYTES; ;) {
    let faultLine = 0;
    const scanner = openRows(dialect, delimiter, {
      fieldCount: null,
      rowsMax: 1,
      line,
      onFault: (fault) => {
        faultLine = fault.line;
      },
    });
    // A copy, because scanning undoes doubled quotes in place and the next delimiter must see the header as it is.
    const end = Math.min(reader.end, reader.start + room);
    const isCut = end < reader.end;
    const bytes = reader.bytes.slice(reader.start, end + PADDING_BYTES);
    const next = scanner.scan(bytes, 0, end - reader.start, reader.last && !isCut);
    if (scanner.faultyRows > 0) return { line: faultLine, fault: 'quote' };
    const { block } = scanner;
    if (block.rowCount === 0) {
      if (isCut) {
        room = Infinity;
        continue;
      }
      if (reader.refill()) continue;
      return reader.last
        ? { line: 0, fault: 'empty_file' }
        : { line: scanner.line, fault: 'line_length' };
    }
    const names = Array.from({ length: block.fieldCount }, (_, i) =>
      normaliseColumnName(
        Buffer.from(bytes.subarray(block.starts[i], block.ends[i])).toString('utf8'),
      ),
    );
    const known = new Set(columnNames);
    const seen = new Set<string>();
    const repeated = new Set<string>();
    for (const name of names) (seen.has(name) ? repeated : seen).add(name);
    // That a column has no name is said once, as a column too many.
    repeated.delete('');
    return {
      delimiter,
      names,
      line: block.lines[0]!,
      headerBytes: next,
      nextLine: scanner.line,
      missing: columnNames.filter((name) => !seen.has(name)),
      extra: [...seen].filter((name) => !known.has(name)),
      repeated: [...repeated],
    };
  }
}

/** No delimiter fits: the reading that shares most names with the schema says what is wrong, unless two share as many. */
function misfits(
  readings: Reading[],
  delimiters: readonly Delimiter[],
  columnNames: readonly string[],
): Problem[] {
  const shared = (reading: Reading): number => new Set(reading.names).size - reading.extra.length;
  const ranked = readings.toSorted((a, b) => shared(b) - shared(a));
  const best = ranked[0]!;
  const second = ranked[1];
  if (shared(best) === 0 || (second !== undefined && shared(second) === shared(best))) {
    return [noReading(best.line, readings, delimiters, columnNames)];
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
  delimiters: readonly Delimiter[],
  columnNames: readonly string[],
): Problem {
  const names = delimiters.map(({ name }) => name);
  const separators = [...names.slice(0, -2), names.slice(-2).join(' or ')].join(', ');
  const hint = `The header must name the columns of schema.yaml, separated by ${separators}.`;
  const looksLike = firstLineHint(
    readings.map((reading) => ({ names: reading.names, delimiter: reading.delimiter.text })),
    columnNames,
  );
  const shown = readings
    .map((reading) => `${reading.delimiter.name}: ${sketch(reading)}`)
    .join('; ');
  return {
    line,
    column: null,
    value: null,
    rule: 'header_delimiter',
    message: `The header does not match the schema under any delimiter (${shown}).`,
    hint: looksLike === null ? hint : `${hint} ${looksLike}`,
  };
}

/** The first names of a reading, short enough for a message. */
function sketch(reading: Reading): string {
  const names = reading.names.slice(0, 4).map((name) => JSON.stringify(name.slice(0, 40)));
  const more = reading.names.length - names.length;
  return `${reading.names.length} ${reading.names.length === 1 ? 'column' : 'columns'}, ${names.join(' ')}${more > 0 ? ' …' : ''}`;
}

const unreadableHeader = {
  quote: {
    message: 'The header cannot be read: a quote in it is not closed, or stands inside a name.',
    hint: 'Quote a name as a whole and double the quotes inside it.',
  },
  line_length: {
    message: 'The header is longer than a line may be.',
    hint: 'Check that the file is a CSV file; convert.line_bytes_max in the configuration sets the limit.',
  },
  empty_file: {
    message: 'The file has no header, only comments.',
    hint: 'Drop a file with a header that names the columns, and rows.',
  },
} as const;

function unreadable({ line, fault }: NoReading): Problem {
  return { line, column: null, value: null, rule: fault, ...unreadableHeader[fault] };
}

/** How much of a name a report has, in characters. */
const NAME_MAX = 200;

/** A name as a message shows it: in quotes, and short enough for a line of the log. */
function shown(name: string): string {
  return JSON.stringify(name.slice(0, 64));
}
