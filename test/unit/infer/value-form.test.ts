import { expect, test } from 'vitest';
import { type Form, formOf, measures } from '../../../src/infer/value-form.ts';

/** The form of a text between bytes that do not belong to it. */
function form(text: string): Form {
  const bytes = Buffer.from(`9.${text}.9`);
  return formOf(bytes, 2, bytes.length - 2);
}

test.each<[Form, string[]]>([
  ['bit', ['0', '1']],
  ['whole', ['2', '-1', '10', '999999999', '-999999999', '-0']],
  ['large_whole', ['1000000000', '2147483648', '-123456789012345']],
  ['decimal', ['1.5', '-0.25', '.5', '1.', '12345678901234567890.5', '0.12345678901234567']],
  ['exponent', ['1e5', '-2.5E-3', '.5e1']],
  ['truth_word', ['true', 'FALSE', 'True']],
  ['date', ['2024-02-29', '1000-01-01']],
  ['time', ['23:59', '23:59:59', '00:00:00.123456']],
  ['datetime', ['2024-05-01 06:00:00', '2024-05-01T06:00', '2024-05-01 06:00:00.5']],
  ['far_datetime', ['1969-12-31 23:59:59', '2100-01-01 00:00:00']],
  ['instant', ['2024-05-01T06:00:00Z', '2024-05-01 06:00:00.123+02:00']],
  ['leading_zero', ['007', '-01', '00', '00.5', '01e5', '0000000000000000001']],
  ['plus_sign', ['+4930123', '+1.5', '+1e5']],
  ['long_digits', ['4111111111111111', '-1234567890123456', '9'.repeat(40)]],
  ['decimal_comma', ['1,5', '-1.234,50', '12,00']],
  ['foreign_date', ['31.12.2024', '12/31/24', '2024/12/31', '2024-1-5', '2024-02-30']],
  ['null_word', ['NA', 'n/a', 'NULL', '-', '--', '.', '?', '\\N', '#N/A', '<NA>', 'NaN']],
  [
    'text',
    [
      'a',
      'yes',
      'nA',
      'Null ',
      '1 2',
      '12 Main Street',
      '25:00',
      '1e400',
      'Infinity',
      'é',
      '1_000',
    ],
  ],
])('%s', (expected, texts) => {
  expect(texts.map((text) => [text, form(text)])).toEqual(texts.map((text) => [text, expected]));
});

test('the digits of a number are counted without its sign', () => {
  form('-123.4500');
  expect(measures).toMatchObject({ wholeDigits: 3, fractionDigits: 4, isExactDouble: true });
  form('0.1234567890123456789');
  expect(measures).toMatchObject({ wholeDigits: 1, fractionDigits: 19, isExactDouble: false });
});

test.each([
  ['12:00', 0],
  ['12:00:00.000000', 0],
  ['12:00:00.5', 3],
  ['12:00:00.1234', 6],
])('the seconds of %s need %i digits', (text, digits) => {
  form(text);
  expect(measures.secondDigits).toBe(digits);
});
