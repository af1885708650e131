import { isUtf8 } from 'node:buffer';
import { counted } from '../core/counted.ts';
import type { Problem } from '../core/problem.ts';
import type { ExtraField } from '../csv/header-reading.ts';
import type { RowBlock } from '../csv/row-block.ts';
import type { ValueRule } from '../schema/column-rules.ts';
import type { Column } from '../schema/column-type.ts';
import type { OutlierBounds } from '../schema/expectations.ts';
import { expectedCell, plainCell } from '../schema/cell-parser.ts';
import { countCharacters } from '../schema/parsers/text.ts';
import { temporals } from '../schema/read-format.ts';
import { typeText } from '../schema/type-text.ts';
import { BROKEN_LENGTH, BROKEN_RANGE } from '../schema/value-parser.ts';
import { typeFor, typeForLength } from '../schema/wider-type.ts';
import { type CellHint, cellHint } from './cell-hint.ts';
import { describeRule } from './describe-rule.ts';
import { ruleOf as valueRuleOf } from './entry-rules.ts';
import { foreignHint } from './foreign-hint.ts';

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

/** The rule that a cell broke. */
export function ruleOf({ verdict }: Pick<CellFault, 'verdict'>): CellRule {
  const rule = valueRuleOf(verdict);
  if (rule !== undefined) return rule;
  switch (verdict) {
    case NO_VALUE:
      return 'nullable';
    case BROKEN_LENGTH:
      return 'length';
    case BROKEN_RANGE:
      return 'range';
    default:
      return 'type';
  }
}

/** Those of types. Rules beside the type have words of their own. */
type TypeRule = 'nullable' | 'type' | 'range' | 'length';
type CellRule = TypeRule | ValueRule;

/** The problem to report for a cell. `from`: the row of the block that the piece starts with. */
export function describeCell(
  fault: CellFault,
  block: RowBlock,
  from: number,
  columns: readonly Column[],
  fieldOf: readonly number[],
  bounds: OutlierBounds = {},
): Problem {
  const column = columns[fault.column]!;
  const row = from + fault.row;
  const field = fieldOf[fault.column]!;
  const rule = ruleOf(fault);
  const place = locate(block, row, field, column.name);
  if (!isTypeRule(rule)) return { ...place, ...describeRule(rule, column, bounds[column.name]) };
  const expected = expectedCell(column);
  const bytes = bytesOf(block, row, field);
  const advice = adviceOn(rule, bytes, column);
  const hint = rule === 'nullable' ? `Fill in ${expected}.` : `Expected: ${expected}.`;
  return {
    ...place,
    rule,
    message: messageOf(rule, column),
    hint: advice.looksLike === undefined ? hint : `${hint} ${advice.looksLike}`,
    ...(advice.repairs !== undefined && advice.repairs.length > 0 && { repairs: advice.repairs }),
    ...(advice.fits !== undefined && { fits: advice.fits }),
  };
}

function isTypeRule(rule: CellRule): rule is TypeRule {
  return rule === 'nullable' || rule === 'type' || rule === 'range' || rule === 'length';
}

function messageOf(rule: TypeRule, { name, type }: Column): string {
  const named = typeText(type);
  switch (rule) {
    case 'nullable':
      return `${name} has no value and must have one.`;
    case 'length':
      return `${name} is too long for ${named}.`;
    case 'range':
      return temporals.includes(type.name)
        ? `${name} is no day or time that there is, or outside what ${named} can hold exactly.`
        : `${name} is outside what ${named} can hold exactly.`;
    case 'type':
      return `${name} is not ${/^[AEIOU]/.test(named) ? 'an' : 'a'} ${named}.`;
  }
}

/** What more can be said about a refused cell. */
function adviceOn(
  rule: TypeRule,
  bytes: Uint8Array,
  column: Column,
): Partial<CellHint> & { fits?: string } {
  if (rule === 'nullable') return {};
  if (rule === 'length') {
    const characters = countCharacters(bytes);
    const looksLike = `It has ${counted(characters, 'character')}.`;
    return { looksLike, fits: typeText(typeForLength(column.type, characters, bytes.length)) };
  }
  // Nothing that a hint knows is that long.
  if (bytes.length > VALUE_MAX) return {};
  const text = Buffer.from(bytes).toString('utf8');
  // The format stays: a cell that is not written by it fits no other type.
  const plain = plainCell(column, text.trim());
  const fitting = plain === null ? null : typeFor(column.type, plain);
  return { ...cellHint(text, column), ...(fitting !== null && { fits: typeText(fitting) }) };
}

/** A problem for each cell of a row that is not UTF-8. */
export function describeForeign(
  block: RowBlock,
  row: number,
  columns: readonly Column[],
  fieldOf: readonly number[],
  extra: readonly ExtraField[] = [],
): Problem[] {
  const problems: Problem[] = [];
  const fields = columns.flatMap(({ name }, i) => ({ name, field: fieldOf[i]! }));
  for (const { name, field } of [...fields, ...extra]) {
    if (field < 0) continue;
    const bytes = bytesOf(block, row, field);
    if (isUtf8(bytes)) continue;
    const { looksLike, repairs } = foreignHint(bytes);
    problems.push({
      ...locate(block, row, field, name),
      rule: 'encoding',
      message: `${name} holds bytes that are not UTF-8.`,
      hint: looksLike,
      ...(repairs.length > 0 && { repairs }),
    });
  }
  return problems;
}

function locate(
  block: RowBlock,
  row: number,
  field: number,
  column: string,
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
  return { line, column, value: cellText(block, row, field) };
}

/** A cell as the file has it, cut to what a report shows; empty where the header leaves its column out. */
export function cellText(block: RowBlock, row: number, field: number): string {
  if (field < 0) return '';
  // Four bytes hold any character, so this is enough for VALUE_MAX of them.
  const text = Buffer.from(bytesOf(block, row, field).subarray(0, VALUE_MAX * 4)).toString('utf8');
  return Array.from(text).slice(0, VALUE_MAX).join('');
}

function bytesOf(
  { bytes, starts, ends, fieldCount }: RowBlock,
  row: number,
  field: number,
): Uint8Array {
  const cell = row * fieldCount + field;
  return bytes.subarray(starts[cell], ends[cell]);
}
