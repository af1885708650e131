import { describe, expect, test } from 'vitest';
import { cellHint } from '../../../src/columns/cell-hint.ts';
import { accepts, acceptsCell } from '../../../src/schema/accepts.ts';
import { type CellFormat, usualFormat } from '../../../src/schema/cell-format.ts';
import { columnOf } from '../../support/loads.ts';

type Case = [type: string, cell: string, looksLike: RegExp | null, ...repairs: string[]];

/** Each as it was met in files of spreadsheets, databases and programs. */
const cases: Case[] = [
  ['INTEGER', ' 5 ', /white space around/, '5'],
  ['INTEGER', '5\u00a0', /white space around/, '5'],
  ['INTEGER', 'seventeen', null],
  ['INTEGER', 'A', /header repeated/],
  ['INTEGER', '#N/A', /error of a formula/],
  ['DATE', '#REF!', /error of a formula/],
  ['DECIMAL(10,2)', '#NV', /error of a formula/],
  ['DATE', '########', /error of a formula/],
  ['INTEGER', 'n/a', /no value/],
  ['DATE', '-', /no value/],
  ['DATE', '\\N', /no value/],

  ['BIGINT', '1.23457E+12', /long number that a spreadsheet has shortened/],
  ['BIGINT', '1,23E+12', /long number that a spreadsheet has shortened/],
  ['DECIMAL(10,2)', '1.5E-05', /scientific notation/],
  ['INTEGER', '5.0', /whole number that a program has written as a fraction/, '5'],
  ['DECIMAL(10,2)', '3,14', /decimal comma/, '3.14'],
  ['DOUBLE', ',5', /decimal comma/, '.5'],
  ['DECIMAL(10,2)', '1.234,56', /thousands separators and a decimal comma/, '1234.56'],
  ['DECIMAL(10,2)', '1,234.56', /thousands separators/, '1234.56'],
  ['INTEGER', '1,234,567', /thousands separators/, '1234567'],
  ['INTEGER', '1.234.567', /thousands separators/, '1234567'],
  ['INTEGER', "1'234'567", /thousands separators/, '1234567'],
  ['DECIMAL(10,2)', '1\u202f234,56', /thousands separators/, '1234.56'],
  ['INTEGER', '1,234', /either thousands or decimals/, '1234'],
  ['DECIMAL(10,3)', '1,234', /either thousands or decimals/, '1234', '1.234'],
  ['INTEGER', '1.234', /either thousands or decimals/, '1234'],
  ['INTEGER', '1.000', /either thousands or decimals/, '1000', '1'],
  ['INTEGER', '1000.000', /whole number that a program has written as a fraction/, '1000'],
  ['DECIMAL(10,2)', '0.234', null],
  ['DECIMAL(10,3)', '0,234', /decimal comma/, '0.234'],
  ['DECIMAL(10,2)', '0.30000000000000004', /rounding error/],
  ['DECIMAL(10,2)', '(12.50)', /negative number/, '-12.50'],
  ['INTEGER', '12-', /negative number/, '-12'],
  ['INTEGER', '−5', /minus sign/, '-5'],
  ['INTEGER', "'0042", /apostrophe/, '0042'],
  ['DECIMAL(10,2)', '12.5 %', /percentage/],
  ['DECIMAL(10,2)', '$12.50', /currency/, '12.50'],
  ['DECIMAL(10,2)', '12.50 EUR', /currency/, '12.50'],
  ['DECIMAL(10,2)', '€ 1.234,56', /currency/, '1234.56'],
  ['DECIMAL(10,3)', '$1,234', /currency/, '1234', '1.234'],

  ['DATE', '31.12.2025', /day\.month\.year/, '2025-12-31'],
  ['DATE', '1.2.2025', /day\.month\.year/, '2025-02-01'],
  ['DATE', '12/31/2025', /as month\/day\/year/, '2025-12-31'],
  ['DATE', '31/12/2025', /as day\/month\/year/, '2025-12-31'],
  ['DATE', '03/04/2025', /only the sender knows which/, '2025-04-03', '2025-03-04'],
  ['DATE', '5/5/2025', /day\/month\/year/, '2025-05-05'],
  ['DATE', '31-12-2025', /day-month-year/, '2025-12-31'],
  ['DATE', '2025/12/31', /year\/month\/day/, '2025-12-31'],
  ['DATE', '2025-1-5', /year-month-day/, '2025-01-05'],
  ['DATE', '2025-31-12', /year-day-month/, '2025-12-31'],
  ['DATE', '20251231', /without a sign between/, '2025-12-31'],
  ['DATE', '31-Dec-2025', /name of a month/, '2025-12-31'],
  ['DATE', '31. Dezember 2025', /name of a month/, '2025-12-31'],
  ['DATE', 'Dec 31, 2025', /name of a month/, '2025-12-31'],
  ['DATE', 'March 1st, 2025', /name of a month/, '2025-03-01'],
  ['DATE', '31.12.25', /two digits for the year/],
  ['DATE', '30.02.2025', null],
  ['DATE', '2025-12-31 00:00:00', /with a time of day/, '2025-12-31'],
  ['DATE', '2025-12-31 10:15:00', /with a time of day/],
  ['DATE', '45000', /serial number of a spreadsheet/, '2023-03-15'],
  ['DATE', '17', null],
  ['DATE', '0000-00-00', /zero date/],
  ['DATETIME', '45000.75', /serial number of a spreadsheet/, '2023-03-15 18:00:00'],
  ['DATETIME', '31.12.2025', /without a time of day/, '2025-12-31 00:00:00'],
  ['DATETIME', '31.12.2025 10:15', /and a time of day/, '2025-12-31 10:15:00'],
  ['DATETIME', '12/31/2025 1:05 PM', /and a time of day/, '2025-12-31 13:05:00'],
  ['DATETIME', 'Dec 31, 2025, 12:05 am', /and a time of day/, '2025-12-31 00:05:00'],
  ['TIMESTAMP', '31.12.2025 10:15+0200', /and a time of day/, '2025-12-31 10:15:00+02:00'],
  ['TIMESTAMP', '1735689600', /seconds since 1970/, '2025-01-01 00:00:00'],
  ['TIMESTAMP', '1735689600000', /milliseconds since 1970/, '2025-01-01 00:00:00'],
  ['TIME', '9:30', /time of day in another writing/, '09:30:00'],
  ['TIME', '1:05 PM', /time of day in another writing/, '13:05:00'],
  ['TIME', '2025-12-31 10:15:00', /behind a date/, '10:15:00'],
  ['TIME', 'noon', null],

  ['BOOLEAN', 'yes', /yes or no/, 'true'],
  ['BOOLEAN', 'FALSCH', /yes or no/, 'false'],
  ['BOOLEAN', 'maybe', null],
  ['JSON', "{'a': None}", /Python/],
  ['CHAR(5)', 'abc ', /white space around/, 'abc'],
];

