// RowScanner against csv-parse, on texts of every mix of quotes, delimiters, line ends, chunk borders and byte order
// marks, sound and malformed: they must read the same fields on the same lines, or both refuse the same row. csv-parse
// 7.0.3 differs from RFC 4180, or from what we want, in this:
//
// - It finds out the line end from the first line and keeps to it. Told all three, it takes each wherever it comes.
// - Empty lines are rows of one empty field, and a byte order mark is part of the first field, unless it is told otherwise.
// - Its count of lines is that of a row's end, and a CRLF inside quotes counts twice. So its count of bytes is used, which
//   gives the borders of the rows, and lines are counted in the text.
// - It refuses the whole text at the first fault, where RowScanner tells each. So the rows before it are compared.
// - It takes a NUL byte, and what follows it, behind a closing quote, and turns bytes that are not UTF-8 into U+FFFD. We
//   refuse both (see source-reader.test.ts), so neither is in these texts.
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openRows } from '../../../src/csv/open-rows.ts';
import type { Problem } from '../../../src/core/problem.ts';
import { readStart } from '../../../src/csv/read-start.ts';
import type { RowFault } from '../../../src/csv/row-source.ts';
import { cellsOf, scanAll } from './scan-all.ts';
import { withReader } from './source-file.ts';
import { lineAt, lineEnd, pieces } from './written-table.ts';

/** Rows with the line of each, and whether all that follows was refused. */
interface Verdict {
  rows: string[][];
  lines: number[];
  refused: boolean;
}

interface OracleVerdict extends Verdict {
  /** How many bytes the longest row takes, empty lines before it included. */
  longest: number;
}

function oracle(text: string, delimiter: string): OracleVerdict {
  const rows: string[][] = [];
  const lines: number[] = [];
  // One character for each byte, to find lines by bytes.
  const bytes = Buffer.from(text).toString('latin1');
  let border = 0;
  let longest = 0;
  try {
    parse(text, {
      bom: true,
      delimiter,
      record_delimiter: ['\r\n', '\n', '\r'],
      skip_empty_lines: true,
      on_record: (record, { bytes: end }) => {
        const start = bytes.slice(border).search(/[^\r\n]/) + border;
        rows.push(record);
        lines.push(lineAt(bytes, start));
        longest = Math.max(longest, end - border);
        border = end;
        return null;
      },
    });
    return { rows, lines, refused: false, longest };
  } catch {
    return { rows, lines, refused: true, longest: bytes.length };
  }
}

/** What RowScanner says, as csv-parse would: without what follows the first fault. */
function verdictOf(rows: string[][], lines: number[], faults: readonly RowFault[]): Verdict {
  const [fault] = faults;
  if (fault === undefined) return { rows, lines, refused: false };
  const before = lines.filter((line) => line < fault.line).length;
  return { rows: rows.slice(0, before), lines: lines.slice(0, before), refused: true };
}

const delimiters = fc.constantFrom(',', ';', '\t', '|');
const character = fc.constantFrom(',', ';', '\t', '|', ' ', 'a', 'é', '日', '😀', '\uFEFF');
const word = fc.string({ unit: character, maxLength: 3 });
const quoted = fc
  .array(fc.oneof(character, lineEnd, fc.constant('""')), { maxLength: 5 })
  .map((parts) => `"${parts.join('')}"`);
const malformed = fc
  .array(fc.oneof(character, fc.constantFrom('"', '"', '""', '\n', '\r')), { maxLength: 5 })
  .map((parts) => parts.join(''));

/** Rows of mostly the same width, of cells that are mostly sound; a delimiter in a plain word makes a cell more. */
function textWith(delimiter: string): fc.Arbitrary<string> {
  const plain = word.map((text) => text.replaceAll(delimiter, ''));
  const cell = fc.oneof(
    { weight: 8, arbitrary: plain },
    { weight: 8, arbitrary: quoted },
    { weight: 1, arbitrary: word },
    { weight: 1, arbitrary: malformed },
  );
  return fc.integer({ min: 1, max: 3 }).chain((width) => {
    const row = fc.array(cell, { minLength: width, maxLength: width });
    const line = fc.tuple(row, fc.array(lineEnd, { minLength: 1, maxLength: 3 }));
    const open = fc.oneof(
      fc.constant(''),
      row.map((cells) => cells.join(delimiter)),
    );
    return fc
      .tuple(fc.array(lineEnd, { maxLength: 2 }), fc.array(line, { maxLength: 6 }), open)
      .map(([empty, lines, rest]) => {
        const written = lines.map(([cells, ends]) => cells.join(delimiter) + ends.join(''));
        return [...empty, ...written, rest].join('');
      });
  });
}

