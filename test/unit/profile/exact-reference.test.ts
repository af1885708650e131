import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BatchTally } from '../../../src/profile/batch-tally.ts';
import { loadProfile, type ColumnProfile } from '../../../src/profile/load-profile.ts';
import { TallyMerger } from '../../../src/profile/tally-merger.ts';
import type { Column } from '../../../src/schema/column-type.ts';
import { batchOf, columnOf, kernel } from '../parquet/batch-of.ts';

// A profile against one that is made of all values at once, without a kernel, batches, or sums of distances.

type Raw = number | bigint | string;
type Rows = (Raw | null)[];

interface Case {
  column: Column;
  /** Batches in their order, each with a value for each row. */
  batches: Rows[];
  /** Whether equal values share an entry. */
  distinct: boolean;
  bounds: [number, number];
}

/** Some types, with values far apart, close to one another far from zero, and often equal. */
const types: [Column, fc.Arbitrary<Raw>][] = [
  [columnOf('x', 'INTEGER'), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })],
  [columnOf('x', 'SMALLINT'), fc.integer({ min: -3, max: 3 })],
  [columnOf('x', 'BIGINT'), fc.bigInt({ min: 10n ** 15n, max: 10n ** 15n + 9n })],
  [
    columnOf('x', 'DECIMAL', true, { precision: 30, scale: 2 }),
    fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
  ],
  [columnOf('x', 'DOUBLE'), fc.double({ min: -1e6, max: 1e6, noNaN: true })],
  [columnOf('x', 'FLOAT'), fc.integer({ min: -400, max: 400 }).map((n) => n / 8)],
  [
    columnOf('x', 'TEXT'),
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.nat(20).map((n) => `customer.customer${'é'.repeat(n % 3)}${n}`),
    ),
  ],
];

const cases: fc.Arbitrary<Case> = fc
  .constantFrom(...types)
  .chain(([column, value]) =>
    fc.record({
      column: fc.constant(column),
      pool: fc.array(value, { minLength: 1, maxLength: 40 }),
      picks: fc.array(
        fc.array(fc.option(fc.nat(), { nil: null }), { minLength: 1, maxLength: 90 }),
        {
          minLength: 1,
          maxLength: 4,
        },
      ),
      distinct: fc.boolean(),
      bounds: fc.tuple(fc.integer({ min: -50, max: 0 }), fc.integer({ min: 0, max: 50 })),
    }),
  )
  .map(({ column, pool, picks, distinct, bounds }) => ({
    ...{ column, distinct, bounds },
    batches: picks.map((rows) =>
      rows.map((pick) => (pick === null ? null : pool[pick % pool.length]!)),
    ),
  }));

function profileOf({ column, batches, distinct, bounds }: Case): ColumnProfile {
  const request = { bounds: { x: bounds }, categories: ['x'] };
  const tally = new BatchTally(kernel, 1, request);
  const merger = new TallyMerger([column]);
  try {
    for (const [piece, values] of batches.entries()) {
      const isOnly = batches.length === 1;
      merger.add(piece, [tally.tally(batchOf([{ column, values, distinct }]), isOnly)]);
    }
    return loadProfile([column], merger.tallies(), batches.flat().length, request).columns[0]!;
  } finally {
    tally.close();
  }
}

test('what is exact is that of all rows at once, for any type, batches and sharing of entries', () => {
  fc.assert(
    fc.property(cases, (of) => {
      const { column, batches, bounds } = of;
      const rows = batches.flat();
      const present = rows.filter((value) => value !== null);
      const profile = profileOf(of);
      const counts = new Map<Raw, number>();
      for (const value of present) counts.set(value, (counts.get(value) ?? 0) + 1);
      expect(profile.nulls).toBe(rows.length - present.length);
      expect([profile.distinct, profile.distinctIs]).toEqual([counts.size, 'exact']);
      expect(profile.categories).toHaveLength(counts.size);
      const most = [...counts.values()].sort((a, b) => b - a).slice(0, 5);
      expect(profile.top?.map(({ count }) => count)).toEqual(most);
      if (column.type.name === 'TEXT') expectTexts(profile, present as string[]);
      else expectNumbers(profile, present as (number | bigint)[], column, bounds);
    }),
    { numRuns: 300 },
  );
});

