import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scanAll, type Scanned } from './scan-all.ts';

/** How csv-parse reads a text, or null where it refuses it. */
function oracle(text: string, delimiter: string): string[][] | null {
  try {
    return parse(text, {
      delimiter,
      record_delimiter: ['\r\n', '\n', '\r'],
      skip_empty_lines: true,
      relax_column_count: false,
    });
  } catch {
    return null;
  }
}

/** The line of the character at an index, counted as an editor does. */
function lineAt(text: string, index: number): number {
  return (text.slice(0, index).match(/\r\n|\r|\n/g)?.length ?? 0) + 1;
}

const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
const cell = fc.oneof(
  fc.constant(''),
  fc
    .array(fc.constantFrom('"', ',', ';', '\t', '|', '\n', '\r', ' ', 'a', 'é', '日', '😀'), {
      maxLength: 8,
    })
    .map((parts) => parts.join('')),
);

interface Written {
  text: string;
  table: string[][];
  /** Where each row starts in the text. */
  starts: number[];
  delimiter: string;
}

/** A table and one of the many texts that stand for it. */
const written: fc.Arbitrary<Written> = fc
  .record({
    width: fc.integer({ min: 1, max: 4 }),
    height: fc.integer({ min: 1, max: 9 }),
    delimiter: fc.constantFrom(',', ';', '\t', '|'),
    endsOpen: fc.boolean(),
  })
  .chain(({ width, height, delimiter, endsOpen }) =>
    fc
      .array(
        fc.record({
          cells: fc.array(fc.record({ value: cell, quoted: fc.boolean() }), {
            minLength: width,
            maxLength: width,
          }),
          end: lineEnd,
          emptyLines: fc.array(lineEnd, { maxLength: 2 }),
        }),
        { minLength: height, maxLength: height },
      )
      .map((rows) => {
        const starts: number[] = [];
        let text = '';
        for (const { cells, end, emptyLines } of rows) {
          starts.push(text.length);
          text += cells
            .map(({ value, quoted }) => {
              // A row of one empty field would be an empty line, were it not quoted.
              const mustQuote = /["\r\n]/.test(value) || value.includes(delimiter);
              if (!quoted && !mustQuote && (value !== '' || width > 1)) return value;
              return `"${value.replaceAll('"', '""')}"`;
            })
            .join(delimiter);
          text += end + emptyLines.join('');
        }
        const last = rows.at(-1);
        if (endsOpen && last !== undefined) {
          text = text.slice(0, -(last.end + last.emptyLines.join('')).length);
        }
        const table = rows.map(({ cells }) => cells.map(({ value }) => value));
        return { text, table, starts, delimiter };
      }),
  );

const pieces = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 6 });

