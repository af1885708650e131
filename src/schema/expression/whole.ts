// Exact whole numbers, as plain numbers where these are sure to hold them: arithmetic with bigint takes many times as long.
import type { Column, TypeName } from '../column-type.ts';
import { columnTypes } from '../column-types.ts';
import type { CellSlot } from './cell-slot.ts';
import type { NumberOf } from './value.ts';

export type BigOf = (row: number) => bigint | null;

export interface Whole {
  /** No value is further from zero. */
  max: bigint;
  /** The value rounded to the nearest number, so that of two different ones the smaller is never the greater; null: not at hand. */
  near: NumberOf | null;
  /** Whether `near` is the value itself. */
  isSmall: boolean;
  big: BigOf;
  /** Where it is no more than that: the cells of a column, multiplied. */
  multiple: Multiple | null;
}

/** The whole numbers in a column of 32 or 64-bit integers times a number, which have no more than 64 bits either. */
export interface Multiple {
  slot: CellSlot;
  factor: bigint;
}

const INT64_MAX = 2n ** 63n - 1n;
const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

const isSafe = (max: bigint): boolean => max <= SAFE_MAX;

/** The whole numbers that a column holds: unscaled decimals, days, microseconds. */
export function columnWhole(slot: CellSlot): Whole {
  const { type } = slot.column;
  const max = columnMax(slot.column);
  const storage = columnTypes[type.name].storage(type);
  if (storage === 'int32') {
    const near = (row: number): number => {
      const id = slot.ids[row]!;
      return id < 0 ? NaN : slot.numbers[id]!;
    };
    return { ...smallWhole(near, max), multiple: { slot, factor: 1n } };
  }
  if (storage === 'int64') {
    const near = (row: number): number => {
      const id = slot.ids[row]!;
      return id < 0 ? NaN : slot.words[2 * id + 1]! * 2 ** 32 + (slot.words[2 * id]! >>> 0);
    };
    const big = (row: number): bigint | null => {
      const id = slot.ids[row]!;
      return id < 0 ? null : slot.longs[id]!;
    };
    return { max, near, isSmall: isSafe(max), big, multiple: { slot, factor: 1n } };
  }
  const big = (row: number): bigint | null => {
    const id = slot.ids[row]!;
    return id < 0 ? null : slot.fixedOf(id);
  };
  return { max, near: null, isSmall: false, big, multiple: null };
}

const columnMaxima: Partial<Record<TypeName, bigint>> = {
  BIGINT: 2n ** 63n,
  TIME: 86_400_000_000n,
  TIMESTAMP: 2n ** 31n * 1_000_000n,
  // The year 10000.
  DATE: 2_932_897n,
  DATETIME: 253_402_300_800_000_000n,
};

function columnMax({ type }: Column): bigint {
  if (type.name === 'DECIMAL') return 10n ** BigInt(type.precision) - 1n;
  return columnMaxima[type.name] ?? 2n ** 31n;
}

/** Of a function whose values are numbers that hold them exactly. */
export function smallWhole(near: NumberOf, max: bigint): Whole {
  return { max, near, isSmall: true, big: bigOf(near), multiple: null };
}

export function constantWhole(value: bigint): Whole {
  const near = Number(value);
  const max = value < 0n ? -value : value;
  return { max, near: () => near, isSmall: isSafe(max), big: () => value, multiple: null };
}

function bigOf(number: NumberOf): BigOf {
  return (row) => {
    const value = number(row);
    return Number.isNaN(value) ? null : BigInt(value);
  };
}

export function add(a: Whole, b: Whole): Whole {
  return combine(
    a,
    b,
    a.max + b.max,
    (x, y) => x + y,
    (x, y) => x + y,
  );
}

export function subtract(a: Whole, b: Whole): Whole {
  return combine(
    a,
    b,
    a.max + b.max,
    (x, y) => x - y,
    (x, y) => x - y,
  );
}

export function multiply(a: Whole, b: Whole): Whole {
  return combine(
    a,
    b,
    a.max * b.max,
    (x, y) => x * y,
    (x, y) => x * y,
  );
}

/** The same, multiplied by a number above zero. */
export function times(whole: Whole, factor: bigint): Whole {
  const product = multiply(whole, constantWhole(factor));
  if (whole.multiple === null || product.max > INT64_MAX) return product;
  const { slot, factor: former } = whole.multiple;
  return { ...product, multiple: { slot, factor: former * factor } };
}

function combine(
  a: Whole,
  b: Whole,
  max: bigint,
  ofNumbers: (x: number, y: number) => number,
  ofBigs: (x: bigint, y: bigint) => bigint,
): Whole {
  const { near: left } = a;
  const { near: right } = b;
  if (left !== null && right !== null && a.isSmall && b.isSmall && isSafe(max)) {
    return smallWhole((row) => ofNumbers(left(row), right(row)), max);
  }
  const big = (row: number): bigint | null => {
    const x = a.big(row);
    const y = b.big(row);
    return x === null || y === null ? null : ofBigs(x, y);
  };
  return { max, near: null, isSmall: false, big, multiple: null };
}

/** The same with another sign; `always`: where it is negative only. */
export function negate({ max, near, isSmall, big }: Whole, always: boolean): Whole {
  return {
    max,
    near: near === null ? null : always ? (row) => -near(row) : (row) => Math.abs(near(row)),
    isSmall,
    big: (row) => {
      const value = big(row);
      return value === null || (value >= 0n && !always) ? value : -value;
    },
    multiple: null,
  };
}

/** Below zero, zero or above it, as a is less than b, equal or greater; NaN where one has no value. */
export function orderOfWholes(a: Whole, b: Whole): NumberOf {
  const { near: left } = a;
  const { near: right } = b;
  const orderOfBigs = (row: number): number => {
    const x = a.big(row);
    const y = b.big(row);
    if (x === null || y === null) return NaN;
    return x < y ? -1 : x > y ? 1 : 0;
  };
  if (left === null || right === null) return orderOfBigs;
  if (a.isSmall && b.isSmall) return (row) => left(row) - right(row);
  return (row) => {
    const order = left(row) - right(row);
    return order === 0 ? orderOfBigs(row) : order;
  };
}
