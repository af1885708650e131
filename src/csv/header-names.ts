import { counted } from '../core/counted.ts';
import type { Problem } from '../core/problem.ts';
import { normaliseColumnName } from '../schema/column-name.ts';
import type { Dialect } from '../schema/dataset.ts';
import type { Delimiter } from './delimiter.ts';
import { openRows } from './open-rows.ts';
import { PADDING_BYTES } from './row-block.ts';
import type { SourceReader } from './source-reader.ts';

/** The header as one delimiter reads it. */
export interface HeaderNames {
  delimiter: Delimiter;
  /** The name of each field, trimmed and lower-cased, in the file's order; of the first ones where there are too many. */
  names: string[];
  fieldCount: number;
  line: number;
  /** How far behind the reader it begins: comments and empty lines may come before it. */
  startsAt: number;
  /** How many bytes the header takes, its line end included. */
  headerBytes: number;
  /** Line behind the header. */
  nextLine: number;
}

/** Why there is no header under a delimiter. */
export interface NoHeader {
  line: number;
  fault: 'quote' | 'line_length' | 'empty_file';
}

/** Most headers are shorter: of a small file the whole would be copied for each delimiter. */
const HEADER_BYTES = 1 << 12;

/**
 * Reads the row at which the reader stands, on `line`, as the header. Does not move the reader. `namesMax`: names beyond are only
 * counted.
 */
export function readHeaderNames(
  delimiter: Delimiter,
  reader: SourceReader,
  dialect: Dialect | null,
  line: number,
  namesMax: number,
): HeaderNames | NoHeader {
  for (let room = HEADER_BYTES; ;) {
    let faultLine = 0;
    const scanner = openRows(dialect, delimiter, {
      fieldCount: null,
      fieldsMax: namesMax,
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
    const names = Array.from({ length: Math.min(block.fieldCount, namesMax) }, (_, i) =>
      normaliseColumnName(
        Buffer.from(bytes.subarray(block.starts[i], block.ends[i])).toString('utf8'),
      ),
    );
    return {
      ...{ delimiter, names, fieldCount: block.fieldCount },
      ...{
        line: block.lines[0]!,
        startsAt: block.rowStarts[0]!,
        headerBytes: next,
        nextLine: scanner.line,
      },
    };
  }
}

/** The names that a header has more than once. That a column has no name is another matter. */
export function repeatedNames(names: readonly string[]): string[] {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const name of names) (seen.has(name) ? repeated : seen).add(name);
  repeated.delete('');
  return [...repeated];
}

/** The first names of a header, short enough for a message. */
export function sketchHeader({ names: all, fieldCount }: HeaderNames): string {
  const names = all.slice(0, 4).map((name) => JSON.stringify(name.slice(0, 40)));
  const more = fieldCount - names.length;
  return `${counted(fieldCount, 'column')}, ${names.join(' ')}${more > 0 ? ' …' : ''}`;
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

/** Why a header cannot be read, as a problem to report. */
export function describeUnreadable({ line, fault }: NoHeader): Problem {
  return { line, column: null, value: null, rule: fault, ...unreadableHeader[fault] };
}
