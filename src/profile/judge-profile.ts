import { counted } from '../core/counted.ts';
import { groupedDigits } from '../core/grouped-digits.ts';
import type {
  ColumnExpectations,
  ExpectedAction,
  Expectations,
  RowExpectation,
} from '../schema/expectations.ts';
import { meanAndDeviation, pooled, usualValues } from './history.ts';
import type { ColumnProfile, LoadProfile } from './load-profile.ts';
import { digestOf } from './stored-profile.ts';

/** One expectation that a file does not meet. The message quotes no value of the file. */
export interface Surprise {
  action: ExpectedAction;
  column: string | null;
  message: string;
  /** Values of the file, or of the loads before, that it is about; null where it is not about single ones. */
  value: string | null;
}

/** Fewer loads than this, or than the expectation looks back, say nothing. */
const HISTORY_MIN = 5;

/**
 * What is not as expected of a load. `history`: the profiles of the loads before it, the latest last. The same profile and history
 * give the same answer; where the history is too short an expectation has none.
 */
export function judgeProfile(
  { rows, columns }: Expectations,
  profile: LoadProfile,
  history: readonly LoadProfile[],
): Surprise[] {
  const ofColumns = profile.columns.flatMap((column) => {
    const expected = columns[column.name];
    if (expected === undefined) return [];
    const before = history.map((load) => load.columns.find(({ name }) => name === column.name));
    return judgeColumn(expected, column, profile.rows, before);
  });
  return [...(rows === null ? [] : judgeRows(rows, profile.rows, history)), ...ofColumns];
}

/** The last loads that have what is asked for, or none where they are too few. */
export function enough<T>(found: readonly T[], last: number): readonly T[] {
  const latest = found.slice(-last);
  return latest.length < Math.min(last, HISTORY_MIN) ? [] : latest;
}

function judgeRows(
  { min, max, deviations, last, action }: RowExpectation,
  rows: number,
  history: readonly LoadProfile[],
): Surprise[] {
  const say = (expected: string, are = 'are', why = ''): Surprise[] => [
    {
      ...{ action, column: null, value: null },
      message: `The file has ${counted(rows, 'row')}, where ${expected} ${are} expected${why}.`,
    },
  ];
  if (min !== null && rows < min) return say(`at least ${groupedDigits(min)}`, areOf(min));
  if (max !== null && rows > max) return say(`at most ${groupedDigits(max)}`, areOf(max));
  const before = enough(history, last).map((load) => load.rows);
  if (deviations === null || before.length === 0) return [];
  const usual = usualRange(before, deviations);
  if (isWithin(rows, usual)) return [];
  const [least, most] = [Math.max(0, Math.ceil(usual.low)), Math.floor(usual.high)];
  return say(
    `${groupedDigits(least)} to ${groupedDigits(most)}`,
    'are',
    ` (${times(deviations)} of the last ${before.length} loads)`,
  );
}

function judgeColumn(
  expected: ColumnExpectations,
  column: ColumnProfile,
  rows: number,
  history: readonly (ColumnProfile | undefined)[],
): Surprise[] {
  const before = history.filter((load) => load !== undefined);
  return [
    ...judgeNulls(expected, column, rows),
    ...judgeCategories(expected, column, before),
    ...judgeMean(expected, column, before),
    ...judgeOutliers(expected, column, before),
  ];
}

function judgeNulls(
  { nulls }: ColumnExpectations,
  { name, nulls: found }: ColumnProfile,
  rows: number,
): Surprise[] {
  if (nulls === null || found <= nulls.max * rows) return [];
  const message = `${name} has no value in ${percent(found / rows)} of the rows (${groupedDigits(found)}), where at most ${percent(nulls.max)} are expected.`;
  return [{ action: nulls.action, column: name, message, value: null }];
}