describe('a refused cell', () => {
  test.each(cases)('of %s that reads %j', (type, cell, looksLike, ...repairs) => {
    const of = columnOf('a', type);
    expect(accepts(of.type, cell)).toBe(false);
    const hint = cellHint(cell, of);
    if (looksLike === null) {
      expect(hint).toBeNull();
      return;
    }
    expect(hint?.looksLike).toMatch(looksLike);
    expect(hint?.repairs).toEqual(repairs);
    for (const repair of repairs) expect(accepts(of.type, repair)).toBe(true);
  });

  test('is not quoted by its hint', () => {
    for (const [type, cell] of cases) {
      const trimmed = cell.trim();
      if (trimmed.length < 4) continue;
      expect(cellHint(cell, columnOf('a', type))?.looksLike ?? '').not.toContain(trimmed);
    }
  });
});

type FormatCase = [
  type: string,
  format: Partial<CellFormat>,
  cell: string,
  looksLike: RegExp | null,
  ...repairs: string[],
];

const comma = { decimalChar: ',' };
const european = { decimalChar: ',', groupChar: '.' };
const dayFirst = { temporal: '%d.%m.%Y' };

/** What they mean is as certain as without a format, or more so; the repair is in the column's own writing. */
const inFormats: FormatCase[] = [
  ['DATE', dayFirst, '2025-12-31', /as year-month-day/, '31.12.2025'],
  ['DATE', dayFirst, '12/31/2025', /as month\/day\/year/, '31.12.2025'],
  ['DATE', dayFirst, '03/04/2025', /only the sender knows which/, '03.04.2025', '04.03.2025'],
  ['DATE', dayFirst, '45000', /as a date, %d\.%m\.%Y, and/, '15.03.2023'],
  ['DATE', dayFirst, ' 31.12.2025 ', /white space around/, '31.12.2025'],
  ['DATE', dayFirst, '31.12.25', /two digits for the year: write all four/],
  ['DATE', dayFirst, '31.02.2025', null],
  ['DATE', dayFirst, '12.31.2025', null],
  ['DATE', { temporal: '%d/%m/%Y' }, '12/31/2025', /as month\/day\/year/, '31/12/2025'],
  ['DATE', { temporal: '%Y%m%d' }, '2025-12-31', /as year-month-day/, '20251231'],
  ['DATE', { temporal: '%d.%m.%y' }, '31.12.2025', /as day\.month\.year/, '31.12.25'],
  ['DATE', { temporal: '%d.%m.%y' }, '31.12.2125', /as day\.month\.year/],
  ['DATE', { temporal: '%d/%m/%y' }, '12/31/25', /as month\/day\/year with two/, '31/12/25'],
  ['DATE', { temporal: '%d.%m.%y' }, '25-2-29', /as day-month-year with two/, '25.02.29'],
  [
    'DATE',
    { temporal: '%d.%m.%y' },
    '10-11-12',
    /day-month-year or month-day-year or year-month-day with two digits.*only the sender/,
    '10.11.12',
    '11.10.12',
    '12.11.10',
  ],
  [
    'DATETIME',
    { temporal: '%d.%m.%Y %H:%M' },
    '2025-12-31 10:15:00',
    /and a time of day/,
    '31.12.2025 10:15',
  ],
  ['DATETIME', { temporal: '%d.%m.%Y %H:%M' }, '2025-12-31 10:15:20', /and a time of day/],
  [
    'DATETIME',
    { temporal: '%m/%d/%Y %I:%M %p' },
    '2025-12-31 00:05',
    /and a time of day/,
    '12/31/2025 12:05 AM',
  ],
  [
    'DATETIME(3)',
    { temporal: '%d.%m.%Y %H:%M:%S.%f' },
    '2025-12-31 10:15',
    /and a time of day/,
    '31.12.2025 10:15:00.0',
  ],
  ['TIMESTAMP', { temporal: '%d.%m.%Y %H:%M%z' }, '2025-12-31 10:15', /and a time of day/],
  ['TIMESTAMP', { temporal: '%d.%m.%Y %H:%M' }, '01.01.2039 10:15', null],
  ['TIME', { temporal: '%H.%M' }, '9:30', /time of day in another writing/, '09.30'],

  ['DECIMAL(10,2)', comma, '3.14', /decimal point/, '3,14'],
  ['DECIMAL(10,2)', comma, '1234.00', /decimal point/, '1234,00'],
  ['DECIMAL(10,2)', comma, '1.234,56', /thousands separators and a decimal comma/, '1234,56'],
  ['DECIMAL(10,2)', comma, '1,234.56', /thousands separators/, '1234,56'],
  ['DECIMAL(10,3)', comma, '1.234', /either thousands or decimals/, '1234', '1,234'],
  ['DECIMAL(10,2)', comma, '1.000', /either thousands or decimals/, '1000', '1'],
  ['DECIMAL(10,2)', comma, '1,234', null],
  ['DECIMAL(10,2)', comma, '1,234567', null],
  ['DECIMAL(10,2)', comma, '5,00 €', /currency/, '5,00'],
  ['DECIMAL(10,2)', comma, '5.00 €', /currency/, '5,00'],
  ['DECIMAL(10,2)', comma, '(12,50)', /negative number/, '-12,50'],
  ['DECIMAL(10,2)', comma, '12,5 %', /percentage/],
  ['DECIMAL(10,2)', european, '1.5', /decimal point/, '1,5'],
  ['DECIMAL(10,2)', european, '1,234.56', /thousands separators/, '1234,56'],
  ['DOUBLE', european, '1.5e3', /decimal point/, '1,5e3'],
  ['DECIMAL(10,2)', { groupChar: ',' }, '1.234,56', /decimal comma/, '1234.56'],
  ['DECIMAL(10,2)', { groupChar: ',' }, '1.234', null],
  ['DECIMAL(5,2)', { groupChar: ',' }, '1,234,567', null],
  ['INTEGER', { groupChar: ',' }, '1.234', /either thousands or decimals/, '1234'],
  ['INTEGER', { groupChar: ' ' }, '1,234,567', /thousands separators/, '1234567'],
  ['INTEGER', { groupChar: ' ' }, '5.0', /written as a fraction/, '5'],
  ['INTEGER', { missingValues: ['none'] }, '1.234.567', /thousands separators/, '1234567'],

  ['BOOLEAN', { trueValues: ['ja'], falseValues: ['nein'] }, 'TRUE', /yes or no/, 'ja'],
  ['BOOLEAN', { trueValues: ['ja'], falseValues: ['nein'] }, '0', /yes or no/, 'nein'],
  ['BOOLEAN', { trueValues: ['ja'] }, 'n', /yes or no/, 'false'],
  ['BOOLEAN', { trueValues: ['ja'] }, 'maybe', null],
];

describe('a refused cell of a column with a format', () => {
  test.each(inFormats)(
    'of %s with %o that reads %j',
    (type, format, cell, looksLike, ...repairs) => {
      const of = { ...columnOf('a', type), format: { ...usualFormat, ...format } };
      expect(acceptsCell(of, cell)).toBe(false);
      const hint = cellHint(cell, of);
      if (looksLike === null) {
        expect(hint).toBeNull();
        return;
      }
      expect(hint?.looksLike).toMatch(looksLike);
      expect(hint?.repairs).toEqual(repairs);
      for (const repair of repairs) expect(acceptsCell(of, repair)).toBe(true);
    },
  );
});
