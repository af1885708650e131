import fc from 'fast-check';
import { expect, test } from 'vitest';
import { column } from '../../support/loads.ts';
import { buildBatches } from './build-batches.ts';

test.each([
  [column('c', 'BOOLEAN'), ['true', '0'], [true, false]],
  [column('c', 'TINYINT'), ['-128', '127'], [-128, 127]],
  [column('c', 'DATE'), ['1000-01-01', '9999-12-31'], [-354285, 2932896]],
  [column('c', 'FLOAT'), ['0.1', '-3e38'], [Math.fround(0.1), Math.fround(-3e38)]],
  [column('c', 'DOUBLE'), ['0.1', '5e-324'], [0.1, 5e-324]],
  [column('c', 'TIME', { fraction: 6 }), ['23:59:59.999999'], [86_399_999_999n]],
  [column('c', 'DATETIME'), ['1000-01-01 00:00:00'], [-30610224000000000n]],
  [column('c', 'DECIMAL', { precision: 9, scale: 2 }), ['-9999999.99'], [-999999999]],
  [
    column('c', 'DECIMAL', { precision: 18, scale: 0 }),
    ['-1', '9'.repeat(18)],
    [-1n, 10n ** 18n - 1n],
  ],
  [
    column('c', 'DECIMAL', { precision: 38, scale: 0 }),
    ['-1', '9'.repeat(38), `-${'9'.repeat(38)}`],
    [-1n, 10n ** 38n - 1n, -(10n ** 38n) + 1n],
  ],
  [column('c', 'TEXT'), ['é', 'x'.repeat(5000)], ['é', 'x'.repeat(5000)]],
] as const)('$type.name: the values are stored exactly', (of, cells, values) => {
  const { batches, problems } = buildBatches(
    [of],
    cells.map((cell) => [cell]),
  );
  expect(problems).toEqual([]);
  expect(batches).toEqual([[values]]);
});

test('64-bit integers are stored exactly, whichever way they are written', () => {
  const some = fc.oneof(
    fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
    fc.bigInt(-(2n ** 53n), 2n ** 53n),
    fc.bigInt(-(2n ** 33n), 2n ** 33n),
    fc.constantFrom(-1n, -(2n ** 32n), 2n ** 31n, 2n ** 32n - 1n, -(2n ** 63n)),
  );
  fc.assert(
    fc.property(fc.array(some, { minLength: 1, maxLength: 50 }), (values) => {
      const { batches } = buildBatches(
        [column('c', 'BIGINT')],
        values.map((n) => [String(n)]),
      );
      expect(batches).toEqual([[values]]);
    }),
  );
});

test('thousands of entries of every storage outgrow their first room unharmed', () => {
  const columns = [
    column('i', 'INTEGER'),
    column('b', 'BIGINT'),
    column('d', 'DECIMAL', { precision: 20, scale: 0 }),
    column('f', 'FLOAT'),
    column('t', 'VARCHAR'),
  ];
  const rows = Array.from({ length: 5000 }, (_, i) => columns.map(() => String(i * 3)));
  const [batch] = buildBatches(columns, rows, { rowGroupRows: 5000 }).batches;
  const numbers = rows.map((_, i) => i * 3);
  expect(batch?.[0]).toEqual(numbers);
  expect(batch?.[1]).toEqual(numbers.map(BigInt));
  expect(batch?.[2]).toEqual(numbers.map(BigInt));
  expect(batch?.[3]).toEqual(numbers);
  expect(batch?.[4]).toEqual(numbers.map(String));
});
