import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DialectScanner } from '../../../src/csv/dialect-scanner.ts';
import type { Dialect } from '../../../src/schema/dataset.ts';
import { scanAll } from './scan-all.ts';
import { lineAt, pieces, writtenIn } from './written-table.ts';

const rfc4180: Dialect = { delimiter: null, quote: '"', escape: '"', comment: null, skipLines: 0 };
const foreign: Dialect = {
  delimiter: '||',
  quote: "'",
  escape: '\\',
  comment: '#',
  skipLines: 0,
};

const written = fc.oneof(
  writtenIn(foreign, '||'),
  writtenIn({ ...foreign, escape: "'" }, '|'),
  writtenIn({ ...foreign, quote: '"', comment: ';' }, '\t'),
  writtenIn({ ...foreign, comment: null }, '<=>'),
  writtenIn({ ...foreign, quote: '«', escape: '日', comment: '§' }, '→;'),
  writtenIn(rfc4180, ','),
);

describe('well-formed text', () => {
  test('every table in every dialect is read back with its lines, wherever the buffer is cut', () => {
    fc.assert(
      fc.property(written, pieces, fc.integer({ min: 1, max: 4 }), (source, cuts, rowsMax) => {
        const { text, table, starts, dialect, delimiter } = source;
        const scanned = scanAll(text, { dialect, delimiter, rowsMax, pieces: cuts });
        expect(scanned.faults).toEqual([]);
        expect(scanned.rows).toEqual(table);
        expect(scanned.lines).toEqual(starts.map((start) => lineAt(text, start)));
      }),
      { numRuns: 1000 },
    );
  });

  test('each single cut of a text that has everything in it gives the same rows', () => {
    const text = "#'\r\na||'b\r\n\\'b\\\\'\r\r\n#c||d\r'é\r'||\n\n''||😀#\r||\r\n'#'||'||'\n#";
    const options = { dialect: foreign, delimiter: '||' };
    const whole = scanAll(text, options);
    expect(whole.faults).toEqual([]);
    expect(whole.rows).toEqual([
      ['a', "b\r\n'b\\"],
      ['é\r', ''],
      ['', '😀#'],
      ['', ''],
      ['#', '||'],
    ]);
    expect(whole.lines).toEqual([2, 6, 9, 10, 11]);
    const { length } = Buffer.from(text);
    for (let cut = 1; cut < length; cut++) {
      expect(scanAll(text, { ...options, pieces: [cut, length] })).toEqual(whole);
    }
    expect(scanAll(text, { ...options, pieces: [1] })).toEqual(whole);
  });

  test('a comment is a whole line: its sign elsewhere is part of a value', () => {
    const options = { dialect: foreign, delimiter: '||' };
    expect(scanAll("a#||'#'\n #||#\n#", options).rows).toEqual([
      ['a#', '#'],
      [' #', '#'],
    ]);
  });

  test('an escape outside quotes is part of the value', () => {
    const options = { dialect: foreign, delimiter: '||' };
    expect(scanAll('a\\||\\b\n', options).rows).toEqual([['a\\', '\\b']]);
  });

  test('bytes that are not UTF-8 stay what they are, for the cells to be checked', () => {
    const { rows } = scanAll(Buffer.from('caf\xe9||\xff\n', 'latin1'), {
      dialect: foreign,
      delimiter: '||',
    });
    expect(rows).toEqual([['caf\ufffd', '\ufffd']]);
  });
});

