import type { ColumnProfile } from './load-profile.ts';

/** A column of numbers with enough values to tell how far they spread. */
export interface UsualValues extends ColumnProfile {
  mean: number;
  deviation: number;
  quartiles: [number, number, number];
}

export function usualValues(column: ColumnProfile): column is UsualValues {
  const { mean, deviation, quartiles } = column;
  // Of values near the ends of a DOUBLE they may be beyond it; a profile that was kept has null for them.
  return Number.isFinite(mean) && Number.isFinite(deviation) && Number.isFinite(quartiles?.[0]);
}

/** With n - 1; the deviation of one value is 0. */
export function meanAndDeviation(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / Math.max(1, values.length - 1)) };
}

/**
 * What is usual in several loads, each of which counts the same, however many rows it has: the mean and deviation of all their
 * values, and the medians of their quartiles.
 */
export function pooled(columns: readonly UsualValues[]): {
  mean: number;
  deviation: number;
  lower: number;
  upper: number;
} {
  const mean = meanAndDeviation(columns.map((column) => column.mean)).mean;
  const variance =
    columns.reduce((sum, column) => sum + column.deviation ** 2 + (column.mean - mean) ** 2, 0) /
    columns.length;
  return {
    mean,
    deviation: Math.sqrt(variance),
    lower: median(columns.map(({ quartiles }) => quartiles[0])),
    upper: median(columns.map(({ quartiles }) => quartiles[2])),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
