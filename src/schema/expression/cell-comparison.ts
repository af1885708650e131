import type { CompareSign } from './parse-expression.ts';
import type { Value } from './value.ts';
import type { Multiple } from './whole.ts';

/** Of the cells of two columns, as a loop can make it. Plain but for the slots. */
export interface CellComparison {
  sign: CompareSign;
  left: Multiple;
  right: Multiple;
}

/** A comparison of two values, as `unify` gives them, that are whole numbers in columns; null for any other. */
export function cellComparison(
  sign: CompareSign,
  left: Value,
  right: Value,
): CellComparison | null {
  const [a, b] = [multipleOf(left), multipleOf(right)];
  return a === null || b === null ? null : { sign, left: a, right: b };
}

function multipleOf(value: Value): Multiple | null {
  switch (value.kind) {
    case 'exact':
    case 'date':
    case 'time':
    case 'datetime':
    case 'timestamp':
      return value.whole.multiple;
    case 'fraction':
    case 'float':
    case 'text':
    case 'truth':
    case 'json':
    case 'quoted':
      return null;
  }
}