describe('malformed text', () => {
  const options = { dialect: foreign, delimiter: '||', fieldCount: 2 };

  test('without a quote that is misplaced it is read as RowScanner reads it, else the first one is the same', () => {
    const symbols = fc.array(fc.constantFrom('"', '"', ',', '\n', '\r', '\r\n', 'a'), {
      maxLength: 16,
    });
    fc.assert(
      fc.property(symbols, pieces, (parts, cuts) => {
        const text = parts.join('');
        const expected = scanAll(text);
        const scanned = scanAll(text, { dialect: rfc4180, pieces: cuts });
        const faultAt = expected.faults.findIndex(({ rule }) => rule === 'quote');
        if (faultAt === -1) {
          expect(scanned).toEqual(expected);
          return;
        }
        // Of a row with two, RowScanner tells the one that is never closed, csv-parse the first.
        const fault = expected.faults[faultAt];
        const twoInOne = fault?.rule === 'quote' && fault.detail === 'unclosed';
        const first = expected.faults.slice(0, faultAt + (twoInOne ? 0 : 1));
        expect(scanned.faults.slice(0, first.length)).toEqual(first);
        expect(scanned.faults[faultAt]).toMatchObject({ rule: 'quote' });
        const rowsBefore = expected.lines.filter((line) => line < (fault?.line ?? 0)).length;
        expect(scanned.rows.slice(0, rowsBefore)).toEqual(expected.rows.slice(0, rowsBefore));
      }),
      { numRuns: 5000 },
    );
  });

  test('cuts make no difference to what is read, rejected and counted', () => {
    const symbol = fc.constantFrom("'", "'", '|', '||', '\\', '#', '\n', '\r', '\r\n', 'a', 'é');
    fc.assert(
      fc.property(fc.array(symbol, { maxLength: 20 }), pieces, (parts, cuts) => {
        const text = parts.join('');
        const scanned = scanAll(text, { ...options, pieces: cuts });
        expect(scanned).toEqual(scanAll(text, options));
      }),
      { numRuns: 3000 },
    );
  });

  test.each([
    ['inside_field', "a||b\n\rc||12' pipe\n#\nd||e\n", 3, undefined],
    ['after_closing_quote', "a||b\n'\r\n\r\n'c||d\nd||e\n", 2, 4],
    ['after_closing_quote', "a||b\n'\r\n\r\n'#c||d\nd||e\n", 2, 4],
    ['after_closing_quote', "a||b\n'\r\n\r\n'|\nd||e\n", 2, 4],
    ['after_closing_quote', "a||b\n'\r\n\r\n''||d\nd||e\n", 2, 4],
  ])(
    'a quote that is misplaced (%s) is a fault on the line of its value: %j',
    (detail, text, line, closedOn) => {
      for (const cuts of [[1], [2, 5], [100]]) {
        const { rows, faults, nextLine } = scanAll(text, { ...options, pieces: cuts });
        const place = closedOn === undefined ? { line } : { line, closedOn };
        expect(faults).toMatchObject([{ rule: 'quote', detail, ...place }]);
        expect(rows).toEqual([
          ['a', 'b'],
          ['d', 'e'],
        ]);
        expect(nextLine).toBe(lineAt(text, text.length));
      }
    },
  );

  test('a quote that is never closed is a fault on the line where it opens', () => {
    const { faults, rows } = scanAll("a||b\n'c\nd'||\r'e\r\nf'||'g\\'\nh||i\n", options);
    expect(rows).toEqual([
      ['a', 'b'],
      ['c\nd', ''],
    ]);
    expect(faults).toEqual([{ rule: 'quote', line: 5, fieldIndex: 1, detail: 'unclosed' }]);
  });

  test('a quote that is open where the bytes end is known by its line', () => {
    const scanner = new DialectScanner({
      fieldCount: 2,
      rowsMax: 9,
      line: 1,
      onFault: () => undefined,
      delimiter: '||',
      dialect: foreign,
    });
    const scan = (text: string): number => {
      const bytes = Buffer.from(text);
      return scanner.scan(bytes, 0, bytes.length, false);
    };
    expect(scan("a||b\n'c\n'||'d\n\\'\n")).toBe(5);
    expect([scanner.line, scanner.openQuoteLine]).toEqual([2, 3]);
    expect(scan("'c\n'||d")).toBe(0);
    expect(scanner.openQuoteLine).toBeNull();
  });

  test('rows with too few or too many fields are faults with their count, and no others', () => {
    const { rows, faults } = scanAll("a||b\nc|\n#\nd||e||f||g\n\n'h\n'||i\nj||\n", options);
    expect(rows).toEqual([
      ['a', 'b'],
      ['h\n', 'i'],
      ['j', ''],
    ]);
    expect(faults).toEqual([
      { rule: 'field_count', line: 2, fieldCount: 1 },
      { rule: 'field_count', line: 4, fieldCount: 4 },
    ]);
  });
});
