// Exact numbers that are no decimals any more: what comes of a division.
import type { Whole } from './whole.ts';
import type { NumberOf } from './value.ts';

/** The denominator is greater than zero. */
interface Fraction {
  over: bigint;
  under: bigint;
}

/** Null: no value, or a division by zero. */
export type FractionOf = (row: number) => Fraction | null;

export function fractionOf({ big }: Whole, scale: number): FractionOf {
  const under = 10n ** BigInt(scale);
  return (row) => {
    const over = big(row);
    return over === null ? null : { over, under };
  };
}

function combine(
  a: FractionOf,
  b: FractionOf,
  of: (x: Fraction, y: Fraction) => Fraction | null,
): FractionOf {
  return (row) => {
    const x = a(row);
    const y = b(row);
    return x === null || y === null ? null : of(x, y);
  };
}

export const fractionSum = (a: FractionOf, b: FractionOf): FractionOf =>
  combine(a, b, (x, y) => ({
    over: x.over * y.under + y.over * x.under,
    under: x.under * y.under,
  }));

export const fractionDifference = (a: FractionOf, b: FractionOf): FractionOf =>
  combine(a, b, (x, y) => ({
    over: x.over * y.under - y.over * x.under,
    under: x.under * y.under,
  }));

export const fractionProduct = (a: FractionOf, b: FractionOf): FractionOf =>
  combine(a, b, (x, y) => ({ over: x.over * y.over, under: x.under * y.under }));

export const fractionQuotient = (a: FractionOf, b: FractionOf): FractionOf =>
  combine(a, b, (x, y) => {
    if (y.over === 0n) return null;
    const over = x.over * y.under;
    const under = x.under * y.over;
    return under < 0n ? { over: -over, under: -under } : { over, under };
  });

/** The same with another sign; `always`: where it is negative only. */
export function negatedFraction(fraction: FractionOf, always: boolean): FractionOf {
  return (row) => {
    const value = fraction(row);
    if (value === null || (value.over >= 0n && !always)) return value;
    return { over: -value.over, under: value.under };
  };
}

/** As `orderOfWholes`. */
export function orderOfFractions(a: FractionOf, b: FractionOf): NumberOf {
  return (row) => {
    const x = a(row);
    const y = b(row);
    if (x === null || y === null) return NaN;
    const difference = x.over * y.under - y.over * x.under;
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  };
}

export function floatOfFraction(fraction: FractionOf): NumberOf {
  return (row) => {
    const value = fraction(row);
    return value === null ? NaN : quotient(value.over, value.under);
  };
}

/** More digits than a number has, so that it is rounded to the nearest but for some last bits. */
function quotient(over: bigint, under: bigint): number {
  const x = Number(over);
  const y = Number(under);
  if (Number.isFinite(x) && Number.isFinite(y)) return x / y;
  const surplus = BigInt(Math.max(0, under.toString(2).length - 1000));
  return Number(over >> surplus) / Number(under >> surplus);
}
