import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { profileRequest } from '../../../src/pipeline/judge-load.ts';
import type { ColumnProfile, LoadProfile } from '../../../src/profile/load-profile.ts';
import { unpackProfile } from '../../../src/profile/packed-profile.ts';
import type { Column } from '../../../src/schema/column-type.ts';
import type { Dataset } from '../../../src/schema/dataset.ts';
import { compiled } from '../../support/hopper-process.ts';
import { columnOf, datasetOf } from '../../support/loads.ts';
import { Conversions } from '../pipeline/conversions.ts';

const everyType = [
  ['i', 'INTEGER'],
  ['b', 'BIGINT'],
  ['d', 'DECIMAL(9,2)'],
  ['w', 'DECIMAL(30,3)'],
  ['f', 'DOUBLE'],
  ['t', 'TEXT'],
  ['day', 'DATE'],
  ['at', 'DATETIME(3)'],
  ['clock', 'TIME'],
  ['yes', 'BOOLEAN'],
].map(([name = '', type = '']) => columnOf(name, type));
const request = { bounds: {}, categories: [] };

let at: Conversions;
beforeEach(() => {
  at = new Conversions();
});
afterEach(() => {
  at.remove();
});

function profileOf(content: string, columns: Column[], pieceBytesMax = 16 << 20): LoadProfile {
  const outputs = { profile: request };
  const { profile, problems } = at.convert(content, columns, {
    outputs,
    settings: { pieceBytesMax },
  });
  expect(problems).toEqual([]);
  return unpackProfile(profile!);
}

function only(content: string, type: string): ColumnProfile {
  return profileOf(`x\n${content}`, [columnOf('x', type)]).columns[0]!;
}

test('how many different values a unique column has is known, however many there are', () => {
  const dataset: Dataset = {
    ...datasetOf('x', []),
    profiled: true,
    uniqueKeys: [['n'], ['t', 'n']],
  };
  const asked = profileRequest(dataset, new Map());
  expect(asked).toEqual({ ...request, unique: ['n'] });
  const rows = Array.from({ length: 9000 }, (_, i) => `${i % 3000 === 7 ? '' : 7919 * i};${i}`);
  const { profile } = at.convert(
    `n;m\n${rows.join('\n')}\n`,
    [columnOf('n', 'BIGINT'), columnOf('m', 'BIGINT')],
    {
      outputs: { profile: asked },
      settings: { pieceBytesMax: 16_384 },
    },
  );
  const [n, m] = unpackProfile(profile!).columns;
  expect(n).toMatchObject({ distinct: 8997, distinctIs: 'exact', nulls: 3, top: null });
  expect(m).toMatchObject({ distinctIs: 'estimated', top: null });
});

describe('one column', () => {
  test('of whole numbers', () => {
    expect(only('3\n1\n""\n1\n10\n', 'INTEGER')).toEqual({
      name: 'x',
      type: 'INTEGER',
      nulls: 1,
      distinct: 3,
      distinctIs: 'exact',
      min: '1',
      max: '10',
      mean: 3.75,
      deviation: expect.closeTo(4.272, 3) as number,
      quartiles: [1, 1, 3],
      histogram: [2, 0, 1, 0, 0, 0, 0, 0, 0, 1],
      top: [
        { value: '1', count: 2 },
        { value: '3', count: 1 },
        { value: '10', count: 1 },
      ],
      lengths: null,
      outliers: null,
      categories: null,
    });
  });

  test('of texts, whose length is in characters', () => {
    const { min, max, lengths, mean, top } = only('zebra\nä😀\nzebra\n', 'TEXT');
    expect({ min, max, lengths, mean }).toEqual({
      ...{ min: 'zebra', max: 'ä😀', mean: null },
      lengths: { min: 2, max: 5, mean: 4 },
    });
    expect(top?.[0]).toEqual({ value: 'zebra', count: 2 });
  });

  test.each<[string, string, string, string?, (number | null)?]>([
    ['DECIMAL(10,2)', '-1.50\n2.25\n', '-1.50', '2.25', 0.375],
    ['DECIMAL(38,4)', '-0.0001\n12345678901234567890.5\n', '-0.0001', '12345678901234567890.5000'],
    ['BIGINT', '9007199254740993\n9007199254740992\n', '9007199254740992', '9007199254740993'],
    ['DATE', '2024-12-31\n1899-01-01\n', '1899-01-01', '2024-12-31', null],
    ['DATETIME(3)', '1969-12-31 23:59:59.250\n2024-05-01 06:00:00\n', '1969-12-31 23:59:59.250'],
    ['TIME', '06:30:00\n23:59:59\n', '06:30:00', '23:59:59', null],
    ['BOOLEAN', 'true\nfalse\n', 'false', 'true', null],
    ['FLOAT', '0.1\n3.4e38\n', '0.1', '3.4e+38'],
  ])('%s has its extremes as text', (type, rows, least, greatest, mean) => {
    const found = only(rows, type);
    expect(found.min).toBe(least);
    if (greatest !== undefined) expect(found.max).toBe(greatest);
    if (mean !== undefined) expect(found.mean).toBe(mean);
  });

  test('without a value has nothing to tell', () => {
    expect(only('""\n""\n', 'INTEGER')).toMatchObject({
      ...{
        nulls: 2,
        distinct: 0,
        min: null,
        mean: null,
        deviation: null,
        quartiles: null,
        top: [],
      },
    });
  });

  test('numbers close to one another far from zero lose no digits', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => `${1e15 + (i % 2)}\n`).join('');
    expect(only(rows, 'BIGINT').deviation).toBeCloseTo(0.50025, 5);
  });
});

