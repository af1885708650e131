import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Column } from '../../../src/schema/column-type.ts';
import { compileExpression } from '../../../src/schema/expression/compile-expression.ts';
import { column } from '../../support/loads.ts';
import { buildBatches } from './build-batches.ts';

const cleaning = { trim: true, lowercaseValues: false };
const day = fc.constantFrom('0001-01-01', '1969-12-31', '2024-02-29', '9999-12-31');
const time = fc.constantFrom('00:00:00', '12:00:00', '23:59:59');

/** Columns that are compared with each other, and their cells: one without a value and one that is none among them. */
const groups: { columns: Column[]; cell: fc.Arbitrary<string>[] }[] = [
  {
    columns: [
      column('a', 'BIGINT'),
      column('b', 'INTEGER'),
      column('c', 'DECIMAL', { precision: 5, scale: 2 }),
      column('d', 'DECIMAL', { precision: 18, scale: 4 }),
    ],
    cell: [
      fc.constantFrom('9223372036854775807', '-9223372036854775808', '0', '1', '-1', '7', '', 'x'),
      fc.constantFrom('2147483647', '-2147483648', '0', '1', '-1', '7', '', 'x'),
      fc.constantFrom('999.99', '-999.99', '0', '1.00', '7', '7.01', '', 'x'),
      fc.constantFrom('99999999999999.9999', '-99999999999999.9999', '1', '7.0001', '', 'x'),
    ],
  },
  {
    columns: [column('a', 'DATE'), column('b', 'DATETIME'), column('c', 'DATE')],
    cell: [
      fc.oneof(day, fc.constantFrom('', 'x')),
      fc.oneof(
        fc.tuple(day, time).map((parts) => parts.join(' ')),
        fc.constantFrom('', 'x'),
      ),
      fc.oneof(day, fc.constantFrom('', 'x')),
    ],
  },
];
const opposites = { '=': '<>', '<>': '=', '<': '>=', '>=': '<', '>': '<=', '<=': '>' } as const;
const sign = fc.constantFrom(...(Object.keys(opposites) as (keyof typeof opposites)[]));

/** The lines whose rows break a check. */
function brokenLines(columns: Column[], rows: string[][], expression: string): number[] {
  const checks = [{ expression, name: null, message: null, hint: null }];
  const { problems } = buildBatches(columns, rows, { checks, blockRows: 5, rowGroupRows: 8 });
  return problems.filter(({ rule }) => rule === 'check').map(({ line }) => line);
}

const isInKernel = (expression: string, columns: Column[]): boolean =>
  compileExpression(expression, columns, cleaning).comparisons !== null;

test.each(groups)('columns are compared in the kernel as row by row', ({ columns, cell }) => {
  const name = fc.constantFrom(...columns.map((one) => one.name));
  const comparison = fc.tuple(name, sign, name);
  const conditions = fc.array(comparison, { minLength: 1, maxLength: 3 });
  const rows = fc.array(fc.tuple(...cell), { minLength: 1, maxLength: 20 });
  let inKernel = 0;
  fc.assert(
    fc.property(conditions, rows, (parts, cells) => {
      const expression = parts.map((part) => part.join(' ')).join(' and ');
      // What is negated is asked row by row.
      const opposite = parts.map(([a, of, b]) => `${a} ${opposites[of]} ${b}`).join(' or ');
      expect(isInKernel(`not (${opposite})`, columns)).toBe(false);
      if (isInKernel(expression, columns)) inKernel++;
      expect(brokenLines(columns, cells, expression)).toEqual(
        brokenLines(columns, cells, `not (${opposite})`),
      );
    }),
    { numRuns: 200 },
  );
  expect(inKernel).toBeGreaterThan(20);
});

test.each([
  ['b >= c', true],
  ['b >= c and a < b', true],
  ['b between c and d', true],
  ['a = d', false],
  ['b >= c or a < b', false],
  ['not b >= c', false],
  ['b >= 1', false],
  ['b + 1 >= c', false],
  ['b >= c and a is not null', false],
  ['b in (c, d)', false],
])('%s is left to the kernel: %s', (expression, expected) => {
  // A BIGINT times 10,000 has more than 64 bits.
  expect(isInKernel(expression, groups[0]!.columns)).toBe(expected);
});
