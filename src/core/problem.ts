/** The rules that a file, a row or a cell can break. */
export type Rule =
  | 'container'
  | 'empty_file'
  | 'encoding'
  | 'nul_byte'
  | 'line_length'
  | 'quote'
  | 'header_delimiter'
  | 'header_missing_column'
  | 'header_extra_column'
  | 'header_duplicate_column'
  | 'field_count'
  | 'nullable'
  | 'type'
  | 'range'
  | 'length'
  | 'min'
  | 'max'
  | 'min_length'
  | 'max_length'
  | 'enum'
  | 'pattern'
  | 'outlier'
  | 'check'
  | 'unique'
  | 'expectation'
  | 'invalid_rows'
  | 'database'
  | 'changed'
  | 'process_ended';

/** One broken rule. `line` counts from 1 as an editor does; 0 where the whole file is meant. */
export interface Problem {
  line: number;
  /** Name of the column, or null where no single column is at fault. */
  column: string | null;
  /** The cell as the file has it, or the database's own words, cut after 200 characters; null where there is neither. */
  value: string | null;
  rule: Rule;
  /** Of a rule across columns: the name of the check, or what it says where it has none. */
  check?: string;
  message: string;
  /** What to do, and what the value looks like where that can be told. Like the message it quotes no cell. */
  hint: string;
  /** The value as it would be accepted, where that can be told; two where it may mean either. */
  repairs?: string[];
  /** The type, as a schema writes it, under which the value would be accepted as it is. */
  fits?: string;
  /** Of a column that the schema does not know: no row that was looked at has a value for it. */
  valueless?: boolean;
  /** Of a rule across columns: what the row has in these. */
  cells?: ProblemCell[];
}

/** A cell as the file has it, cut as a problem's value is. */
export interface ProblemCell {
  column: string;
  value: string;
}

/** The problems of one rule, and of one column or one check where the cells of one are at fault. */
export interface ProblemGroup {
  rule: Rule;
  column: string | null;
  /** Of a rule across columns: as in the problem. */
  check?: string;
  count: number;
  /** The first of them in the file. */
  first: Problem;
}

/** What was found in a file, or in a part of it. Plain data, which passes between threads. */
export interface FoundProblems {
  /** The first ones. */
  problems: Problem[];
  problemsTotal: number;
  /** All of them, by the lines of their first ones. */
  groups: ProblemGroup[];
}
