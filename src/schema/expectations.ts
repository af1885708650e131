/** What happens to a file that is not as expected: it is loaded and told of, or it fails. */
export type ExpectedAction = 'warn' | 'fail';

/** By column: the least and the greatest number that is no outlier, in the unit of the column. */
export type OutlierBounds = Readonly<Record<string, readonly [number, number]>>;

/** Held against the last loads: `deviations` standard deviations from their mean are usual. */
interface AgainstHistory {
  /** How many loads before this one. */
  last: number;
  action: ExpectedAction;
}

export interface RowExpectation extends AgainstHistory {
  min: number | null;
  max: number | null;
  deviations: number | null;
}

export interface ColumnExpectations {
  /** `max`: the share of rows without a value that is usual, 0 to 1. */
  nulls: { max: number; action: ExpectedAction } | null;
  /** Values that no earlier load had, and such that each of them had. */
  categories: AgainstHistory | null;
  mean: (AgainstHistory & { deviations: number }) | null;
  /** Single values far from those of earlier loads. */
  outliers: OutlierExpectation | null;
}

/** By standard deviations or by distances between quartiles. `divert`: the rows that have such values are diverted, whatever `max` is. */
export interface OutlierExpectation extends Omit<AgainstHistory, 'action'> {
  deviations: number | null;
  quartiles: number | null;
  max: number;
  action: ExpectedAction | 'divert';
}

/** When files come. */
export interface ArrivalExpectation {
  everyDays: number;
  /** Minutes of the day. */
  by: number;
  /** An IANA name. */
  timezone: string;
}

/** What a dataset expects of its files as a whole. Plain data, which passes between threads. */
export interface Expectations {
  rows: RowExpectation | null;
  /** By column. */
  columns: Record<string, ColumnExpectations>;
  arrival: ArrivalExpectation | null;
}

/** The most loads that one of them looks back. */
export function historyLoads({ rows, columns }: Expectations): number {
  const each = Object.values(columns).flatMap(({ categories, mean, outliers }) => [
    categories,
    mean,
    outliers,
  ]);
  return Math.max(0, ...[rows, ...each].map((expectation) => expectation?.last ?? 0));
}
