// What a profile tells of a column of numbers. Functions go over `count` entries, whose ids stand from `ids` on, each with as many
// rows as `weights` says, or one where that is 0.
import { DOUBLE, FLOAT, INT32, INT64 } from './parse';
import { Once, Weighted, weightAt } from './weights';

/** Of the numbers that sumNumbers has gone over. */
export let numbersMean: f64 = 0;
export let numbersSquares: f64 = 0;

/**
 * Where less is left of the squares of distances from the first number than this part, too many digits have cancelled one another: then
 * distances from the mean are added up instead.
 */
const LEFT_MIN: f64 = 1.0 / 1024;

/**
 * Mean of `rows` numbers, and the sum of squared distances from it. The sums are of distances from the first value, or from the mean
 * where that one lies far from the others, so that large numbers close to one another lose no digits.
 */
export function sumNumbers(
  storage: i32,
  entries: usize,
  width: i32,
  ids: usize,
  count: i32,
  weights: usize,
  rows: i32,
): void {
  switch (storage) {
    case INT32:
      sums<i32>(entries, width, ids, count, weights, rows);
      return;
    case INT64:
      sums<i64>(entries, width, ids, count, weights, rows);
      return;
    case FLOAT:
      sums<f32>(entries, width, ids, count, weights, rows);
      return;
    case DOUBLE:
      sums<f64>(entries, width, ids, count, weights, rows);
      return;
    default:
      sums<v128>(entries, width, ids, count, weights, rows);
  }
}

function sums<T>(
  entries: usize,
  width: i32,
  ids: usize,
  count: i32,
  weights: usize,
  rows: i32,
): void {
  if (weights == 0) sumsOf<T, Once>(entries, width, ids, count, weights, rows);
  else sumsOf<T, Weighted>(entries, width, ids, count, weights, rows);
}

/**
 * Not one function with a switch in its loops, which took three times as long. Even and odd places have sums of their own, because
 * each addition waits for the one before it.
 */
function sumsOf<T, W>(
  entries: usize,
  width: i32,
  ids: usize,
  count: i32,
  weights: usize,
  rows: i32,
): void {
  const first = numberAt<T>(entries, width, ids, 0);
  addDistances<T, W>(entries, width, ids, count, weights, first);
  let distance = distancesSum / <f64>rows;
  numbersMean = first + distance;
  numbersSquares = distanceSquares - distance * distancesSum;
  // False also for what is not a number, because squares of numbers far apart are too large.
  if (numbersSquares >= distanceSquares * LEFT_MIN) return;
  addDistances<T, W>(entries, width, ids, count, weights, numbersMean);
  distance = distancesSum / <f64>rows;
  numbersMean += distance;
  numbersSquares = distanceSquares - distance * distancesSum;
}

/** How far numbers are from one: what addDistances has found. */
let distancesSum: f64 = 0;
let distanceSquares: f64 = 0;

function addDistances<T, W>(
  entries: usize,
  width: i32,
  ids: usize,
  count: i32,
  weights: usize,
  from: f64,
): void {
  let even: f64 = 0;
  let odd: f64 = 0;
  let evenSquares: f64 = 0;
  let oddSquares: f64 = 0;
  const last = count - 1;
  let at = 0;
  for (; at < last; at += 2) {
    const distance = numberAt<T>(entries, width, ids, at) - from;
    const weighted = weightAt<W>(weights, at) * distance;
    even += weighted;
    evenSquares += weighted * distance;
    const next = numberAt<T>(entries, width, ids, at + 1) - from;
    const nextWeighted = weightAt<W>(weights, at + 1) * next;
    odd += nextWeighted;
    oddSquares += nextWeighted * next;
  }
  if (at == last) {
    const distance = numberAt<T>(entries, width, ids, at) - from;
    const weighted = weightAt<W>(weights, at) * distance;
    even += weighted;
    evenSquares += weighted * distance;
  }
  distancesSum = even + odd;
  distanceSquares = evenSquares + oddSquares;
}

/** How many rows have a number outside of `low` to `high`. */
export function countOutside(
  storage: i32,
  entries: usize,
  width: i32,
  ids: usize,
  count: i32,
  weights: usize,
  low: f64,
  high: f64,
): i32 {
  switch (storage) {
    case INT32:
      return outside<i32>(entries, width, ids, count, weights, low, high);
    case INT64:
      return outside<i64>(entries, width, ids, count, weights, low, high);
    case FLOAT:
      return outside<f32>(entries, width, ids, count, weights, low, high);
    case DOUBLE:
      return outside<f64>(entries, width, ids, count, weights, low, high);
    default:
      return outside<v128>(entries, width, ids, count, weights, low, high);
  }
}

function outside<T>(
  entries: usize,
  width: i32,
  ids: usize,
  count: i32,
  weights: usize,
  low: f64,
  high: f64,
): i32 {
  let rows = 0;
  for (let at = 0; at < count; at++) {
    const value = numberAt<T>(entries, width, ids, at);
    if (value < low || value > high) {
      rows += weights == 0 ? 1 : load<i32>(weights + ((<usize>at) << 2));
    }
  }
  return rows;
}

/**
 * Writes the numbers of some rows to `out`; returns how many have one. Of each `share` rows it is one at a place that looks random, so
 * that what repeats with the rows does not mislead, and is the same in each run. `out` has room for a number more than there are
 * shares: they may add up to a little less than all rows.
 */
export function sampleNumbers(
  storage: i32,
  entries: usize,
  width: i32,
  ids: usize,
  rows: i32,
  share: f64,
  out: usize,
): i32 {
  let to = out;
  let random: u32 = 1;
  for (let from: f64 = 0; from < <f64>rows; from += share) {
    // Numerical Recipes: a generator of 32 bits that is good enough for places.
    random = random * 1_664_525 + 1_013_904_223;
    const row = min(rows - 1, <i32>(from + (share * <f64>random) / 4294967296));
    if (load<i32>(ids + ((<usize>row) << 2)) < 0) continue;
    store<f64>(to, anyNumberAt(storage, entries, width, ids, row));
    to += 8;
  }
  return (<i32>(to - out)) >> 3;
}

function anyNumberAt(storage: i32, entries: usize, width: i32, ids: usize, at: i32): f64 {
  switch (storage) {
    case INT32:
      return numberAt<i32>(entries, width, ids, at);
    case INT64:
      return numberAt<i64>(entries, width, ids, at);
    case FLOAT:
      return numberAt<f32>(entries, width, ids, at);
    case DOUBLE:
      return numberAt<f64>(entries, width, ids, at);
    default:
      return numberAt<v128>(entries, width, ids, at);
  }
}

/** The entry that stands at a place of `ids`; v128 is for big-endian two's complement numbers of any width. */
function numberAt<T>(entries: usize, width: i32, ids: usize, at: i32): f64 {
  const id = <usize>load<i32>(ids + ((<usize>at) << 2));
  if (isVector<T>()) return fixedNumber(entries + id * width, width);
  return <f64>load<T>(entries + (id << alignof<T>()));
}

function fixedNumber(at: usize, width: i32): f64 {
  let value = <f64>load<i8>(at);
  for (let byte = 1; byte < width; byte++) value = value * 256 + <f64>load<u8>(at + byte);
  return value;
}
