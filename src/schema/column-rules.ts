/**
 * What the values of a column have to fulfil besides their type. Values stand in the canonical text of the column's type, cleaned
 * as its cells are. Null, or an empty list: no such rule.
 */
export interface ColumnRules {
  min: string | null;
  max: string | null;
  /** In Unicode code points. */
  minLength: number | null;
  maxLength: number | null;
  enum: readonly string[];
  /** A regular expression that the whole value matches: see pattern/parse-pattern.ts. */
  pattern: string | null;
}

/**
 * The rules that an entry can break, in the order in which they are asked; the first that it breaks is reported. `outlier` is none of
 * the schema: it is about bounds that the last loads give.
 */
export const valueRules = [
  'min',
  'max',
  'min_length',
  'max_length',
  'enum',
  'pattern',
  'outlier',
] as const;
export type ValueRule = (typeof valueRules)[number];

export const noRules: ColumnRules = {
  min: null,
  max: null,
  minLength: null,
  maxLength: null,
  enum: [],
  pattern: null,
};
