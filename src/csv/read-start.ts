import type { Problem, Rule } from '../core/problem.ts';
import { type Header, readHeader } from './read-header.ts';
import type { SourceReader } from './source-reader.ts';

/**
 * Reads what stands before the rows: an optional byte order mark and the header. Leaves the reader behind them, or gives
 * the problems for which the file cannot be read at all.
 */
export function readStart(
  reader: SourceReader,
  columnNames: readonly string[],
): Header | Problem[] {
  reader.refill();
  const [first, second, third] = reader.bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return [wholeFile(1, 'encoding', 'The file is UTF-16.', 'Save it as UTF-8.')];
  }
  if (first === 0xef && second === 0xbb && third === 0xbf) reader.start = 3;
  if (isBlank(reader)) {
    const hint = 'Drop a file with a header that names the columns, and rows.';
    return [wholeFile(0, 'empty_file', 'The file is empty.', hint)];
  }
  if (reader.nulAt !== -1) return [];
  const header = readHeader(reader, columnNames);
  if (Array.isArray(header) && reader.foreign) {
    const hint = 'Save it as UTF-8; it is probably Windows-1252 or Latin-1 now.';
    return [wholeFile(0, 'encoding', 'The file holds bytes that are not UTF-8.', hint), ...header];
  }
  return header;
}

function wholeFile(line: number, rule: Rule, message: string, hint: string): Problem {
  return { line, column: null, value: null, rule, message, hint };
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