describe('well-formed text', () => {
  test('every table is read back, field for field, wherever the buffer is cut', () => {
    fc.assert(
      fc.property(written, pieces, fc.integer({ min: 1, max: 4 }), (source, cuts, rowsMax) => {
        const { text, table, delimiter } = source;
        const fieldCount = table[0]?.length ?? 0;
        const scanned = scanAll(text, { delimiter, fieldCount, rowsMax, pieces: cuts });
        expect(scanned.faults).toEqual([]);
        expect(scanned.rows).toEqual(table);
      }),
      { numRuns: 1000 },
    );
  });

  test('csv-parse reads the same', () => {
    fc.assert(
      fc.property(written, ({ text, delimiter }) => {
        expect(scanAll(text, { delimiter }).rows).toEqual(oracle(text, delimiter));
      }),
      { numRuns: 500 },
    );
  });

  test('each row has the line that an editor shows', () => {
    fc.assert(
      fc.property(written, pieces, ({ text, starts, delimiter }, cuts) => {
        const { lines, nextLine } = scanAll(text, { delimiter, pieces: cuts });
        expect(lines).toEqual(starts.map((start) => lineAt(text, start)));
        // A file that does not end with a line end leaves its last line all the same.
        const open = !/[\r\n]$/.test(text) || (text.match(/"/g)?.length ?? 0) % 2 === 1;
        expect(nextLine).toBe(lineAt(text, text.length) + (open ? 1 : 0));
      }),
      { numRuns: 500 },
    );
  });

  test('each single cut of a text that has everything in it gives the same rows', () => {
    const text = 'a,"b\r\n""b"""\r\r\n"é\r",\n\n"",😀\r,\r\n"x","y"';
    const whole = scanAll(text);
    expect(whole.rows).toEqual([
      ['a', 'b\r\n"b"'],
      ['é\r', ''],
      ['', '😀'],
      ['', ''],
      ['x', 'y'],
    ]);
    expect(whole.lines).toEqual([1, 4, 7, 8, 9]);
    const { length } = Buffer.from(text);
    for (let cut = 1; cut < length; cut++) {
      expect(scanAll(text, { pieces: [cut, length] })).toEqual(whole);
    }
    expect(scanAll(text, { pieces: [1] })).toEqual(whole);
  });

  test('a first row of hundreds of fields decides the width like any other', () => {
    const row = Array.from({ length: 1000 }, (_, i) => `"c""${i}"`).join(',');
    const { rows, faults } = scanAll(`${row}\n${row}\n`);
    expect(faults).toEqual([]);
    expect(rows).toHaveLength(2);
    expect(rows[1]?.[999]).toBe('c"999');
  });
});

describe('malformed text', () => {
  function refused({ faults }: Scanned): boolean {
    return faults.length > 0;
  }

  // csv-parse differs from RFC 4180 in nothing that this alphabet can say: it takes no text behind a closing quote
  // either, and a lone CR ends a line because the oracle is told so.
  test('csv-parse refuses it too, and what one accepts the other reads the same', () => {
    const symbols = fc.array(fc.constantFrom('"', '"', ',', '\n', '\r', 'a'), { maxLength: 14 });
    fc.assert(
      fc.property(symbols, pieces, (parts, cuts) => {
        const text = parts.join('');
        const expected = oracle(text, ',');
        const scanned = scanAll(text, { pieces: cuts });
        expect(refused(scanned)).toBe(expected === null);
        if (expected !== null) expect(scanned.rows).toEqual(expected);
      }),
      { numRuns: 5000 },
    );
  });

  test('a quote inside a value that is not quoted is a fault, and the rows around it are read', () => {
    const { rows, faults } = scanAll('a,b\nc,12" pipe\nd,e\n');
    expect(rows).toEqual([
      ['a', 'b'],
      ['d', 'e'],
    ]);
    expect(faults).toEqual([{ rule: 'quote', line: 2, fieldIndex: 1, detail: 'inside_field' }]);
  });

  test('text behind a closing quote is a fault, on the line where its value begins', () => {
    const { faults } = scanAll('a,b\n"c\nd"e,f\n');
    expect(faults).toEqual([
      { rule: 'quote', line: 2, fieldIndex: 0, detail: 'after_closing_quote', closedOn: 3 },
    ]);
  });

  test('a quote that is never closed is a fault on the line where it opens', () => {
    const { faults, rows } = scanAll('a,b\n"c\nd",\r"e\r\nf","g\nh,i\n', { fieldCount: 2 });
    expect(rows).toEqual([
      ['a', 'b'],
      ['c\nd', ''],
    ]);
    expect(faults).toEqual([{ rule: 'quote', line: 5, fieldIndex: 1, detail: 'unclosed' }]);
  });

  test('rows with too few or too many fields are faults with their count, and no others', () => {
    const { rows, faults } = scanAll('a,b\nc\nd,e,f,g\n\n"h\n",i\nj,\n', { fieldCount: 2 });
    expect(rows).toEqual([
      ['a', 'b'],
      ['h\n', 'i'],
      ['j', ''],
    ]);
    expect(faults).toEqual([
      { rule: 'field_count', line: 2, fieldCount: 1 },
      { rule: 'field_count', line: 3, fieldCount: 4 },
    ]);
  });
});
