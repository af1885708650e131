import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Column } from '../../../src/schema/column-type.ts';
import type { OutlierBounds } from '../../../src/schema/expectations.ts';
import { column } from '../../support/loads.ts';
import { Conversions } from './conversions.ts';

const diversion = { rowsMax: null, ratioMax: null };

let at: Conversions;
beforeEach(() => {
  at = new Conversions();
});
afterEach(() => {
  at.remove();
});

function convert(
  content: string,
  columns: Column[],
  diverted: OutlierBounds | undefined,
  pieceBytesMax = 1 << 24,
) {
  return at.convert(content, columns, {
    diversion,
    settings: { pieceBytesMax, rowGroupRows: 7 },
    outputs: {
      rejected: join(at.folder, '.rejects.csv'),
      profile: { bounds: {}, categories: [], ...(diverted !== undefined && { diverted }) },
    },
  });
}

test.each([
  column('x', 'INTEGER'),
  column('x', 'BIGINT'),
  column('x', 'DECIMAL', { precision: 9, scale: 2 }),
  column('x', 'DECIMAL', { precision: 15, scale: 3 }),
  column('x', 'DECIMAL', { precision: 30, scale: 2 }),
  column('x', 'FLOAT'),
  column('x', 'DOUBLE'),
])('rows whose numbers lie outside of bounds are diverted, of type %j', async (of) => {
  const values = ['-1000000', '-11', '-10', '0', '', '20', '21', '1000000'];
  const content = `x;y\n${values.map((value) => `${value};a\n`).join('')}`;
  const { counts, problems, outlierBounds } = convert(content, [of, column('y', 'CHAR')], {
    x: [-10, 20],
  });
  expect(counts).toMatchObject({ rowsAccepted: 4, rowsRejected: 4 });
  expect(problems.map(({ line, rule, column: name, value }) => [line, rule, name, value])).toEqual([
    [2, 'outlier', 'x', '-1000000'],
    [3, 'outlier', 'x', '-11'],
    [8, 'outlier', 'x', '21'],
    [9, 'outlier', 'x', '1000000'],
  ]);
  expect(problems[0]!.hint).toMatch(/^Expected: -10 to 20\. /);
  expect(outlierBounds).toEqual({ x: [-10, 20] });
  expect((await at.readParquet())['x']!.map(String)).toEqual(['-10', '0', 'null', '20']);
});

test('bounds that are sums of fractions hold the value that they are', () => {
  const sum = column('x', 'DECIMAL', { precision: 9, scale: 2 });
  const { counts } = convert('x\n10.10\n0.30\n', [sum], { x: [0.1 + 0.2, 10.1 + 1e-12] });
  expect(counts).toMatchObject({ rowsAccepted: 2 });
});

test('the first of several rules is the one of the schema, and bounds of one source are not those of the next', () => {
  const limited = {
    ...column('x', 'INTEGER'),
    rules: { min: null, max: '50', minLength: null, maxLength: null, enum: [], pattern: null },
  };
  const found = convert('x\n1\n30\n99\n', [limited], { x: [0, 20] });
  expect(found.problems.map(({ rule }) => rule)).toEqual(['outlier', 'max']);
  const next = convert('x\n1\n30\n99\n', [limited], undefined);
  expect(next.problems.map(({ rule }) => rule)).toEqual(['max']);
  expect(next.outlierBounds).toBeUndefined();
});

test('they are the same in pieces of any size, and of a reject file none is an outlier', () => {
  const columns = [column('x', 'INTEGER'), column('y', 'INTEGER')];
  const rows = Array.from({ length: 300 }, (_, i) => `${i % 10 === 3 ? 900 + i : i % 7};${i}`);
  const content = `x;y\n${rows.join('\n')}\n`;
  const whole = convert(content, columns, { x: [0, 10] });
  const rejects = readFileSync(join(at.folder, '.rejects.csv'), 'utf8');
  expect(whole.counts).toMatchObject({ rowsAccepted: 270, rowsRejected: 30 });
  for (const bytes of [20, 111]) {
    expect(convert(content, columns, { x: [0, 10] }, bytes).counts).toEqual(whole.counts);
    expect(readFileSync(join(at.folder, '.rejects.csv'), 'utf8')).toBe(rejects);
  }
  const again = convert(rejects, columns, { x: [0, 10] });
  expect(again).toMatchObject({ isRejectFile: true, counts: { rowsAccepted: 30 } });
  expect(again.outlierBounds).toBeUndefined();
});