function judgeCategories(
  { categories: expected }: ColumnExpectations,
  { name, categories }: ColumnProfile,
  history: readonly ColumnProfile[],
): Surprise[] {
  if (expected === null) return [];
  const { action, last } = expected;
  const before = enough(
    history.flatMap((load) => (load.categories === null ? [] : [load.categories])),
    last,
  );
  if (before.length === 0) return [];
  const loads = `the last ${before.length} loads`;
  if (categories === null) {
    const message = `${name} has more different values than are compared, where ${loads} had few.`;
    return [{ action, column: name, message, value: null }];
  }
  const digests = before.map((values) => new Set(values.map(digestOf)));
  const here = new Set(categories.map(digestOf));
  const fresh = categories.filter((value) => !digests.some((load) => load.has(digestOf(value))));
  const gone = before[0]!.filter((value) => {
    const digest = digestOf(value);
    return !here.has(digest) && digests.every((load) => load.has(digest));
  });
  const say = (values: readonly string[], what: string): Surprise[] => {
    if (values.length === 0) return [];
    const count = counted(values.length, 'value');
    return [
      {
        action,
        column: name,
        message: `${name} ${what.replace('#', count)}`,
        value: listed(values),
      },
    ];
  };
  return [
    ...say(fresh, `has # that none of ${loads} had.`),
    ...say(gone, `lacks # that each of ${loads} had.`),
  ];
}

function judgeMean(
  { mean: expected }: ColumnExpectations,
  { name, mean, distinct }: ColumnProfile,
  history: readonly ColumnProfile[],
): Surprise[] {
  if (expected === null || mean === null) return [];
  const { deviations, last, action } = expected;
  const before = enough(
    history.flatMap((load) => load.mean ?? []),
    last,
  );
  if (before.length === 0) return [];
  const usual = usualRange(before, deviations);
  if (isWithin(mean, usual)) return [];
  // That of one value, however often it comes, is the value.
  const found = distinct > 1 ? `a mean of ${shortNumber(mean)}` : 'another mean';
  const message = `${name} has ${found}, where ${shortNumber(usual.low)} to ${shortNumber(usual.high)} is expected (${times(deviations)} of the last ${before.length} loads).`;
  return [{ action, column: name, message, value: null }];
}

function judgeOutliers(
  { outliers: expected }: ColumnExpectations,
  { name, outliers }: ColumnProfile,
  history: readonly ColumnProfile[],
): Surprise[] {
  if (expected === null || outliers === null || outliers <= expected.max) return [];
  const { deviations, quartiles, action, max, last } = expected;
  // They are rejected row by row, and are not in the profile.
  if (action === 'divert') return [];
  const { length } = enough(history.filter(usualValues), last);
  const far =
    deviations === null
      ? `more than ${quartiles ?? 0} times the distance of the quartiles outside of them`
      : `more than ${times(deviations)} from the mean`;
  const count = counted(outliers, 'value');
  const message = `${name} has ${count} ${far} of the last ${length} loads, where at most ${groupedDigits(max)} ${areOf(max)} expected.`;
  return [{ action, column: name, message, value: null }];
}

interface Range {
  low: number;
  high: number;
}

function usualRange(values: readonly number[], deviations: number): Range {
  const { mean, deviation } = meanAndDeviation(values);
  return { low: mean - deviations * deviation, high: mean + deviations * deviation };
}

/** Sums of equal numbers may differ in their last digits. */
function isWithin(value: number, { low, high }: Range): boolean {
  const slack = 1e-9 * Math.max(Math.abs(low), Math.abs(high));
  return value >= low - slack && value <= high + slack;
}

/** The values outside of which those of the next load count as outliers; null where the history is too short. */
export function outlierBounds(
  { outliers }: ColumnExpectations,
  history: readonly ColumnProfile[],
): [number, number] | null {
  if (outliers === null) return null;
  const { deviations, quartiles, last } = outliers;
  const before = enough(history.filter(usualValues), last);
  if (before.length === 0) return null;
  const { mean, deviation, lower, upper } = pooled(before);
  const distance = (quartiles ?? 0) * (upper - lower);
  const bounds: [number, number] =
    deviations === null
      ? [lower - distance, upper + distance]
      : [mean - deviations * deviation, mean + deviations * deviation];
  return bounds.every(Number.isFinite) ? bounds : null;
}

function areOf(count: number): string {
  return count === 1 ? 'is' : 'are';
}

function times(deviations: number): string {
  return `${deviations} standard deviation${deviations === 1 ? '' : 's'}`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}

function shortNumber(value: number): string {
  return String(Number(value.toPrecision(6)));
}

const VALUE_CHARACTERS = 200;

function listed(values: readonly string[]): string {
  const all = values.filter((value) => digestOf(value) !== value).join(', ');
  return Array.from(all).slice(0, VALUE_CHARACTERS).join('');
}
