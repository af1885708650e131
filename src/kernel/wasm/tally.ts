// What a profile tells of a column: loops over the entries that its rows use, each with the number of rows that have it.
import { isPlain } from './inspect';
import { DOUBLE, FLOAT, INT32, INT64 } from './parse';

/** How many rows have a value, after countUses. */
export let presentCount: i32 = 0;

/** Entries up to which countUses has four counts for each: 16 KiB, half of the fastest cache. */
const LANE_ENTRIES_MAX: i32 = 1 << 10;
const LANE_SHIFT: usize = 4;

/**
 * Writes the ids of the entries that rows use to `used`, in their order, and how many rows have each to `weights`; there is room for
 * one more than there are entries. `counts` has room for four times as many. Returns how many entries are used.
 */
export function countUses(
  ids: usize,
  rows: i32,
  counts: usize,
  entryCount: i32,
  used: usize,
  weights: usize,
): i32 {
  return entryCount < LANE_ENTRIES_MAX
    ? countInLanes(ids, rows, counts, entryCount, used, weights)
    : countSingly(ids, rows, counts, entryCount, used, weights);
}

/**
 * Rows in turn count in one of four places: where neighbours have the same value, as in columns of few, a count would otherwise wait
 * for the one before it to be stored. 46 million cells of 33 columns took 34 ms instead of 67.
 */
function countInLanes(
  ids: usize,
  rows: i32,
  counts: usize,
  entryCount: i32,
  used: usize,
  weights: usize,
): i32 {
  memory.fill(counts, 0, (<usize>(entryCount + 1)) << LANE_SHIFT);
  // At 1 more than the id, so that no value is counted too, without a branch.
  const first = counts + (1 << LANE_SHIFT);
  const whole = rows & ~3;
  let row = 0;
  for (; row < whole; row += 4) {
    const at = ids + ((<usize>row) << 2);
    countAt(first + ((<isize>load<i32>(at)) << LANE_SHIFT));
    countAt(first + ((<isize>load<i32>(at, 4)) << LANE_SHIFT) + 4);
    countAt(first + ((<isize>load<i32>(at, 8)) << LANE_SHIFT) + 8);
    countAt(first + ((<isize>load<i32>(at, 12)) << LANE_SHIFT) + 12);
  }
  for (; row < rows; row++) {
    countAt(first + ((<isize>load<i32>(ids + ((<usize>row) << 2))) << LANE_SHIFT));
  }
  presentCount = rows - lanesSum(counts);
  let to = 0;
  for (let id = 0; id < entryCount; id++) {
    const count = lanesSum(first + ((<usize>id) << LANE_SHIFT));
    to = keepUsed(id, count, used, weights, to);
  }
  return to >> 2;
}

function countSingly(
  ids: usize,
  rows: i32,
  counts: usize,
  entryCount: i32,
  used: usize,
  weights: usize,
): i32 {
  memory.fill(counts, 0, (<usize>(entryCount + 1)) << 2);
  const first = counts + 4;
  for (let row = 0; row < rows; row++) {
    countAt(first + ((<isize>load<i32>(ids + ((<usize>row) << 2))) << 2));
  }
  presentCount = rows - load<i32>(counts);
  let to = 0;
  for (let id = 0; id < entryCount; id++) {
    to = keepUsed(id, load<i32>(first + ((<usize>id) << 2)), used, weights, to);
  }
  return to >> 2;
}

function countAt(at: usize): void {
  store<i32>(at, load<i32>(at) + 1);
}

function lanesSum(at: usize): i32 {
  return load<i32>(at) + load<i32>(at, 4) + load<i32>(at, 8) + load<i32>(at, 12);
}

/** The place of an entry that is not used the next takes. */
function keepUsed(id: i32, count: i32, used: usize, weights: usize, to: i32): i32 {
  store<i32>(used + to, id);
  store<i32>(weights + to, count);
  return count == 0 ? to : to + 4;
}

/*
 * The functions that follow go over `count` entries, whose ids stand from `ids` on, each with as many rows as `weights` says, or one
 * where that is 0.
 */

/** Of the numbers that sumNumbers has gone over. */
export let numbersMean: f64 = 0;
export let numbersSquares: f64 = 0;

/**
 * Mean of `rows` numbers, and the sum of squared distances from it. The sums are of distances from the first value, so that large
 * numbers close to one another lose no digits.
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

/**
 * Not one function with a switch in its loops, which took three times as long. Even and odd places have sums of their own, because
 * each addition waits for the one before it.
 */
function sums<T>(
  entries: usize,
  width: i32,
  ids: usize,
  count: i32,
  weights: usize,
  rows: i32,
): void {
  const first = numberAt<T>(entries, width, ids, 0);
  let even: f64 = 0;
  let odd: f64 = 0;
  const last = count - 1;
  let at = 0;
  for (; at < last; at += 2) {
    even += weightAt(weights, at) * (numberAt<T>(entries, width, ids, at) - first);
    odd += weightAt(weights, at + 1) * (numberAt<T>(entries, width, ids, at + 1) - first);
  }
  if (at == last) even += weightAt(weights, at) * (numberAt<T>(entries, width, ids, at) - first);
  const mean = (even + odd) / <f64>rows;
  even = 0;
  odd = 0;
  for (at = 0; at < last; at += 2) {
    const distance = numberAt<T>(entries, width, ids, at) - first - mean;
    even += weightAt(weights, at) * distance * distance;
    const next = numberAt<T>(entries, width, ids, at + 1) - first - mean;
    odd += weightAt(weights, at + 1) * next * next;
  }
  if (at == last) {
    const distance = numberAt<T>(entries, width, ids, at) - first - mean;
    even += weightAt(weights, at) * distance * distance;
  }
  numbersMean = first + mean;
  numbersSquares = even + odd;
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
    if (value < low || value > high) rows += <i32>weightAt(weights, at);
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

function weightAt(weights: usize, at: i32): f64 {
  return weights == 0 ? 1 : <f64>load<i32>(weights + ((<usize>at) << 2));
}

/** Of the texts that measureTexts has gone over, in characters (code points). */
export let shortestText: i32 = 0;
export let longestText: i32 = 0;
export let textCharacters: f64 = 0;

export function measureTexts(
  entries: usize,
  offsets: usize,
  entryCount: i32,
  ids: usize,
  count: i32,
  weights: usize,
): void {
  // In most files each byte is a character.
  const plain = isPlain(entries, load<i32>(offsets + ((<usize>entryCount) << 2)));
  let shortest = i32.MAX_VALUE;
  let longest = 0;
  let sum: f64 = 0;
  for (let at = 0; at < count; at++) {
    const offset = offsets + ((<usize>load<i32>(ids + ((<usize>at) << 2))) << 2);
    const start = load<i32>(offset);
    const bytes = load<i32>(offset, 4) - start;
    const length = plain ? bytes : charactersOf(entries + start, bytes);
    shortest = min(shortest, length);
    longest = max(longest, length);
    sum += weightAt(weights, at) * <f64>length;
  }
  shortestText = shortest;
  longestText = longest;
  textCharacters = sum;
}

/** Eight bytes at a time: all that do not continue a character, which are those but 10xxxxxx. */
function charactersOf(at: usize, length: i32): i32 {
  let continued = 0;
  for (let from = 0; from < length; from += 8) {
    let word = load<u64>(at + from);
    const rest = length - from;
    if (rest < 8) word &= u64.MAX_VALUE >> (64 - ((<u64>rest) << 3));
    continued += <i32>popcnt((word >> 7) & ~(word >> 6) & 0x0101010101010101);
  }
  return length - continued;
}
