import { isUtf8 } from 'node:buffer';
import { type Delimiter, possibleDelimiters } from '../csv/delimiter.ts';
import { describeNul } from '../csv/describe-fault.ts';
import { nulFormOf } from '../csv/header-hint.ts';
import {
  describeUnreadable,
  type HeaderNames,
  readHeaderNames,
  sketchHeader,
} from '../csv/header-names.ts';
import { describeForeignFile, findHeader, headerLine } from '../csv/read-start.ts';
import { lineAtPosition, SourceReader } from '../csv/source-reader.ts';
import type { Problem } from '../core/problem.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { Dialect } from '../schema/dataset.ts';
import { type OpenFile, type Reading, readRows } from './read-rows.ts';

/** What InnoDB has room for is 1017; Parquet and query have no limit, but whoever has more columns has no table. */
export const COLUMNS_MAX = 4096;

/** So many malformed rows, and more than half of all, tell that a delimiter is none of this file. */
const FAULTS_MAX = 1000;

/**
 * Finds how a file is to be read where nothing but the file is there to tell: the delimiter under which the header has
 * several names and most rows have as many values. Where two fit equally well, no guess is made.
 * @param given the delimiter, where the user has named it
 * @throws HopperError content_invalid, usage_invalid
 */
export async function findReading(file: OpenFile, given: string | null): Promise<Reading> {
  const headers = readHeaders(file, given);
  const splitting = headers.filter(({ header }) => header.names.length > 1);
  const candidates = splitting.length > 0 ? splitting : headers;
  if (candidates.length === 1) return asSingleColumn(candidates[0]!);
  const tried = [];
  for (const reading of candidates) tried.push({ reading, ...(await countFaults(file, reading)) });
  const fewest = Math.min(...tried.map(({ faults }) => faults));
  const best = tried.filter(({ faults }) => faults === fewest);
  // A single column reads the same under each delimiter that its values do not hold, and has none to ask for.
  if (best.length === 1 || splitting.length === 0) return asSingleColumn(best[0]!.reading);
  if (best.every(({ rows, faults }) => rows === faults)) return best[0]!.reading;
  const sketches = best.map(({ reading: { header } }) => {
    return `  ${header.delimiter.name}: ${sketchHeader(header)}`;
  });
  throw new HopperError('usage_invalid', {
    message: ['The file reads equally well in more than one way:', ...sketches].join('\n'),
    hint: `Say what stands between its values, such as --delimiter ${best[0]!.reading.header.delimiter.name}.`,
  });
}

/** The header under each delimiter, where it can be read. */
function readHeaders(file: OpenFile, given: string | null): Reading[] {
  const { fd, bytes, lineBytesMax } = file;
  const dialect = given === null ? null : dialectFor(given);
  const reader = new SourceReader(fd, bytes, lineBytesMax);
  const problem = findHeader(reader, dialect);
  if (problem !== null) throw refusal(problem);
  if (reader.nulAt !== -1) {
    const form = nulFormOf(reader.bytes.subarray(0, reader.end));
    throw refusal(describeNul(lineAtPosition(fd, reader.nulAt), form));
  }
  const line = headerLine(dialect);
  const delimiters = given === null ? possibleDelimiters(null) : [delimiterOf(given)];
  const read = delimiters.map((delimiter) =>
    readHeaderNames(delimiter, reader, dialect, line, COLUMNS_MAX),
  );
  const start = reader.start;
  const headers = read.filter((header): header is HeaderNames => !('fault' in header));
  const [unread] = read.filter((header) => 'fault' in header);
  if (headers.length === 0 && unread !== undefined) throw refusal(describeUnreadable(unread));
  const longest = Math.max(...headers.map(({ headerBytes }) => headerBytes));
  if (!isUtf8(reader.bytes.subarray(start, start + longest)))
    throw refusal(describeForeignFile(reader));
  return headers.map((header) => ({
    header,
    dialect,
    rowsStart: reader.base + start + header.headerBytes,
  }));
}

/** The delimiter that a user has named, by its sign or its name. */
function delimiterOf(given: string): Delimiter {
  const known = possibleDelimiters(null).find(({ name, text }) => given === name || given === text);
  return known ?? possibleDelimiters(dialectOf(given))[0]!;
}

/** Null where the intake finds the delimiter itself. */
function dialectFor(given: string): Dialect | null {
  const { text } = delimiterOf(given);
  return possibleDelimiters(null).some((known) => known.text === text) ? null : dialectOf(text);
}

function dialectOf(delimiter: string): Dialect {
  return { delimiter, quote: '"', escape: '"', comment: null, skipLines: 0 };
}

/** The intake takes a comma for the delimiter of a single column; where the values hold commas, it has to be told of another. */
function asSingleColumn(reading: Reading): Reading {
  const { names, delimiter } = reading.header;
  if (names.length > 1 || delimiter.text === ',') return reading;
  return { ...reading, dialect: dialectOf(delimiter.text) };
}

async function countFaults(
  file: OpenFile,
  reading: Reading,
): Promise<{ rows: number; faults: number }> {
  let rows = 0;
  let faults = 0;
  const problem = await readRows(file, reading, {
    take: (block) => {
      rows += block.rowCount;
      return faults < FAULTS_MAX || faults <= rows;
    },
    onFault: () => {
      faults++;
    },
  });
  // A line without an end is a quote that is none under this delimiter.
  if (problem !== null) faults = Infinity;
  return { rows: rows + faults, faults };
}

/** The error for a file that cannot be read as CSV at all. */
export function refusal({ line, message, hint }: Problem): HopperError {
  return new HopperError('content_invalid', {
    message: `${line === 0 ? '' : `line ${line}: `}${message}`,
    hint,
  });
}
