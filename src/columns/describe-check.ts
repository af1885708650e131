import { counted } from '../core/counted.ts';
import type { Problem, ProblemCell } from '../core/problem.ts';
import type { RowBlock } from '../csv/row-block.ts';
import { cellText } from './describe-cell.ts';
import type { AskedCheck } from './row-checks.ts';

/** So much of an expression stands in a message, in characters. */
const EXPRESSION_MAX = 200;
/** So many columns are named in a hint. */
const COLUMNS_MAX = 10;

/** By what problems of a check are counted: its name, or what it says. */
export function kindOfCheck(asked: AskedCheck): ['check', string | null, string] {
  return ['check', checkColumn(asked), checkName(asked)];
}

function checkName({ check }: AskedCheck): string {
  return check.name ?? check.expression;
}

/** The column of problems of a check: where it is about a single one. */
function checkColumn({ slots }: AskedCheck): string | null {
  return slots.length === 1 ? slots[0]!.column.name : null;
}

/** The problem to report, of a row of a block that breaks a check. */
export function describeCheck(
  asked: AskedCheck,
  block: RowBlock,
  row: number,
  fieldOf: readonly number[],
): Problem {
  const { check, slots } = asked;
  const { expression, name, message } = check;
  const shown =
    expression.length > EXPRESSION_MAX ? `${expression.slice(0, EXPRESSION_MAX)}…` : expression;
  const named = `${name === null ? '' : `${name}: `}${shown}`;
  const names = slots.map(({ column }) => column.name);
  const cells = slots.map(({ column, index }): ProblemCell => ({
    column: column.name,
    value: cellText(block, row, fieldOf[index]!),
  }));
  return {
    line: block.lines[row]!,
    column: checkColumn(asked),
    value: null,
    rule: 'check',
    check: checkName(asked),
    message:
      message === null ? `The row breaks the check ${named}.` : `${message} (check ${named})`,
    hint: check.hint ?? `Correct ${listOf(names)}.`,
    cells,
  };
}

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, COLUMNS_MAX);
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(', ')} or one of ${counted(more, 'more column')}`;
  return [...shown.slice(0, -2), shown.slice(-2).join(' or ')].join(', ');
}