const source = delimiters.chain((delimiter) =>
  fc.record({ delimiter: fc.constant(delimiter), text: textWith(delimiter) }),
);

/** The scanner alone takes a byte order mark for text; readStart takes it off. */
const unmarked = source.filter(({ text }) => !text.startsWith('\uFEFF'));

test('in random pieces: the same fields on the same lines, or the same row refused', () => {
  const seen = { sound: 0, refused: 0 };
  fc.assert(
    fc.property(unmarked, pieces, ({ text, delimiter }, cuts) => {
      const expected = oracle(text, delimiter);
      seen[expected.refused ? 'refused' : 'sound']++;
      const { rows, lines, faults } = scanAll(text, { delimiter, pieces: cuts });
      expect(expected).toMatchObject(verdictOf(rows, lines, faults));
    }),
    { numRuns: 5000 },
  );
  // The texts are of both kinds.
  expect(Math.min(seen.sound, seen.refused)).toBeGreaterThan(500);
});

test('cut at each byte: the same', () => {
  fc.assert(
    fc.property(unmarked, ({ text, delimiter }) => {
      const expected = oracle(text, delimiter);
      const { length } = Buffer.from(text);
      for (let cut = 1; cut < length; cut++) {
        const { rows, lines, faults } = scanAll(text, { delimiter, pieces: [cut, length] });
        expect(expected).toMatchObject(verdictOf(rows, lines, faults));
      }
    }),
    { numRuns: 500 },
  );
});

/** Reads a whole file as a conversion does. */
function readFile(text: string, names: string[], bytesMax: number): Verdict | Problem[] {
  return withReader(text, bytesMax, (reader) => {
    const header = readStart(
      reader,
      names.map((name) => ({ name })),
    );
    if (Array.isArray(header)) return header;
    const rows: string[][] = [];
    const lines: number[] = [];
    const faults: RowFault[] = [];
    const { delimiter, fieldCount, nextLine: line } = header;
    const onFault = (fault: RowFault) => faults.push(fault);
    const scanner = openRows(null, delimiter, { fieldCount, rowsMax: 2, line, onFault });
    for (;;) {
      reader.start = scanner.scan(reader.bytes, reader.start, reader.end, reader.last);
      for (let row = 0; row < scanner.block.rowCount; row++) {
        rows.push(cellsOf(scanner, row));
        lines.push(scanner.block.lines[row] ?? 0);
      }
      if (scanner.full) continue;
      if (reader.last || !reader.refill()) return verdictOf(rows, lines, faults);
    }
  });
}

test('as a file with a header, with or without a byte order mark, in a buffer of few bytes: the same', () => {
  const file = fc.record({
    source,
    mark: fc.constantFrom('', '\uFEFF'),
    empty: fc.array(lineEnd, { maxLength: 2 }),
    names: fc.constantFrom(
      ['a', 'b'],
      ['"a"', 'b'],
      ['a', '"b\r\nc"'],
      ['a'],
      ['"x""y"', 'b', 'c'],
    ),
    end: lineEnd,
    more: fc.integer({ min: 0, max: 9 }),
  });
  fc.assert(
    fc.property(file, ({ source: { text, delimiter }, mark, empty, names, end, more }) => {
      // A header of one column reads the same under every delimiter, and comma is taken.
      const sign = names.length === 1 ? ',' : delimiter;
      const whole = `${mark}${empty.join('')}${names.join(sign)}${end}${text}`;
      const { rows, lines, refused, longest } = oracle(whole, sign);
      const [header = [], ...found] = rows;
      // Behind a row its line end must show, which may be a CRLF.
      const bytesMax = longest + 2 + more;
      const expected = { rows: found, lines: lines.slice(1), refused };
      expect(readFile(whole, header, bytesMax)).toEqual(expected);
    }),
    { numRuns: 1500 },
  );
});
