// In which order values are: from row to row, where a key that ascends has no value twice, and in two columns of a row.
import { Column } from './column';
import { INT32 } from './parse';

/** The value of the last row that `ascends` has looked at. */
export let lastValue: i64 = 0;

/**
 * Whether each of the first rows has a value, and a greater one than the row before it; the first a greater one than `last`. For
 * a column of 32 or 64-bit integers.
 */
export function ascends(column: Column, rows: i32, last: i64): bool {
  return column.storage == INT32
    ? ascend<i32>(column.ids, column.entries, rows, last)
    : ascend<i64>(column.ids, column.entries, rows, last);
}

function ascend<T>(ids: usize, entries: usize, rows: i32, last: i64): bool {
  for (let row = 0; row < rows; row++) {
    const id = load<i32>(ids + ((<usize>row) << 2));
    if (id < 0) return false;
    const value = <i64>load<T>(entries + ((<usize>id) << alignof<T>()));
    if (value <= last) return false;
    last = value;
  }
  lastValue = last;
  return true;
}

/**
 * The first of rows [from, to) that has a value in both columns, and these, each times its factor, in none of the `accepted` orders
 * (1 less, 2 equal, 4 greater); or `to`. For columns of 32 or 64-bit integers, whose products have no more bits.
 */
export function findDisordered(
  left: Column,
  leftFactor: i64,
  right: Column,
  rightFactor: i64,
  accepted: i32,
  from: i32,
  to: i32,
): i32 {
  if (left.storage == INT32) {
    return right.storage == INT32
      ? disordered<i32, i32>(left, leftFactor, right, rightFactor, accepted, from, to)
      : disordered<i32, i64>(left, leftFactor, right, rightFactor, accepted, from, to);
  }
  return right.storage == INT32
    ? disordered<i64, i32>(left, leftFactor, right, rightFactor, accepted, from, to)
    : disordered<i64, i64>(left, leftFactor, right, rightFactor, accepted, from, to);
}

function disordered<L, R>(
  left: Column,
  leftFactor: i64,
  right: Column,
  rightFactor: i64,
  accepted: i32,
  from: i32,
  to: i32,
): i32 {
  const leftIds = left.ids;
  const leftEntries = left.entries;
  const rightIds = right.ids;
  const rightEntries = right.entries;
  // Columns without a value have no entries at all.
  if (left.count == 0 || right.count == 0) return to;
  const refused = ~accepted;
  for (let row = from; row < to; row++) {
    const a = load<i32>(leftIds + ((<usize>row) << 2));
    const b = load<i32>(rightIds + ((<usize>row) << 2));
    // Below zero: no value, or none that could be read. The first entry stands in for it: whether rows have one looks random.
    const has = ~((a | b) >> 31);
    const x = <i64>load<L>(leftEntries + ((<usize>(a & has)) << alignof<L>())) * leftFactor;
    const y = <i64>load<R>(rightEntries + ((<usize>(b & has)) << alignof<R>())) * rightFactor;
    const order = (<i32>(x < y)) | ((<i32>(x == y)) << 1) | ((<i32>(x > y)) << 2);
    if ((order & refused & has) != 0) return row;
  }
  return to;
}
