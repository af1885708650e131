import type { CellSlot } from './cell-slot.ts';
import { orderOfFractions } from './fraction.ts';
import type { CompareSign } from './parse-expression.ts';
import { ExpressionMistake } from './tokens.ts';
import {
  FALSE,
  kindNames,
  type NumberOf,
  TRUE,
  type TruthOf,
  UNKNOWN,
  type Value,
  type ValueOf,
} from './value.ts';
import { orderOfWholes } from './whole.ts';

/** Whether the order of two values is as a sign says; an order is that of `orderOf`. */
const holds: Record<CompareSign, (order: NumberOf) => TruthOf> = {
  '=': (order) => (row) => {
    const found = order(row);
    return found === 0 ? TRUE : Number.isNaN(found) ? UNKNOWN : FALSE;
  },
  '<>': (order) => (row) => {
    const found = order(row);
    return found === 0 ? FALSE : Number.isNaN(found) ? UNKNOWN : TRUE;
  },
  '<': (order) => (row) => {
    const found = order(row);
    return found < 0 ? TRUE : Number.isNaN(found) ? UNKNOWN : FALSE;
  },
  '<=': (order) => (row) => {
    const found = order(row);
    return found <= 0 ? TRUE : Number.isNaN(found) ? UNKNOWN : FALSE;
  },
  '>': (order) => (row) => {
    const found = order(row);
    return found > 0 ? TRUE : Number.isNaN(found) ? UNKNOWN : FALSE;
  },
  '>=': (order) => (row) => {
    const found = order(row);
    return found >= 0 ? TRUE : Number.isNaN(found) ? UNKNOWN : FALSE;
  },
};

/** Compares two values of the same kind, as `unify` gives them. */
export function compare(sign: CompareSign, left: Value, right: Value): TruthOf {
  return holds[sign](orderOf(left, right));
}

/** Below zero, zero or above it, as `left` is less than `right`, equal or greater; NaN where one has no value. */
function orderOf(left: Value, right: Value): NumberOf {
  switch (left.kind) {
    case 'exact':
    case 'date':
    case 'time':
    case 'datetime':
    case 'timestamp':
      return orderOfWholes(left.whole, (right as typeof left).whole);
    case 'fraction':
      return orderOfFractions(left.fraction, (right as typeof left).fraction);
    case 'float':
      return orderOfNumbers(left.number, (right as typeof left).number);
    case 'truth': {
      const number = (truth: TruthOf) => (row: number) => {
        const value = truth(row);
        return value === UNKNOWN ? NaN : value;
      };
      return orderOfNumbers(number(left.truth), number((right as typeof left).truth));
    }
    case 'text':
      return orderOfTexts(left, right as typeof left);
    case 'json':
    case 'quoted':
      throw new ExpressionMistake(`${kindNames[left.kind]} cannot be compared`, left.at);
  }
}

function orderOfNumbers(left: NumberOf, right: NumberOf): NumberOf {
  return (row) => {
    const x = left(row);
    const y = right(row);
    return x < y ? -1 : x > y ? 1 : x === y ? 0 : NaN;
  };
}

/** By code points, as the bytes of UTF-8 are ordered too. */
function orderOfTexts(left: ValueOf<'text'>, right: ValueOf<'text'>): NumberOf {
  if (left.slot !== null && right.slot !== null) return orderOfCells(left.slot, right.slot);
  const { text: x } = left;
  const { text: y } = right;
  return (row) => {
    const a = x(row);
    const b = y(row);
    return a === null || b === null ? NaN : orderOfStrings(a, b);
  };
}

/** Not JavaScript's own order, in which characters beyond U+FFFF come before some below. */
function orderOfStrings(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    if (a.charCodeAt(at) === b.charCodeAt(at)) continue;
    return orderRank(a.charCodeAt(at)) - orderRank(b.charCodeAt(at));
  }
  return a.length - b.length;
}

/** Halves of characters beyond U+FFFF come last. */
function orderRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

function orderOfCells(left: CellSlot, right: CellSlot): NumberOf {
  return (row) => {
    const a = left.ids[row]!;
    const b = right.ids[row]!;
    if (a < 0 || b < 0) return NaN;
    const start = left.offsets[a]!;
    const length = left.offsets[a + 1]! - start;
    const startOther = right.offsets[b]!;
    const lengthOther = right.offsets[b + 1]! - startOther;
    const shorter = Math.min(length, lengthOther);
    for (let at = 0; at < shorter; at++) {
      const difference = left.bytes[start + at]! - right.bytes[startOther + at]!;
      if (difference !== 0) return difference;
    }
    return length - lengthOther;
  };
}
