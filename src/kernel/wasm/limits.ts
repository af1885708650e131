// Finds entries that lie outside of limits. Each function returns the first of entries [from, to) that does, or `to`.
import { DOUBLE, INT32 } from './parse';
import { charactersOf } from './tally-texts';

/** Of INT32 or INT64. */
export function findIntegerOutside(
  storage: i32,
  values: usize,
  from: i32,
  to: i32,
  low: i64,
  high: i64,
): i32 {
  if (storage != INT32) return findOutside<i64>(values, from, to, low, high);
  if (low > <i64>i32.MAX_VALUE || high < <i64>i32.MIN_VALUE) return from;
  const least = <i32>max(low, <i64>i32.MIN_VALUE);
  const most = <i32>min(high, <i64>i32.MAX_VALUE);
  return findOutside<i32>(values, from, to, least, most);
}

/** Of FLOAT or DOUBLE. NaN lies inside of any limits. */
export function findRealOutside(
  storage: i32,
  values: usize,
  from: i32,
  to: i32,
  low: f64,
  high: f64,
): i32 {
  if (storage == DOUBLE) return findOutside<f64>(values, from, to, low, high);
  for (let at = from; at < to; at++) {
    const value = <f64>load<f32>(values + ((<usize>at) << 2));
    if (value < low || value > high) return at;
  }
  return to;
}

/** 16 bytes at a time up to those in which there is one. */
function findOutside<T>(values: usize, from: i32, to: i32, low: T, high: T): i32 {
  const lanes = 16 / sizeof<T>();
  const lows = v128.splat<T>(low);
  const highs = v128.splat<T>(high);
  let at = from;
  for (; at + lanes <= to; at += lanes) {
    const some = v128.load(values + ((<usize>at) << alignof<T>()));
    if (v128.any_true(v128.or(v128.lt<T>(some, lows), v128.gt<T>(some, highs)))) break;
  }
  for (; at < to; at++) {
    const value = load<T>(values + ((<usize>at) << alignof<T>()));
    if (value < low || value > high) return at;
  }
  return to;
}

/** Of texts, whose lengths are in characters (code points). Text i is bytes[offsets[i]] up to bytes[offsets[i + 1]]. */
export function findLengthOutside(
  bytes: usize,
  offsets: usize,
  from: i32,
  to: i32,
  least: i32,
  most: i32,
): i32 {
  for (let text = from; text < to; text++) {
    const at = offsets + ((<usize>text) << 2);
    const start = load<i32>(at);
    const length = load<i32>(at, 4) - start;
    // A character has one to four bytes, so most texts need no counting.
    if (length <= most && <i64>length >= (<i64>least) << 2) continue;
    const characters = charactersOf(bytes + start, length);
    if (characters < least || characters > most) return text;
  }
  return to;
}
