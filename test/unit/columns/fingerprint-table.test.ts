import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  FingerprintTable,
  NEW_ROW,
  NO_ROOM,
  REPEATED_ROW,
  type ComparedRows,
} from '../../../src/columns/fingerprint-table.ts';

const unlimited = Infinity;

function tableOf(rows: number, bytesMax = unlimited): FingerprintTable {
  return new FingerprintTable(new ArrayBuffer(FingerprintTable.bytesFor(rows, bytesMax)));
}

/** Rows that are equal where their values are; a row's position is its place in the list. */
function rowsOf(values: readonly string[]): ComparedRows {
  return { areEqual: (earlier, position) => values[earlier] === values[position] };
}

test('a row is repeated where an earlier one is equal, even if all fingerprints are the same', () => {
  const word = fc.oneof(fc.constantFrom(0, -1, 1 << 31), fc.integer());
  const fingerprint = fc.record({ first: word, second: word });
  const collidingOrNot = fc.oneof(
    fc.constant<Record<string, { first: number; second: number }>>({}),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fingerprint),
  );
  const values = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 40 });
  fc.assert(
    fc.property(values, collidingOrNot, (rows, fingerprints) => {
      const table = tableOf(rows.length);
      for (const [position, value] of rows.entries()) {
        const { first, second } = fingerprints[value] ?? { first: 7, second: 7 };
        const found = table.add(first, second, position, 1, rowsOf(rows));
        expect(found).toBe(rows.indexOf(value) < position ? REPEATED_ROW : NEW_ROW);
      }
    }),
  );
});

test('without room for a new row it still finds those that repeat a row it has', () => {
  const table = tableOf(1000, 0);
  const values = Array.from({ length: 100 }, (_, i) => String(i % 50));
  const verdicts = values.map((value, position) =>
    table.add(Number(value) * 0x9e3779b1, 0, position, 1, rowsOf(values)),
  );
  const taken = verdicts.filter((verdict) => verdict === NEW_ROW).length;
  expect(taken).toBeGreaterThan(0);
  const rest = Array.from({ length: 50 - taken }, () => NO_ROOM);
  expect(verdicts.slice(taken, 50)).toEqual(rest);
  expect(verdicts.slice(50)).toEqual([
    ...Array.from({ length: taken }, () => REPEATED_ROW),
    ...rest,
  ]);
});

test('tells the positions of rows in the first terabyte, and takes none behind it', () => {
  const asked: number[] = [];
  const rows: ComparedRows = {
    areEqual: (earlier) => {
      asked.push(earlier);
      return false;
    },
  };
  const positions = [0, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40 - 2];
  const table = tableOf(10);
  for (const position of positions) expect(table.add(1, 1, position, 1, rows)).toBe(NEW_ROW);
  asked.length = 0;
  expect(table.add(1, 1, 2 ** 40 - 1, 1, rows)).toBe(NO_ROOM);
  expect(asked).toEqual(positions);
});

test('takes the memory that is asked for, lies in a part of a larger one, and is empty when cleared', () => {
  for (const bytesMax of [1 << 10, 1 << 20]) {
    expect(FingerprintTable.bytesFor(1e9, bytesMax)).toBeLessThanOrEqual(bytesMax + 8);
  }
  const memory = new ArrayBuffer(4096);
  const table = new FingerprintTable(memory, FingerprintTable.bytesFor(10, unlimited));
  const same = rowsOf(['a', 'a', 'a']);
  expect([table.add(3, 3, 0, 1, same), table.add(3, 3, 1, 1, same)]).toEqual([
    NEW_ROW,
    REPEATED_ROW,
  ]);
  table.clear();
  expect(new Uint8Array(memory).every((byte) => byte === 0)).toBe(true);
  expect(table.add(3, 3, 2, 1, same)).toBe(NEW_ROW);
});
