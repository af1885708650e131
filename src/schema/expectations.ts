/** What happens to a file that is not as expected: it is loaded and told of, or it fails. */
export type ExpectedAction = 'warn' | 'fail';

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
  /** Single values far from those of earlier loads, by standard deviations or by distances between quartiles. */
  outliers:
    (AgainstHistory & { deviations: number | null; quartiles: number | null; max: number }) | null;
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
