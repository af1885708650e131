import { describe, expect, test } from 'vitest';
import { typeText } from '../../../src/schema/type-text.ts';
import { typeFor, typeForLength, widest } from '../../../src/schema/wider-type.ts';
import { columnOf } from '../../support/loads.ts';

describe('the type for a value', () => {
  test.each([
    ['TINYINT', '200', 'SMALLINT'],
    ['INTEGER', '3000000000', 'BIGINT'],
    ['INTEGER', '1.5', 'DECIMAL(11,1)'],
    ['BIGINT', '9223372036854775808', 'DECIMAL(19,0)'],
    ['DECIMAL(10,2)', '1.234', 'DECIMAL(11,3)'],
    ['DECIMAL(10,2)', '1234567890', 'DECIMAL(12,2)'],
    ['FLOAT', '1e300', 'DOUBLE'],
    ['DATE', '2025-12-31 10:15:00', 'DATETIME'],
    ['DATETIME', '2025-12-31 10:15:00.123', 'DATETIME(3)'],
    ['DATETIME', '2025-12-31 10:15:00Z', 'TIMESTAMP'],
    ['TIMESTAMP', '2050-12-31 10:15:00', 'DATETIME'],
  ])('of a column of %s with %s is %s', (type, text, expected) => {
    const found = typeFor(columnOf('a', type).type, text);
    expect(found === null ? null : typeText(found)).toBe(expected);
  });

  test.each([
    ['INTEGER', 'seventeen'],
    ['DATE', '31.12.2025'],
    ['DECIMAL(38,0)', '1.5'],
    ['DECIMAL(10,2)', '0.30000000000000004'],
    ['BOOLEAN', '2'],
  ])('of a column of %s with %s is not guessed', (type, text) => {
    expect(typeFor(columnOf('a', type).type, text)).toBeNull();
  });
});

test('the type for a longer text has a round length, until only the larger types hold it', () => {
  const of = (type: string, characters: number, bytes = characters): string =>
    typeText(typeForLength(columnOf('a', type).type, characters, bytes));
  expect(of('VARCHAR(20)', 31)).toBe('VARCHAR(40)');
  expect(of('CHAR(2)', 3)).toBe('CHAR(10)');
  expect(of('CHAR(2)', 300)).toBe('VARCHAR(300)');
  expect(of('VARCHAR(20)', 20_000)).toBe('TEXT');
  expect(of('TEXT', 70_000)).toBe('MEDIUMTEXT');
  expect(of('MEDIUMTEXT', 17_000_000)).toBe('LONGTEXT');
});

test.each([
  ['VARCHAR(40)', 'VARCHAR(60)', 'VARCHAR(60)'],
  ['CHAR(200)', 'VARCHAR(60)', 'VARCHAR(200)'],
  ['VARCHAR(60)', 'TEXT', 'TEXT'],
  ['BIGINT', 'INTEGER', 'BIGINT'],
  ['BIGINT', 'DECIMAL(11,1)', 'DECIMAL(20,1)'],
  ['DECIMAL(11,3)', 'DECIMAL(12,2)', 'DECIMAL(13,3)'],
  ['DATETIME(3)', 'DATETIME(6)', 'DATETIME(6)'],
  ['DATETIME', 'TIMESTAMP', null],
])('the widest of %s and %s is %s', (a, b, expected) => {
  const found = widest(columnOf('a', a).type, columnOf('b', b).type);
  expect(found === null ? null : typeText(found)).toBe(expected);
});
