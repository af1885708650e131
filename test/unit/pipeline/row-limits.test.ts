import { expect, test } from 'vitest';
import { noRows } from '../../../src/core/load.ts';
import { checkLimits } from '../../../src/pipeline/row-limits.ts';

function verdict(rowsRejected: number, rowsRead: number, byTable = false): string | undefined {
  const counts = { ...noRows, rowsRead, rowsRejected };
  return checkLimits(counts, { rowsMax: 0, ratioMax: null }, byTable)?.message;
}

test('rows beyond the limit are counted, and one is not several', () => {
  const limit = 'and max_invalid_rows is 0.';
  expect(verdict(1, 1)).toBe(`1 of 1 row breaks the schema, ${limit}`);
  expect(verdict(1, 3)).toBe(`1 of 3 rows breaks the schema, ${limit}`);
  expect(verdict(2, 3)).toBe(`2 of 3 rows break the schema, ${limit}`);
  expect(verdict(1, 3, true)).toBe(
    `At least 1 of 3 rows breaks the schema or is refused by the table, ${limit}`,
  );
  const counts = { ...noRows, rowsRead: 1, rowsRejected: 1 };
  expect(checkLimits(counts, { rowsMax: null, ratioMax: null })?.message).toBe(
    'Its only row breaks the schema.',
  );
});
