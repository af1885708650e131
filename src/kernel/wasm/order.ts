// Whether the values of a column ascend: a key that does so has no value twice.
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
