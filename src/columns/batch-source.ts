import type { ExtraField } from '../csv/header-reading.ts';
import type { RejectMarks } from '../csv/reject-columns.ts';
import type { OutlierBounds } from '../schema/expectations.ts';
import type { RejectedRows } from './rejected-rows.ts';

/** What is different for each source. */
export interface BatchSource {
  /** For each column the field of a row that holds it. */
  fieldOf: readonly number[];
  /** The fields that a column gathers; none by default. */
  extra?: readonly ExtraField[];
  /** The most rows of a batch. */
  rowsMax: number;
  /** For hashes of values; the same for all rows that are to be compared. */
  seed: number;
  /** Whether rows are compared with earlier ones. */
  compares: boolean;
  /** The columns of each unique key by which rows are compared with earlier ones; none by default. */
  keys?: readonly (readonly number[])[];
  /** Whether it has to be known where accepted rows stand, though none are compared; not by default. */
  placed?: boolean;
  /** Of columns of numbers, outside of which a cell breaks a rule; none by default. */
  bounds?: OutlierBounds | undefined;
  /** Takes the rows that broke a rule; null where nobody wants to see them. */
  rejected: RejectedRows | null;
  /** By which fields a row of a reject file is known not to be shifted; null for any other file. */
  marks: RejectMarks | null;
}
