import { isUtf8 } from 'node:buffer';
import type { Problem } from '../core/problem.ts';
import type { RowBlock } from '../csv/row-block.ts';
import type { Column } from '../schema/column-type.ts';
import { expectedCell } from '../schema/cell-parser.ts';
import { typeText } from '../schema/type-text.ts';
import { BROKEN_LENGTH, BROKEN_RANGE } from '../schema/value-parser.ts';
import { describeRule } from './describe-rule.ts';
import { ruleOf } from './entry-rules.ts';

/** How much of a cell a report shows, in characters. */
const VALUE_MAX = 200;

/** A cell that broke a rule, found in a piece of a block: `row` counts from the piece's first row. */
export interface CellFault {
  row: number;
  column: number;
  /** A verdict of a parser or a rule, or 1: the cell has no value and the column needs one. */
  verdict: number;
}

const NO_VALUE = 1;

/** The problem to report for a cell. `from`: the row of the block that the piece starts with. */
export function describeCell(
  fault: CellFault,
  block: RowBlock,
  from: number,
  columns: readonly Column[],
  fieldOf: readonly number[],
): Problem {
  const column = columns[fault.column]!;
  const place = locate(block, from + fault.row, fieldOf[fault.column]!, column);
  const { type } = column;
  const expected = expectedCell(column);
  if (fault.verdict === NO_VALUE) {
    return {
      ...place,
      rule: 'nullable',
      message: `${column.name} has no value and must have one.`,
      hint: `Fill in ${expected}.`,
    };
  }
  const rule = ruleOf(fault.verdict);
  if (rule !== undefined) return { ...place, ...describeRule(rule, column) };
  const named = typeText(type);
  if (fault.verdict === BROKEN_LENGTH) {
    const message = `${column.name} is too long for ${named}.`;
    return { ...place, rule: 'length', message, hint: `Expected: ${expected}.` };
  }
  if (fault.verdict === BROKEN_RANGE) {
    const message = `${column.name} is outside what ${named} can hold exactly.`;
    return { ...place, rule: 'range', message, hint: `Expected: ${expected}.` };
  }
  const message = `${column.name} is not ${/^[AEIOU]/.test(named) ? 'an' : 'a'} ${named}.`;
  return { ...place, rule: 'type', message, hint: `Expected: ${expected}.` };
}

/** A problem for each cell of a row that is not UTF-8. */
export function describeForeign(
  block: RowBlock,
  row: number,
  columns: readonly Column[],
  fieldOf: readonly number[],
): Problem[] {
  const problems: Problem[] = [];
  for (const [i, column] of columns.entries()) {
    const cell = row * block.fieldCount + fieldOf[i]!;
    if (isUtf8(block.bytes.subarray(block.starts[cell], block.ends[cell]))) continue;
    problems.push({
      ...locate(block, row, fieldOf[i]!, column),
      rule: 'encoding',
      message: `${column.name} holds bytes that are not UTF-8.`,
      hint: 'Save the file as UTF-8; it is probably Windows-1252 or Latin-1 now.',
    });
  }
  return problems;
}

function locate(
  block: RowBlock,
  row: number,
  field: number,
  column: Column,
): Pick<Problem, 'line' | 'column' | 'value'> {
  const first = row * block.fieldCount;
  let line = block.lines[row]!;
  for (let cell = first; cell < first + field; cell++) {
    const end = block.ends[cell]!;
    for (let i = block.starts[cell]!; i < end; i++) {
      const byte = block.bytes[i];
      // What stands behind the cell may be left over from undoing its doubled quotes.
      if (byte === 10 || (byte === 13 && (i + 1 === end || block.bytes[i + 1] !== 10))) line++;
    }
  }
  const bytes = block.bytes.subarray(block.starts[first + field], block.ends[first + field]);
  // Four bytes hold any character, so this is enough for VALUE_MAX of them.
  const text = Buffer.from(bytes.subarray(0, VALUE_MAX * 4)).toString('utf8');
  return { line, column: column.name, value: Array.from(text).slice(0, VALUE_MAX).join('') };
}
