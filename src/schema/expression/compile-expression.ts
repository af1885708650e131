import { nearest } from '../../core/nearest.ts';
import { normaliseColumnName } from '../column-name.ts';
import type { Column } from '../column-type.ts';
import type { WordCleaning } from '../read-rules.ts';
import { calculate } from './arithmetic.ts';
import { type CellComparison, cellComparison } from './cell-comparison.ts';
import { CellSlot } from './cell-slot.ts';
import { compare } from './compare.ts';
import { callFunction, withSign } from './functions.ts';
import { conjunction, disjunction, negation, remembered } from './logic.ts';
import { type ExpressionNode, parseExpression } from './parse-expression.ts';
import { ExpressionMistake } from './tokens.ts';
import { unify } from './unify.ts';
import {
  FALSE,
  kindNames,
  nullTest,
  TRUE,
  type TruthOf,
  UNKNOWN,
  type Value,
  type ValueOf,
} from './value.ts';
import { columnWhole, constantWhole } from './whole.ts';

/** A condition that can be evaluated. */
export interface CompiledExpression {
  truth: TruthOf;
  /** Where it is false if and only if one of these is; null where there is more to it. */
  comparisons: readonly CellComparison[] | null;
  /** The columns that it follows from, in the order in which it names them. */
  slots: readonly CellSlot[];
}

/**
 * Compiles the condition of a check, for the columns of a schema. Words in it that are compared with texts are cleaned as the
 * dataset cleans these.
 * @throws ExpressionMistake
 */
export function compileExpression(
  text: string,
  columns: readonly Column[],
  cleaning: WordCleaning,
): CompiledExpression {
  return new Compiler(columns, cleaning).compile(parseExpression(text));
}

const none: ReadonlySet<CellSlot> = new Set();

class Compiler {
  readonly #columns: readonly Column[];
  readonly #cleaning: WordCleaning;
  /** By the name of the column. */
  readonly #slots = new Map<string, CellSlot>();

  constructor(columns: readonly Column[], cleaning: WordCleaning) {
    this.#columns = columns;
    this.#cleaning = cleaning;
  }

  compile(node: ExpressionNode): CompiledExpression {
    const condition = this.#truth(node);
    const slots = [...this.#slots.values()];
    if (slots.length === 0) throw new ExpressionMistake('no column is named', node.at);
    return { truth: quick(condition), comparisons: condition.comparisons ?? null, slots };
  }

  #truth(node: ExpressionNode): ValueOf<'truth'> {
    const value = this.#value(node);
    if (value.kind === 'truth') return value;
    throw new ExpressionMistake(`expected a condition, found ${kindNames[value.kind]}`, node.at);
  }

