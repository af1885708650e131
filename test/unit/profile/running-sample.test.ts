import { expect, test } from 'vitest';
import { RunningSample } from '../../../src/profile/running-sample.ts';
import { sampleOf } from '../../../src/profile/value-sample.ts';

/** Of pieces with so many rows each: every value is its row's number, in an order that looks random. */
function sampleOfPieces(pieces: readonly number[], sampled: number) {
  const running = new RunningSample(200);
  const total = pieces.reduce((sum, rows) => sum + rows, 0);
  let row = 0;
  for (const rows of pieces) {
    const share = Math.max(1, rows / sampled);
    const values = Float64Array.from(
      { length: Math.round(rows / share) },
      (_, i) =>
        // 7919 has no factor in common with 100_000.
        ((row + Math.floor((i + 0.5) * share)) * 7919) % 100_000,
    );
    running.add(sampleOf(values, share));
    row += rows;
  }
  return { total, ...running.sample()! };
}

test.each([
  ['one', [60]],
  ['large', Array<number>(40).fill(2500)],
  ['of one row', Array<number>(100_000).fill(1)],
  ['growing', Array.from({ length: 400 }, (_, i) => i + 50)],
  ['shrinking', Array.from({ length: 400 }, (_, i) => 450 - i)],
  ['tiny ones behind a large one', [50_000, ...Array<number>(5000).fill(10)]],
])('pieces: %s; each row counts alike, whatever piece it is in', (_, pieces) => {
  const { values, weight, total } = sampleOfPieces(pieces, 50);
  expect(values.length).toBeLessThanOrEqual(200);
  expect(values.toSorted()).toEqual(values);
  // What is owed is less than one value.
  expect(Math.abs(values.length * weight - total)).toBeLessThan(weight + 1e-6);
  if (total < 100_000) return;
  for (const share of [0.25, 0.5, 0.75]) {
    const quantile = values[Math.floor(share * values.length)]! / 100_000;
    expect(Math.abs(quantile - share)).toBeLessThan(0.1);
  }
});
