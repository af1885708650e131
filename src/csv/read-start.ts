import { isUtf8 } from 'node:buffer';
import { counted } from '../core/counted.ts';
import type { Problem, Rule } from '../core/problem.ts';
import type { Dialect, HeaderPolicy } from '../schema/dataset.ts';
import type { HeaderColumn } from './header-reading.ts';
import { type Header, readHeader } from './read-header.ts';
import { afterLineEnd } from './row-scanner.ts';
import type { SourceReader } from './source-reader.ts';

const LF = 10;
const CR = 13;

/**
 * Reads what stands before the rows: an optional byte order mark, the lines that the dialect skips, and the header. Leaves
 * the reader behind them, or gives the problems for which the file cannot be read at all.
 */
export function readStart(
  reader: SourceReader,
  columns: readonly HeaderColumn[],
  dialect: Dialect | null = null,
  policy?: HeaderPolicy,
): Header | Problem[] {
  const unreadable = findHeader(reader, dialect);
  if (unreadable !== null) return [unreadable];
  if (reader.nulAt !== -1) return [];
  const header = readHeader(reader, columns, dialect, headerLine(dialect), policy);
  if (Array.isArray(header))
    return reader.foreign ? [describeForeignFile(reader), ...header] : header;
  // Of other files the rows tell; these have the names in their rows.
  const names = reader.bytes.subarray(header.position - reader.base, reader.start);
  return header.extra.length > 0 && !isUtf8(names) ? [describeForeignFile(reader)] : header;
}

/** The line on which the header stands, unless empty lines come before it. */
export function headerLine(dialect: Dialect | null): number {
  return (dialect?.skipLines ?? 0) + 1;
}

/** Moves a new reader to the header, or gives the problem of a file that can have none. */
export function findHeader(reader: SourceReader, dialect: Dialect | null): Problem | null {
  reader.refill();
  const [first, second, third] = reader.bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return wholeFile(1, 'encoding', 'The file is UTF-16.', 'Save it as UTF-8.');
  }
  if (first === 0xef && second === 0xbb && third === 0xbf) reader.start = 3;
  const skipped = dialect?.skipLines ?? 0;
  skipLines(reader, skipped);
  if (!isBlank(reader)) return null;
  const message =
    skipped === 0
      ? 'The file is empty.'
      : `Nothing follows the ${counted(skipped, 'line that is', 'lines that are')} skipped.`;
  const hint = 'Drop a file with a header that names the columns, and rows.';
  return wholeFile(0, 'empty_file', message, hint);
}

/** The problem of a file that is in another encoding than UTF-8, which shows in what the reader holds. */
export function describeForeignFile(reader: SourceReader): Problem {
  const hint =
    'Save it as UTF-8; it is probably Windows-1252 or Latin-1 now. Where all files of its dataset are so, set encoding: windows-1252 for the dataset in the configuration.';
  return wholeFile(
    foreignLine(reader),
    'encoding',
    'The file holds bytes that are not UTF-8.',
    hint,
  );
}

/** The first line that is not UTF-8; 0 where it has gone by. */
function foreignLine({ bytes, base, end }: SourceReader): number {
  if (base > 0) return 0;
  let line = 1;
  for (let from = 0, at = 0; at < end; at++) {
    const byte = bytes[at];
    if (byte !== LF && byte !== CR) continue;
    if (!isUtf8(bytes.subarray(from, at))) return line;
    if (byte === LF || bytes[at + 1] !== LF) line++;
    from = at + 1;
  }
  return line;
}

function wholeFile(line: number, rule: Rule, message: string, hint: string): Problem {
  return { line, column: null, value: null, rule, message, hint };
}

/** Moves the reader behind so many lines, or to the end of a file that has fewer. */
function skipLines(reader: SourceReader, count: number): void {
  for (let skipped = 0; skipped < count;) {
    const { bytes, end, last } = reader;
    let at = reader.start;
    while (at < end && bytes[at] !== LF && bytes[at] !== CR) at++;
    const next = afterLineEnd(bytes, at, end, last);
    // A CR at the end of the buffer stays in it: whether it is a line end by itself shows with the next byte.
    reader.start = next === -1 ? at : next;
    if (next !== -1) skipped++;
    else reader.refill();
    if (reader.last && reader.start === reader.end) return;
  }
}

/**
 * Whether the file holds nothing but white space. Consumes nothing: empty lines before the header count as lines, and
 * a tab at its start is a delimiter.
 */
function isBlank(reader: SourceReader): boolean {
  for (let looked = 0; ;) {
    for (; reader.start + looked < reader.end; looked++) {
      const byte = reader.bytes[reader.start + looked]!;
      if (byte !== 32 && (byte < 9 || byte > 13)) return false;
    }
    if (!reader.refill()) return reader.last;
  }
}