  #value(node: ExpressionNode): Value {
    const { at } = node;
    switch (node.kind) {
      case 'column':
        return this.#column(node.name, at);
      case 'number':
        return numberValue(node.text, at);
      case 'text':
        return { kind: 'quoted', word: node.text, at, slots: none };
      case 'truth': {
        const truth = node.value ? TRUE : FALSE;
        return { kind: 'truth', truth: () => truth, at, slots: none };
      }
      case 'negate': {
        const part = this.#value(node.part);
        return { ...withSign(part, true), at, slots: part.slots };
      }
      case 'arithmetic': {
        const parts = [this.#value(node.left), this.#value(node.right)] as const;
        return { ...calculate(node.sign, ...parts, at), at, slots: slotsOf(parts) };
      }
      case 'call': {
        const args = node.args.map((arg) => this.#value(arg));
        return { ...callFunction(node.name, args, at, this.#cleaning), at, slots: slotsOf(args) };
      }
      case 'not':
      case 'and':
      case 'or':
      case 'is_null':
      case 'compare':
      case 'between':
      case 'in':
        return this.#condition(node);
    }
  }

  #condition(
    node: Extract<
      ExpressionNode,
      { kind: 'not' | 'and' | 'or' | 'compare' | 'is_null' | 'in' | 'between' }
    >,
  ): Value {
    const { at } = node;
    const made = (
      truth: TruthOf,
      values: readonly Value[],
      comparisons: readonly (CellComparison | null)[] = [null],
    ): Value => ({
      ...{ kind: 'truth', truth, at, slots: slotsOf(values) },
      ...(comparisons.every((one) => one !== null) ? { comparisons } : {}),
    });
    switch (node.kind) {
      case 'not': {
        const part = this.#truth(node.part);
        return made(negation(part.truth), [part]);
      }
      case 'and':
      case 'or': {
        const parts = node.parts.map((part) => this.#truth(part));
        const join = node.kind === 'and' ? conjunction : disjunction;
        // The whole is remembered where it follows from one column.
        const isOfOne = slotsOf(parts).size === 1;
        const comparisons = parts.flatMap<CellComparison | null>(
          (part) => part.comparisons ?? [null],
        );
        return made(
          join(parts.map((part) => (isOfOne ? part.truth : quick(part)))),
          parts,
          node.kind === 'and' ? comparisons : undefined,
        );
      }
      case 'is_null': {
        const part = this.#value(node.part);
        const isNull = nullTest(part);
        return made((row) => (isNull(row) ? TRUE : FALSE), [part]);
      }
      case 'compare': {
        const values = this.#unified(node.left, node.right);
        const [left, right] = values as [Value, Value];
        const { sign } = node;
        return made(compare(sign, left, right), values, [cellComparison(sign, left, right)]);
      }
      case 'between': {
        const values = this.#unified(node.part, node.low, node.high);
        const [part, low, high] = values as [Value, Value, Value];
        return made(conjunction([compare('>=', part, low), compare('<=', part, high)]), values, [
          cellComparison('>=', part, low),
          cellComparison('<=', part, high),
        ]);
      }
      case 'in': {
        const values = this.#unified(node.part, ...node.list);
        const [part, ...list] = values as [Value, ...Value[]];
        return made(disjunction(list.map((one) => compare('=', part, one))), values);
      }
    }
  }

  #unified(...nodes: ExpressionNode[]): Value[] {
    return unify(
      nodes.map((node) => this.#value(node)),
      this.#cleaning,
    );
  }

  #column(written: string, at: number): Value {
    const name = normaliseColumnName(written);
    const index = this.#columns.findIndex((column) => column.name === name);
    const column = this.#columns[index];
    if (column === undefined) throw this.#unknownColumn(name, at);
    let slot = this.#slots.get(name);
    if (slot === undefined) this.#slots.set(name, (slot = new CellSlot(column, index)));
    return { ...columnValue(slot), at, slots: new Set([slot]) };
  }

  #unknownColumn(name: string, at: number): ExpressionMistake {
    const names = this.#columns.map((column) => column.name);
    const [meant] = nearest(name, names, 1);
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    return new ExpressionMistake(`no column is called ${JSON.stringify(name)}${hint}`, at);
  }
}

/** A condition on a single column is asked once for each of its values. */
function quick({ truth, slots }: ValueOf<'truth'>): TruthOf {
  const [slot, ...others] = slots;
  return slot === undefined || others.length > 0 ? truth : remembered(slot, truth);
}

function slotsOf(values: readonly Value[]): ReadonlySet<CellSlot> {
  return new Set(values.flatMap(({ slots }) => [...slots]));
}

function numberValue(text: string, at: number): Value {
  if (/e/i.test(text)) {
    const number = Number(text);
    if (!Number.isFinite(number)) {
      throw new ExpressionMistake(`${text} is greater than any DOUBLE`, at);
    }
    return { kind: 'float', single: false, number: () => number, at, slots: none };
  }
  const [whole = '', fraction = ''] = text.split('.');
  const value = constantWhole(BigInt(whole + fraction));
  return { kind: 'exact', scale: fraction.length, whole: value, at, slots: none };
}

/** A cell of a column, without its place. */
function columnValue(slot: CellSlot) {
  const { type } = slot.column;
  const isNull = (row: number): boolean => slot.ids[row]! < 0;
  const number = (row: number): number => (isNull(row) ? NaN : slot.numbers[slot.ids[row]!]!);
  switch (type.name) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
    case 'BIGINT':
    case 'DECIMAL':
      return { kind: 'exact', scale: type.scale, whole: columnWhole(slot) } as const;
    case 'FLOAT':
      return { kind: 'float', single: true, number } as const;
    case 'DOUBLE':
      return { kind: 'float', single: false, number } as const;
    case 'BOOLEAN': {
      const truth: TruthOf = (row) =>
        isNull(row) ? UNKNOWN : slot.numbers[slot.ids[row]!] === 0 ? FALSE : TRUE;
      return { kind: 'truth', truth } as const;
    }
    case 'CHAR':
    case 'VARCHAR':
    case 'TEXT':
    case 'MEDIUMTEXT':
    case 'LONGTEXT': {
      const text = (row: number): string | null =>
        isNull(row) ? null : slot.textOf(slot.ids[row]!);
      return { kind: 'text', text, cleaned: true, slot } as const;
    }
    case 'DATE':
      return { kind: 'date', whole: columnWhole(slot) } as const;
    case 'TIME':
      return { kind: 'time', whole: columnWhole(slot) } as const;
    case 'DATETIME':
      return { kind: 'datetime', whole: columnWhole(slot) } as const;
    case 'TIMESTAMP':
      return { kind: 'timestamp', whole: columnWhole(slot) } as const;
    case 'JSON':
      return { kind: 'json', isNull } as const;
  }
}
