import { describe, expect, test } from 'vitest';
import { judgeProfile, outlierBounds } from '../../../src/profile/judge-profile.ts';
import type { ColumnProfile, LoadProfile } from '../../../src/profile/load-profile.ts';
import { redactProfile } from '../../../src/profile/stored-profile.ts';
import type { ColumnExpectations, Expectations } from '../../../src/schema/expectations.ts';

const plain: ColumnProfile = {
  ...{ name: 'x', type: 'INTEGER', nulls: 0, distinct: 3, distinctIs: 'exact' },
  ...{ min: '1', max: '9', mean: 5, deviation: 2, quartiles: [4, 5, 6], histogram: [1] },
  ...{ top: [], lengths: null, outliers: null, categories: null },
};

function load(rows: number, column: Partial<ColumnProfile> = {}): LoadProfile {
  return { rows, columns: [{ ...plain, ...column }] };
}

function messages(expected: Partial<Expectations>, profile: LoadProfile, history: LoadProfile[]) {
  const all = { rows: null, columns: {}, arrival: null, ...expected };
  return judgeProfile(all, profile, history).map(({ message }) => message);
}

function column(expected: Partial<ColumnExpectations>): Partial<Expectations> {
  return {
    columns: { x: { nulls: null, categories: null, mean: null, outliers: null, ...expected } },
  };
}

const rows = { min: null, max: null, deviations: null, last: 10, action: 'warn' } as const;
const sixLoads = [100, 102, 98, 101, 99, 100].map((count) => load(count));

describe('rows', () => {
  test('have limits', () => {
    const expected = { rows: { ...rows, min: 10, max: 2000 } };
    expect(messages(expected, load(9), [])).toEqual([
      'The file has 9 rows, where at least 10 are expected.',
    ]);
    expect(messages(expected, load(2001), [])).toEqual([
      'The file has 2,001 rows, where at most 2,000 are expected.',
    ]);
    expect(messages(expected, load(10), [])).toEqual([]);
  });

  test('are held against the last loads', () => {
    const expected = { rows: { ...rows, deviations: 3 } };
    expect(messages(expected, load(104), sixLoads)).toEqual([]);
    expect(messages(expected, load(50), sixLoads)).toEqual([
      'The file has 50 rows, where 96 to 104 are expected (3 standard deviations of the last 6 loads).',
    ]);
  });

  test('one that is expected is not several', () => {
    const [least, most] = [{ rows: { ...rows, min: 1 } }, { rows: { ...rows, max: 1 } }];
    expect([messages(least, load(0), []), messages(most, load(2), [])].flat()).toEqual([
      'The file has 0 rows, where at least 1 is expected.',
      'The file has 2 rows, where at most 1 is expected.',
    ]);
  });

  test('have no verdict where the loads are too few', () => {
    const deviations = { ...rows, deviations: 3 };
    expect(messages({ rows: deviations }, load(1), sixLoads.slice(0, 4))).toEqual([]);
    expect(messages({ rows: { ...deviations, last: 3 } }, load(1), sixLoads.slice(0, 2))).toEqual(
      [],
    );
    expect(
      messages({ rows: { ...deviations, last: 3 } }, load(1), sixLoads.slice(0, 3)),
    ).toHaveLength(1);
  });

  test('that never differ must not differ', () => {
    const same = Array.from({ length: 5 }, () => load(7));
    expect(messages({ rows: { ...rows, deviations: 3 } }, load(7), same)).toEqual([]);
    expect(messages({ rows: { ...rows, deviations: 3 } }, load(8), same)).toHaveLength(1);
  });
});

test('a share of nulls', () => {
  const expected = column({ nulls: { max: 0.05, action: 'fail' } });
  expect(messages(expected, load(100, { nulls: 5 }), [])).toEqual([]);
  expect(messages(expected, load(100, { nulls: 6 }), [])).toEqual([
    'x has no value in 6 % of the rows (6), where at most 5 % are expected.',
  ]);
  expect(messages(expected, load(0), [])).toEqual([]);
});

