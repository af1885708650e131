import {
  type FractionOf,
  fractionDifference,
  fractionProduct,
  fractionQuotient,
  fractionSum,
} from './fraction.ts';
import type { ArithmeticSign } from './parse-expression.ts';
import { ExpressionMistake } from './tokens.ts';
import { asFloat, asFraction, unify } from './unify.ts';
import { kindNames, type NumberOf, type Value, type ValueOf } from './value.ts';
import { add, multiply, subtract } from './whole.ts';

type Calculated =
  | Pick<ValueOf<'exact'>, 'kind' | 'scale' | 'whole'>
  | Pick<ValueOf<'fraction'>, 'kind' | 'fraction'>
  | Pick<ValueOf<'float'>, 'kind' | 'single' | 'number'>
  | Pick<ValueOf<'date'>, 'kind' | 'whole'>;

const asWritten = { trim: false, lowercaseValues: false };

/**
 * Sum, difference, product or quotient of two numbers; or a date some days later or earlier, or the days between two dates.
 * Exact as long as no FLOAT or DOUBLE is in it. What is divided by zero has no value.
 * @throws ExpressionMistake
 */
export function calculate(sign: ArithmeticSign, left: Value, right: Value, at: number): Calculated {
  if (left.kind === 'date' || right.kind === 'date') return calculateDate(sign, left, right, at);
  for (const value of [left, right]) {
    if (value.kind === 'exact' || value.kind === 'fraction' || value.kind === 'float') continue;
    throw new ExpressionMistake(`there is no calculating with ${kindNames[value.kind]}`, value.at);
  }
  if (left.kind === 'float' || right.kind === 'float') {
    const number = floatOperation(sign, asFloat(left).number, asFloat(right).number);
    return { kind: 'float', single: false, number };
  }
  if (sign === '/' || left.kind === 'fraction' || right.kind === 'fraction') {
    const fraction = fractionOperations[sign](
      asFraction(left).fraction,
      asFraction(right).fraction,
    );
    return { kind: 'fraction', fraction };
  }
  if (sign === '*') {
    const [x, y] = [left, right] as [ValueOf<'exact'>, ValueOf<'exact'>];
    return { kind: 'exact', scale: x.scale + y.scale, whole: multiply(x.whole, y.whole) };
  }
  const [x, y] = unify([left, right], asWritten) as [ValueOf<'exact'>, ValueOf<'exact'>];
  const whole = sign === '+' ? add(x.whole, y.whole) : subtract(x.whole, y.whole);
  return { kind: 'exact', scale: x.scale, whole };
}

const fractionOperations: Record<ArithmeticSign, (a: FractionOf, b: FractionOf) => FractionOf> = {
  '+': fractionSum,
  '-': fractionDifference,
  '*': fractionProduct,
  '/': fractionQuotient,
};

function floatOperation(sign: ArithmeticSign, left: NumberOf, right: NumberOf): NumberOf {
  switch (sign) {
    case '+':
      return (row) => left(row) + right(row);
    case '-':
      return (row) => left(row) - right(row);
    case '*':
      return (row) => left(row) * right(row);
    case '/':
      return (row) => {
        const divisor = right(row);
        return divisor === 0 ? NaN : left(row) / divisor;
      };
  }
}

function calculateDate(sign: ArithmeticSign, left: Value, right: Value, at: number): Calculated {
  const isDays = (value: Value): value is ValueOf<'exact'> =>
    value.kind === 'exact' && value.scale === 0;
  const isDate = ({ kind }: Value): boolean => kind === 'date' || kind === 'quoted';
  if (sign === '-' && isDate(left) && isDate(right)) {
    const [x, y] = unify([left, right], asWritten) as [ValueOf<'date'>, ValueOf<'date'>];
    return { kind: 'exact', scale: 0, whole: subtract(x.whole, y.whole) };
  }
  if (left.kind === 'date' && isDays(right) && (sign === '+' || sign === '-')) {
    const whole = (sign === '+' ? add : subtract)(left.whole, right.whole);
    return { kind: 'date', whole };
  }
  if (isDays(left) && right.kind === 'date' && sign === '+') {
    return { kind: 'date', whole: add(left.whole, right.whole) };
  }
  throw new ExpressionMistake(
    'a date takes whole days added or subtracted, or another date subtracted',
    at,
  );
}