test('counts, extremes and moments are those of the rows, in pieces of any size', () => {
  const value = fc.option(fc.integer({ min: -50, max: 50 }), { nil: null });
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 120 }),
      fc.integer({ min: 1, max: 200 }),
      (values, pieceBytesMax) => {
        const content = `i;t\n${values.map((v) => `${v ?? ''};${v === null ? 'x' : `t${v}`}\n`).join('')}`;
        const columns = [columnOf('i', 'INTEGER'), columnOf('t', 'TEXT')];
        const whole = profileOf(content, columns);
        const [numbers] = whole.columns as [ColumnProfile];
        const present = values.filter((v) => v !== null);
        const mean = present.reduce((sum, v) => sum + v, 0) / present.length;
        const squares = present.reduce((sum, v) => sum + (v - mean) ** 2, 0);
        expect(numbers.nulls).toBe(values.length - present.length);
        expect(numbers.distinct).toBe(new Set(present).size);
        if (present.length > 0) {
          expect(numbers.min).toBe(String(Math.min(...present)));
          expect(numbers.max).toBe(String(Math.max(...present)));
          expect(numbers.mean).toBeCloseTo(mean, 9);
          const sorted = present.toSorted((a, b) => a - b);
          expect(numbers.quartiles![1]).toBe(sorted[Math.ceil(sorted.length / 2) - 1]);
          expect(numbers.histogram!.reduce((sum, n) => sum + n, 0)).toBe(present.length);
        }
        if (present.length > 1) {
          expect(numbers.deviation).toBeCloseTo(Math.sqrt(squares / (present.length - 1)), 9);
        }
        const pieces = profileOf(content, columns, pieceBytesMax);
        expect(rounded(pieces)).toEqual(rounded(whole));
      },
    ),
    { numRuns: 100 },
  );
});

/** Sums of numbers differ in their last digits by the order in which they are added. */
function rounded({ rows, columns }: LoadProfile): LoadProfile {
  // Decimals, not digits: of a mean of 0 one order may leave 5e-16.
  const round = (n: number | null): number | null => n && Number(n.toFixed(9));
  return {
    rows,
    columns: columns.map((column) => ({
      ...column,
      mean: round(column.mean),
      deviation: round(column.deviation),
    })),
  };
}

describe('many different values', () => {
  const count = 40_000;
  /** Each number once, in an order that looks random. */
  const numbers = Array.from({ length: count }, (_, i) => (i * 7919) % count);

  test.each(['INTEGER', 'TEXT', 'DECIMAL(20,0)', 'DOUBLE'])('of %s are estimated', (type) => {
    const { distinct, distinctIs, top } = only(`${numbers.join('\n')}\n`, type);
    expect(distinctIs).toBe('estimated');
    expect(top).toBeNull();
    expect(Math.abs(distinct - count) / count).toBeLessThan(0.05);
  });

  test('are counted exactly up to a thousand, also where pieces have fewer', () => {
    const rows = (values: number): string =>
      Array.from({ length: 6000 }, (_, i) => `${(i * 31) % values}\n`).join('');
    for (const pieceBytesMax of [500, 16 << 20]) {
      const exact = profileOf(`x\n${rows(1000)}`, [columnOf('x', 'INTEGER')], pieceBytesMax);
      expect(exact.columns[0]).toMatchObject({ distinct: 1000, distinctIs: 'exact' });
      const more = profileOf(`x\n${rows(1001)}`, [columnOf('x', 'INTEGER')], pieceBytesMax);
      expect(more.columns[0]!.distinctIs).toBe('estimated');
      expect(Math.abs(more.columns[0]!.distinct - 1001)).toBeLessThan(50);
    }
  });

  test('have quartiles near the true ones', () => {
    const { quartiles } = only(`${numbers.join('\n')}\n`, 'INTEGER');
    for (const [i, quartile] of (quartiles as [number, number, number]).entries()) {
      expect(Math.abs(quartile / count - (i + 1) / 4)).toBeLessThan(0.05);
    }
  });
});

test('any number of threads makes the same profile', async () => {
  const rows = Array.from({ length: 6000 }, (_, i) =>
    [
      ...[i % 13, `${i}00000000`, `${i / 100}`, `${i}.125`, Math.sin(i)],
      ...[`"text ${(i * 31) % 4001}"`, `20${10 + (i % 90)}-01-02`, '2024-01-02 03:04:05.678'],
      ...['12:00:00', i % 2 === 0],
    ].join(';'),
  );
  const content = `${everyType.map(({ name }) => name).join(';')}\n${rows.join('\n')}\n`;
  const { WorkerPool } =
    await compiled<typeof import('../../../src/pipeline/worker-pool.ts')>(
      'pipeline/worker-pool.js',
    );
  const profiles: string[] = [];
  for (const threads of [1, 2, 3]) {
    const pool = new WorkerPool(threads, {
      datasets: [datasetOf('d', everyType)],
      givesWay: false,
      unpacking: { bytesMax: 1 << 30, ratioMax: 500 },
      conversion: {
        ...{ codec: 'none', rowGroupRows: 100, lineBytesMax: 1 << 20 },
        ...{ problemsMax: 10, pieceBytesMax: 50_000, fingerprintBytesMax: 1 << 20 },
      },
    });
    try {
      const expected = at.write(content);
      const outputs = {
        ...{ parquet: null, loadFile: null, metadata: {} },
        scratch: join(at.folder, '.spilled-rows'),
        decoded: join(at.folder, '.decoded'),
        profile: request,
      };
      const task = { source: at.source, expected, dataset: 'd', outputs };
      const { profile } = await pool.convert(task);
      expect(profile!.rows).toBe(6000);
      profiles.push(JSON.stringify(profile));
    } finally {
      await pool.close();
    }
  }
  expect(profiles[1]).toBe(profiles[0]);
  expect(profiles[2]).toBe(profiles[0]);
});
