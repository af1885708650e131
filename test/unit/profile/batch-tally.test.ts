import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BatchTally } from '../../../src/profile/batch-tally.ts';
import type { ColumnTally } from '../../../src/profile/column-tally.ts';
import { estimateDistinct } from '../../../src/profile/estimate-distinct.ts';
import { columnOf as columnLike } from '../../support/loads.ts';
import { batchOf, columnOf, kernel } from '../parquet/batch-of.ts';
import { Conversions } from '../pipeline/conversions.ts';

const BOUNDS = [-10, 10] as const;

/** Texts that begin alike, some of them the beginning of others, in characters of one byte and of two. */
function textOf(n: number): string {
  return n % 3 === 0 ? 'customer.customer' : `customer.${n % 5 === 0 ? 'ä' : ''}${n}`;
}

/** The tallies of a column of numbers and of one with their texts. */
function tallyOf(numbers: (number | null)[], distinct: boolean): [ColumnTally, ColumnTally] {
  const tally = new BatchTally(kernel, 2, { bounds: { n: BOUNDS }, categories: [] });
  try {
    // Rows that were dropped have left an entry in front of the others.
    const columns = [
      { column: columnOf('n', 'BIGINT'), values: numbers, distinct, unused: [99_999] },
      {
        column: columnOf('t', 'TEXT'),
        values: numbers.map((n) => (n === null ? null : textOf(n))),
        distinct,
        unused: ['zzz', ''],
      },
    ];
    return tally.tally(batchOf(columns)) as [ColumnTally, ColumnTally];
  } finally {
    tally.close();
  }
}

/** Each of `values` numbers around zero in turn, without a pattern between neighbours; every seventh row has none. */
function rowsOf(rows: number, values: number): (number | null)[] {
  return Array.from({ length: rows }, (_, i) =>
    i % 7 === 6 ? null : (((i * 7919) % values) - (values >> 1)) * 3 + 1,
  );
}

describe.each([
  ['few', 10, 3],
  ['a count in four places', 5000, 40],
  ['as many as are counted', 6000, 1000],
  ['more', 6000, 1500],
  ['one a row', 6000, 6000],
])('%s: %d rows of %d values', (_, rows, values) => {
  test.each([
    ['share an entry', true],
    ['have entries of their own', false],
  ])('are tallied the same where equal ones %s', (__, distinct) => {
    const numbers = rowsOf(rows, values);
    const present = numbers.filter((n) => n !== null);
    const [ofNumbers, ofTexts] = tallyOf(numbers, distinct);
    const texts = present.map(textOf);
    const mean = present.reduce((sum, n) => sum + n, 0) / present.length;
    const sorted = texts.map((text) => Buffer.from(text)).sort((a, b) => Buffer.compare(a, b));
    expect(ofNumbers).toMatchObject({
      nulls: rows - present.length,
      present: present.length,
      least: BigInt(Math.min(...present)),
      greatest: BigInt(Math.max(...present)),
      numbers: {
        mean: expect.closeTo(mean, 6) as number,
        outside: present.filter((n) => n < BOUNDS[0] || n > BOUNDS[1]).length,
      },
    });
    const squares = present.reduce((sum, n) => sum + (n - mean) ** 2, 0);
    expect(ofNumbers.numbers!.squares / squares).toBeCloseTo(1, 9);
    expect(ofTexts).toMatchObject({
      present: present.length,
      least: sorted[0]!.toString(),
      greatest: sorted.at(-1)!.toString(),
      lengths: {
        min: Math.min(...texts.map(({ length }) => length)),
        max: Math.max(...texts.map(({ length }) => length)),
        characters: texts.reduce((sum, { length }) => sum + length, 0),
      },
    });
    expectValues(ofNumbers, present.map(BigInt));
    expectValues(ofTexts, texts);
  });
});

/** Exact counts up to a thousand, a sketch beyond. */
function expectValues(tally: ColumnTally, of: readonly (bigint | string)[]): void {
  const counts = new Map<bigint | string, number>();
  for (const value of of) counts.set(value, (counts.get(value) ?? 0) + 1);
  if (counts.size <= 1000) {
    const { raws, counts: found } = tally.values!;
    expect(new Map(raws.map((raw, i) => [raw, found[i]]))).toEqual(counts);
    expect(tally.registers).toBeNull();
    return;
  }
  expect(tally.values).toBeNull();
  expect(Math.abs(estimateDistinct(tally.registers!, of.length) / counts.size - 1)).toBeLessThan(
    0.05,
  );
}

test('numbers behind one that lies far from them keep their digits', () => {
  const values = [1e15, ...Array.from({ length: 7000 }, (_, n) => n % 100)];
  const [{ numbers }] = tallyOf(values, false);
  const [sum, squares] = [values, values.map((n) => n * n)].map((of) =>
    of.reduce((all, n) => all + BigInt(n), 0n),
  ) as [bigint, bigint];
  const count = BigInt(values.length);
  // In thousandths, because doubles of this size have no more digits.
  expect(Math.abs(numbers!.mean * 1000 - Number((sum * 1000n) / count))).toBeLessThan(50);
  expect(numbers!.squares / Number(squares - (sum * sum) / count)).toBeCloseTo(1, 12);
});

test('the only batch of a source has the same tally, but for what merging would need', () => {
  const columns = [{ column: columnOf('n', 'BIGINT'), values: rowsOf(500, 40), distinct: true }];
  const tally = new BatchTally(kernel, 1, { bounds: {}, categories: [] });
  try {
    const [one] = tally.tally(batchOf(columns), false) as [ColumnTally];
    const [only] = tally.tally(batchOf(columns), true) as [ColumnTally];
    expect(one.values?.cells).toHaveLength(40);
    expect(only).toEqual({ ...one, values: { ...one.values, cells: null } });
  } finally {
    tally.close();
  }
});

describe('beside a Parquet file', () => {
  let at: Conversions;
  beforeEach(() => {
    at = new Conversions();
  });
  afterEach(() => {
    at.remove();
  });

  test('a profile changes nothing in it, though both have the same extremes', () => {
    const columns = [
      ...[columnLike('few', 'INTEGER'), columnLike('many', 'BIGINT'), columnLike('t', 'TEXT')],
      ...[columnLike('f', 'DOUBLE'), columnLike('d', 'DECIMAL(30,2)'), columnLike('b', 'BOOLEAN')],
    ];
    const rows = rowsOf(6000, 6000).map((n, i) =>
      n === null
        ? `${i % 4};;;;;`
        : `${i % 4};${n};${textOf(n).repeat(1 + (i % 9))};${n / 8};${n}.25;${n > 0}`,
    );
    const content = `few;many;t;f;d;b\n${rows.join('\n')}\n`;
    const written = [undefined, { bounds: {}, categories: [] }].map((profile) => {
      const { problems } = at.convert(content, columns, { outputs: { profile } });
      expect(problems).toEqual([]);
      return readFileSync(at.parquet);
    });
    expect(written[1]!.equals(written[0]!)).toBe(true);
  });
});