function expectTexts(profile: ColumnProfile, texts: string[]): void {
  if (texts.length === 0) return;
  const sorted = texts.map((text) => Buffer.from(text)).sort((a, b) => Buffer.compare(a, b));
  expect([profile.min, profile.max]).toEqual([String(sorted[0]), String(sorted.at(-1))]);
  const lengths = texts.map((text) => Array.from(text).length);
  expect(profile.lengths).toEqual({
    ...{ min: Math.min(...lengths), max: Math.max(...lengths) },
    mean: lengths.reduce((sum, n) => sum + n, 0) / lengths.length,
  });
}

function expectNumbers(
  profile: ColumnProfile,
  raws: (number | bigint)[],
  { type }: Column,
  [low, high]: [number, number],
): void {
  const unit = 10 ** type.scale;
  const sorted = raws.map((raw) => Number(raw)).sort((a, b) => a - b);
  const count = sorted.length;
  const outside = sorted.filter((n) => n < low * unit || n > high * unit);
  expect(profile.outliers).toBe(outside.length);
  if (count === 0) {
    expect(profile).toMatchObject({ min: null, max: null, mean: null, quartiles: null });
    return;
  }
  expect([Number(profile.min), Number(profile.max)]).toEqual(
    [sorted[0]!, sorted.at(-1)!].map((n) => expect.closeTo(n / unit, 6) as number),
  );
  const quartiles = [0.25, 0.5, 0.75].map((share) => sorted[Math.ceil(share * count) - 1]! / unit);
  // The two zeros are one value.
  const zeroed = (numbers: number[]): number[] => numbers.map((n) => n + 0);
  expect(zeroed(profile.quartiles as number[])).toEqual(zeroed(quartiles));
  expect(profile.histogram!.reduce((sum, n) => sum + n, 0)).toBe(count);
  // Sums of distances from the least, by which no digits are lost here either.
  const distances = sorted.map((n) => n - sorted[0]!);
  const mean = distances.reduce((sum, n) => sum + n, 0) / count;
  const squares = distances.reduce((sum, n) => sum + (n - mean) ** 2, 0);
  // A mean is no nearer than numbers of its size are to one another, and so are the distances between means of batches.
  const furthest = Math.max(...sorted.map(Math.abs));
  const nearness = 1e-9 * Math.max(1, ...distances) + 4 * Number.EPSILON * furthest;
  expect(Math.abs(profile.mean! * unit - sorted[0]! - mean)).toBeLessThan(nearness);
  if (count === 1) expect(profile.deviation).toBeNull();
  else {
    const deviation = Math.sqrt(squares / (count - 1));
    expect(Math.abs(profile.deviation! * unit - deviation)).toBeLessThan(nearness);
  }
}

test.each([
  ['next to zero', [0, -5e-324, null]],
  ['as far apart as can be', [-1.7e308, 1.7e308, 1]],
])('numbers %s are all in the histogram', (_, values) => {
  const bounds: [number, number] = [0, 0];
  const of = { column: columnOf('x', 'DOUBLE'), batches: [values], distinct: false, bounds };
  const count = values.filter((value) => value !== null).length;
  expect(profileOf(of).histogram!.reduce((sum, n) => sum + n, 0)).toBe(count);
});

/** Odd factors that have none in common with the number of registers, so that each seed gives other values. */
const seeds = [1, 7919, 104_729, 1_299_709, 15_485_863, 32_452_843, 49_979_687, 67_867_967];

test.each([
  [1500, 0.065],
  [4000, 0.065],
  [20_000, 0.065],
  [200_000, 0.065],
])(
  'of %d different values the number that is estimated is within four usual errors, over eight draws',
  (distinct, bound) => {
    const column = columnOf('x', 'BIGINT');
    const errors = seeds.map((seed) => {
      const values = Array.from({ length: distinct }, (_, i) => BigInt(i) * BigInt(seed));
      const batches = [values.slice(0, distinct / 2), values.slice(distinct / 4)];
      const profile = profileOf({ column, batches, distinct: false, bounds: [0, 0] });
      expect(profile.distinctIs).toBe('estimated');
      return profile.distinct / distinct - 1;
    });
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(bound);
    const usual = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
    // 1.6 %, with room for chance in a few draws.
    expect(usual).toBeLessThan(0.032);
  },
);