describe('categories', () => {
  const expected = column({ categories: { last: 10, action: 'warn' } });
  const history = Array.from({ length: 5 }, (_, i) =>
    load(10, { categories: i === 0 ? ['a', 'b', 'rare'] : ['a', 'b'] }),
  );

  test('that are new or missing, by name only as a value', () => {
    const all = { rows: null, arrival: null, columns: expected.columns! };
    expect(judgeProfile(all, load(10, { categories: ['a', 'c', 'd'] }), history)).toEqual([
      {
        ...{ action: 'warn', column: 'x', value: 'c, d' },
        message: 'x has 2 values that none of the last 5 loads had.',
      },
      {
        ...{ action: 'warn', column: 'x', value: 'b' },
        message: 'x lacks 1 value that each of the last 5 loads had.',
      },
    ]);
    expect(messages(expected, load(10, { categories: ['a', 'b', 'rare'] }), history)).toEqual([]);
  });

  test('are found among redacted ones', () => {
    const redacted = history.map(redactProfile);
    expect(messages(expected, load(10, { categories: ['a', 'b'] }), redacted)).toEqual([]);
    expect(messages(expected, load(10, { categories: ['a', 'c'] }), redacted)).toHaveLength(2);
    expect(JSON.stringify(redacted)).not.toContain('rare');
  });

  test('too many to compare where there were few', () => {
    expect(messages(expected, load(10, { categories: null }), history)).toHaveLength(1);
  });
});

test('a mean that drifts', () => {
  const expected = column({ mean: { deviations: 3, last: 10, action: 'warn' } });
  const history = [5, 5.1, 4.9, 5, 5].map((mean) => load(10, { mean }));
  expect(messages(expected, load(10, { mean: 5.2 }), history)).toEqual([]);
  expect(messages(expected, load(10, { mean: 6 }), history)).toEqual([
    'x has a mean of 6, where 4.78787 to 5.21213 is expected (3 standard deviations of the last 5 loads).',
  ]);
  expect(messages(expected, load(10, { mean: null }), history)).toEqual([]);
  expect(messages(expected, load(10, { mean: 6, distinct: 1 }), history)).toEqual([
    'x has another mean, where 4.78787 to 5.21213 is expected (3 standard deviations of the last 5 loads).',
  ]);
});

describe('outliers', () => {
  const usual = Array.from({ length: 5 }, () => plain);
  const base = { last: 10, max: 1, action: 'warn' } as const;

  test('lie outside of what the last loads had, by deviations or quartiles', () => {
    const byDeviations = column({ outliers: { ...base, deviations: 3, quartiles: null } });
    expect(outlierBounds(byDeviations.columns!['x']!, usual)).toEqual([-1, 11]);
    const byQuartiles = column({ outliers: { ...base, deviations: null, quartiles: 1.5 } });
    expect(outlierBounds(byQuartiles.columns!['x']!, usual)).toEqual([1, 9]);
    expect(outlierBounds(byQuartiles.columns!['x']!, usual.slice(1))).toBeNull();
  });

  test('have no bounds where those are beyond what a number can be, before and after they were kept', () => {
    const expected = column({ outliers: { ...base, deviations: 3, quartiles: null } });
    for (const one of [
      { ...plain, mean: 1e200, deviation: Infinity },
      { ...plain, mean: 1e200, deviation: 1e200 },
      { ...plain, mean: 1e200, deviation: null },
    ]) {
      const history = usual.map(() => one);
      expect(outlierBounds(expected.columns!['x']!, history)).toBeNull();
    }
  });

  test('may be a few', () => {
    const expected = column({ outliers: { ...base, deviations: 3, quartiles: null } });
    const history = usual.map((one) => load(10, one));
    expect(messages(expected, load(10, { outliers: 1 }), history)).toEqual([]);
    expect(messages(expected, load(10, { outliers: 2 }), history)).toEqual([
      'x has 2 values more than 3 standard deviations from the mean of the last 5 loads, where at most 1 is expected.',
    ]);
    expect(messages(expected, load(10, { outliers: null }), history)).toEqual([]);
  });
});
