/** The rules that a file, a row or a cell can break. */
export type Rule =
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
  message: string;
  hint: string;
}
