import { createHash } from 'node:crypto';
import type { LoadIdentity } from '../core/load.ts';
import type { OutlierBounds } from '../schema/expectations.ts';
import type { ColumnProfile, LoadProfile } from './load-profile.ts';
import type { PackedProfile } from './packed-profile.ts';

/** The profile of a load as the journal has it, beside the receipts. */
export interface StoredProfile
  extends LoadProfile, Pick<LoadIdentity, 'loadId' | 'dataset' | 'file'> {
  /** ISO 8601, UTC: when it was made. */
  time: string;
  /** What was not as expected, without a value of the file. */
  warnings: string[];
  /** How often the load had been taken back or given way by then. Left out: never. */
  ends?: number;
  /** By which rows of it were diverted, and would be again. Left out: by none. */
  outlierBounds?: OutlierBounds;
}

/** The same with its columns as the journal has them. */
export type PackedStoredProfile = Omit<StoredProfile, 'columns'> & PackedProfile;

const DIGEST = 'sha256:';

/**
 * Without what stands in cells: the most frequent values, the extremes of texts, and categories, of which digests are kept that can
 * be compared. Who guesses a value can tell whether it is there, which is why the journal is for its owner alone.
 */
export function redactProfile({ rows, columns }: LoadProfile): LoadProfile {
  return { rows, columns: columns.map(redactColumn) };
}

function redactColumn(column: ColumnProfile): ColumnProfile {
  const isText = column.lengths !== null || column.mean === null;
  return {
    ...column,
    ...(isText && column.quartiles === null && { min: null, max: null }),
    top: null,
    categories: column.categories?.map(digestOf) ?? null,
  };
}

/** By which a category of one load is found among those of another, redacted or not. */
export function digestOf(category: string): string {
  if (category.startsWith(DIGEST)) return category;
  return `${DIGEST}${createHash('sha256').update(category).digest('hex').slice(0, 16)}`;
}
