import { counted } from '../core/counted.ts';
import type { Problem } from '../core/problem.ts';
import type { RowBlock } from './row-block.ts';

/** The columns that a reject file has behind those of the sender. */
export const rejectColumns = ['_line', '_column', '_value', '_rule', '_message', '_hint'] as const;

/** Between what is said of the several problems of a row. */
export const PROBLEM_SEPARATOR = ' | ';

/**
 * Stands among the rules of a row whose fields were neutralised. There, because a reject file is known by this column, so whoever
 * repairs it does not take it out.
 */
export const FORMULA_MARK = 'formula';

/**
 * The fields of a reject file by which it is seen that a row's values stand under their columns: a spreadsheet fills up short rows at
 * their end, behind what csv-hopper wrote.
 */
export interface RejectMarks {
  lineField: number;
  ruleField: number;
}

/** What makes a header that of a reject file. */
export interface RejectHeader {
  /** How many of its fields are csv-hopper's own. */
  fieldCount: number;
  /** Whether these are the last ones, as csv-hopper has written them. */
  areLast: boolean;
  marks: RejectMarks;
}

/** `name`: normalised, and not that of a column of the schema. */
export function isRejectColumn(name: string): boolean {
  return (rejectColumns as readonly string[]).includes(name);
}

/** The problem of a row of a reject file that is shifted; null where it is not. */
export function describeShifted(block: RowBlock, row: number, marks: RejectMarks): Problem | null {
  const line = textOf(block, row, marks.lineField);
  if (areMarks(line, textOf(block, row, marks.ruleField))) return null;
  return {
    line: block.lines[row]!,
    column: '_line',
    value: null,
    rule: 'field_count',
    message:
      'The values of the row are shifted: _line and _rule do not hold what csv-hopper wrote.',
    hint: shiftedHint,
  };
}

const shiftedHint = 'Put each value under its column, and leave _line and _rule as they were.';

/** The same of a row that has another number of fields than the header, and not at its end what csv-hopper wrote. */
export function describeUnmarked(line: number, fields: number, ofHeader: number): Problem {
  return {
    ...{ line, column: null, value: null, rule: 'field_count' },
    message: `The row has ${counted(fields, 'value')}, the header ${ofHeader} with those of csv-hopper.`,
    hint: shiftedHint,
  };
}

/** Of a row that has another number of fields than the header: where its marks stand, if csv-hopper's fields are whole at its end. */
export function marksAtEnd(
  fields: readonly string[],
  { fieldCount, reject }: { fieldCount: number; reject: RejectHeader },
): RejectMarks | null {
  const shift = fields.length - fieldCount;
  const lineField = reject.marks.lineField + shift;
  const ruleField = reject.marks.ruleField + shift;
  const isMarked =
    reject.areLast &&
    fields.length > reject.fieldCount &&
    areMarks(fields[lineField] ?? '', fields[ruleField] ?? '');
  return isMarked ? { lineField, ruleField } : null;
}

function areMarks(line: string, rule: string): boolean {
  return /^\s*\d{1,15}\s*$/.test(line) && /^\s*[a-z_]+( \| [a-z_]+)*\s*$/.test(rule);
}

/** Whether the fields of a row have apostrophes that their sender did not write. */
export function isNeutralised(block: RowBlock, row: number, { ruleField }: RejectMarks): boolean {
  return hasFormulaMark(textOf(block, row, ruleField));
}

/** `rules`: what stands in the column for them. */
export function hasFormulaMark(rules: string): boolean {
  return rules.trim().split(PROBLEM_SEPARATOR).includes(FORMULA_MARK);
}

function textOf({ bytes, starts, ends, fieldCount }: RowBlock, row: number, field: number): string {
  const cell = row * fieldCount + field;
  // Longer ones are neither a line nor rules.
  const end = Math.min(ends[cell]!, starts[cell]! + 1000);
  return Buffer.from(bytes.subarray(starts[cell], end)).toString('latin1');
}
