import { describe, expect, test } from 'vitest';
import { compileExpression } from '../../../../src/schema/expression/compile-expression.ts';
import { ExpressionMistake } from '../../../../src/schema/expression/tokens.ts';
import { column } from '../../../support/loads.ts';

const columns = [
  column('start_date', 'DATE'),
  column('end_date', 'DATE'),
  column('begun', 'TIMESTAMP'),
  column('ended', 'DATETIME'),
  column('price', 'DECIMAL', { precision: 9, scale: 2 }),
  column('name', 'VARCHAR', { length: 20 }),
  column('first name', 'TEXT'),
  column('order', 'INTEGER'),
  column('in', 'INTEGER'),
  column('paid', 'BOOLEAN'),
  column('more', 'JSON'),
];
const asWritten = { trim: false, lowercaseValues: false };

function namesIn(text: string): string[] {
  return compileExpression(text, columns, asWritten).slots.map((slot) => slot.column.name);
}

function mistakeIn(text: string): string {
  try {
    compileExpression(text, columns, asWritten);
  } catch (error) {
    if (error instanceof ExpressionMistake) return error.message;
    throw error;
  }
  throw new Error(`${text} was accepted.`);
}

describe('a column', () => {
  test.each([
    ['End_Date >= START_DATE', ['end_date', 'start_date']],
    ['"first name" = `First Name`', ['first name']],
    ['"in" > 0 AND order > 0', ['in', 'order']],
    ['paid', ['paid']],
    ['more is not null', ['more']],
    [
      'ended >= start_date and date(begun) > end_date',
      ['ended', 'start_date', 'begun', 'end_date'],
    ],
    ["'2024-01-01' <= start_date and end_date - '2024-01-01' < 10", ['start_date', 'end_date']],
  ])('is found in %s', (text, names) => {
    expect(namesIn(text)).toEqual(names);
  });
});

describe('a mistake is told with its place', () => {
  test.each([
    [
      'end_dat >= start_date',
      'no column is called "end_dat"; did you mean end_date? (at character 1)',
    ],
    ['price > "0"', 'no column is called "0" (at character 9)'],
    ['price >', 'expected a column or a value, found nothing (at character 8)'],
    ['price > 0 price', 'expected the end, and, or, or a sign, found "price" (at character 11)'],
    ['(price > 0', 'expected ), found nothing (at character 11)'],
    ['0 < price < 9', 'a second comparison: join two of them by and (at character 11)'],
    ['price == 0', '== has no meaning: write = for "equals" (at character 7)'],
    ['price > 0 && paid', '&& has no meaning: write and (at character 11)'],
    ['!paid', '! has no meaning: write not, or <> for "does not equal" (at character 1)'],
    ['price # 0', '"#" has no meaning (at character 7)'],
    ["name = 'x", "the quote ' is not closed (at character 8)"],
    ['price = null', 'nothing equals null: write is null or is not null (at character 9)'],
    ['price is 0', 'expected null, found "0" (at character 10)'],
    ['price not 0', 'expected in or between, found "0" (at character 11)'],
    [
      'in > 0',
      'expected a column or a value, found in; a column of that name stands in double quotes (at character 1)',
    ],
    [
      '2nd > 0',
      'a number that goes on as a name; a column that begins with a digit stands in double quotes (at character 1)',
    ],
    ['price', 'expected a condition, found a number (at character 1)'],
    ['paid and price', 'expected a condition, found a number (at character 10)'],
    ['1 = 1', 'no column is named (at character 3)'],
    ['lenght(name) > 1', 'there is no function "lenght": did you mean length? (at character 1)'],
    [
      'constructor(name) > 1',
      'there is no function "constructor": there are abs, coalesce, date, day, length, lower, month, upper, year (at character 1)',
    ],
    ['length(name, name) > 1', 'length takes one value (at character 1)'],
    ['length(price) > 1', 'expected a text, found a number (at character 8)'],
    ['year(name) > 1', 'expected a date, found a text (at character 6)'],
    ['abs(name) > 1', 'a text has no sign (at character 5)'],
    [
      'name > 5',
      'a number stands beside a text; a text is compared with a text, in single quotes (at character 8)',
    ],
    [
      "price > '5'",
      '"5" stands beside a number: write it without quotes, or a column in double ones (at character 9)',
    ],
    ["paid = 'yes'", '"yes" stands beside a condition: write true or false (at character 8)'],
    [
      "start_date > '2024-13-01'",
      '"2024-13-01" is not of the type: expected a date as YYYY-MM-DD, such as 2024-12-31 (at character 14)',
    ],
    [
      'begun > start_date',
      'a date stands beside a TIMESTAMP; date(…) of the TIMESTAMP is its date in UTC (at character 9)',
    ],
    [
      'begun > ended',
      'a DATETIME stands beside a TIMESTAMP, and of the latter nobody knows the time zone (at character 9)',
    ],
    ['more = name', 'a text stands beside a JSON document (at character 8)'],
    ['more = more', 'a JSON document cannot be compared (at character 1)'],
    [
      'start_date * 2 > end_date',
      'a date takes whole days added or subtracted, or another date subtracted (at character 12)',
    ],
    [
      'start_date + 0.5 > end_date',
      'a date takes whole days added or subtracted, or another date subtracted (at character 12)',
    ],
    ['ended + 1 > ended', 'there is no calculating with a DATETIME (at character 1)'],
  ])('%s', (text, mistake) => {
    expect(mistakeIn(text)).toBe(mistake);
  });

  test('and what is too long or too deep is refused', () => {
    expect(mistakeIn(`price > ${'0'.repeat(1000)}`)).toContain('longer than 1000 characters');
    expect(mistakeIn('price > 1e999')).toBe('1e999 is greater than any DOUBLE (at character 9)');
    expect(mistakeIn(`${'('.repeat(60)}price`)).toBe('nested more than 50 deep (at character 52)');
    expect(mistakeIn(`${'not '.repeat(60)}paid`)).toContain('nested more than 50 deep');
    expect(mistakeIn(`price > ${'-'.repeat(60)}1`)).toContain('nested more than 50 deep');
    expect(namesIn(`${'not '.repeat(50)}paid`)).toEqual(['paid']);
  });
});
