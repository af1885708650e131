import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Problem } from '../../../src/core/problem.ts';
import { describeCell } from '../../../src/columns/describe-cell.ts';
import { RowScanner } from '../../../src/csv/row-scanner.ts';
import { usualFormat } from '../../../src/schema/cell-format.ts';
import { BROKEN_TYPE } from '../../../src/schema/value-parser.ts';
import { column, columnOf } from '../../support/loads.ts';

/** The problem in the second field of a row of two. */
function problemOfSecond(first: string, second = 'x', of = column('b', 'INTEGER')): Problem {
  const scanner = new RowScanner({
    delimiter: 44,
    fieldCount: 2,
    rowsMax: 9,
    line: 1,
    onFault: ({ rule }) => {
      throw new Error(rule);
    },
  });
  const bytes = Buffer.from(`"${first.replaceAll('"', '""')}",${second}\n`);
  scanner.scan(bytes, 0, bytes.length, true);
  const columns = [column('a', 'TEXT'), of];
  const fault = { row: 0, column: 1, verdict: BROKEN_TYPE };
  return describeCell(fault, scanner.block, 0, columns, [0, 1]);
}

test('a cell is on the line where it stands, behind line ends and quotes of every kind', () => {
  const parts = fc.array(fc.constantFrom('\n', '\r', '"', '"', 'a'), { maxLength: 8 });
  fc.assert(
    fc.property(parts, (symbols) => {
      const first = symbols.join('');
      expect(problemOfSecond(first).line).toBe(1 + (first.match(/\r\n|\r|\n/g)?.length ?? 0));
    }),
    // What undoing doubled quotes leaves behind a cell must not be taken for the LF of its last CR.
    { numRuns: 2000, examples: [[['"', '"', '\n', '\r']]] },
  );
});

test('a cell of a column with a format is repaired in that, and fits no other type by it', () => {
  const sold = { ...column('sold', 'DATE'), format: { ...usualFormat, temporal: '%d.%m.%Y' } };
  const problem = problemOfSecond('', '2025-12-31', sold);
  expect(problem).toMatchObject({
    repairs: ['31.12.2025'],
    hint: 'Expected: a DATE written as %d.%m.%Y, such as 31.12.2024. It looks like a date as year-month-day.',
  });
  expect(problemOfSecond('', '2025-12-31 10:15', sold)).not.toHaveProperty('fits');
});

test('a cell that is written by the format of its column fits the type that holds its value', () => {
  const comma = { ...usualFormat, decimalChar: ',', groupChar: '.' };
  const price = { ...columnOf('price', 'DECIMAL(5,2)'), format: comma };
  expect(problemOfSecond('', '"12.345,678"', price)).toMatchObject({ fits: 'DECIMAL(8,3)' });
  expect(problemOfSecond('', '12345.678', price)).not.toHaveProperty('fits');
  const count = { ...column('n', 'INTEGER'), format: { ...usualFormat, groupChar: ' ' } };
  expect(problemOfSecond('', '9 999 999 999', count)).toMatchObject({ fits: 'BIGINT' });
});

test('words for no value are no other writing of values', () => {
  const count = { ...column('n', 'INTEGER'), format: { ...usualFormat, missingValues: ['none'] } };
  expect(problemOfSecond('', '5.0', count)).toMatchObject({ repairs: ['5'] });
  expect(problemOfSecond('', '5000000000', count)).toMatchObject({ fits: 'BIGINT' });
});
