// What a profile tells of a column: loops over the entries that its rows use, each with the number of rows that have it.
import { hashBytes, hashNumber, mix } from './hash';
import { isPlain } from './inspect';
import { BOOLEAN, DOUBLE, FIXED, FLOAT, INT32, INT64 } from './parse';

/** How many rows have a value, after countUses; the entries that they use, after usedEntries. */
export let presentCount: i32 = 0;

/** Counts for each entry the rows that have it: `counts` has `entryCount` numbers. Returns how many entries are used. */
export function countUses(ids: usize, rows: i32, counts: usize, entryCount: i32): i32 {
  memory.fill(counts, 0, (<usize>entryCount) << 2);
  let present = 0;
  for (let row = 0; row < rows; row++) {
    const id = load<i32>(ids + ((<usize>row) << 2));
    if (id < 0) continue;
    const at = counts + ((<usize>id) << 2);
    store<i32>(at, load<i32>(at) + 1);
    present++;
  }
  presentCount = present;
  let used = 0;
  for (let id = 0; id < entryCount; id++) used += i32(load<i32>(counts + ((<usize>id) << 2)) != 0);
  return used;
}

/** Writes the ids of the entries that are used to `used`, in their order. */
export function usedEntries(counts: usize, entryCount: i32, used: usize): void {
  let at = used;
  for (let id = 0; id < entryCount; id++) {
    if (load<i32>(counts + ((<usize>id) << 2)) == 0) continue;
    store<i32>(at, id);
    at += 4;
  }
}

/** A big-endian two's complement number. */
function fixedNumber(at: usize, width: i32): f64 {
  let value = <f64>load<i8>(at);
  for (let byte = 1; byte < width; byte++) value = value * 256 + <f64>load<u8>(at + byte);
  return value;
}

/** Of the entries that sumNumbers has gone over. */
export let numbersMean: f64 = 0;
export let numbersSquares: f64 = 0;
export let numbersOutside: i32 = 0;

/**
 * Mean, sum of squared distances from it, and how many rows lie outside of `low` to `high`. The sums are of distances from the first
 * value, so that large numbers close to one another lose no digits.
 */
export function sumNumbers(
  storage: i32,
  entries: usize,
  width: i32,
  used: usize,
  usedCount: i32,
  counts: usize,
  low: f64,
  high: f64,
): void {
  switch (storage) {
    case INT32:
      sums<i32>(entries, used, usedCount, counts, low, high);
      return;
    case INT64:
      sums<i64>(entries, used, usedCount, counts, low, high);
      return;
    case FLOAT:
      sums<f32>(entries, used, usedCount, counts, low, high);
      return;
    case DOUBLE:
      sums<f64>(entries, used, usedCount, counts, low, high);
      return;
    default:
      fixedSums(entries, width, used, usedCount, counts, low, high);
  }
}

/** Not one function with a switch in its loops, which took three times as long. */
function sums<T>(
  entries: usize,
  used: usize,
  usedCount: i32,
  counts: usize,
  low: f64,
  high: f64,
): void {
  const first = <f64>load<T>(entries + ((<usize>load<i32>(used)) << alignof<T>()));
  let rows: f64 = 0;
  let sum: f64 = 0;
  let outside = 0;
  for (let at = 0; at < usedCount; at++) {
    const id = <usize>load<i32>(used + ((<usize>at) << 2));
    const count = load<i32>(counts + (id << 2));
    const value = <f64>load<T>(entries + (id << alignof<T>()));
    rows += <f64>count;
    sum += <f64>count * (value - first);
    outside += count * i32((value < low) | (value > high));
  }
  const mean = sum / rows;
  let squares: f64 = 0;
  for (let at = 0; at < usedCount; at++) {
    const id = <usize>load<i32>(used + ((<usize>at) << 2));
    const distance = <f64>load<T>(entries + (id << alignof<T>())) - first - mean;
    squares += <f64>load<i32>(counts + (id << 2)) * distance * distance;
  }
  numbersMean = first + mean;
  numbersSquares = squares;
  numbersOutside = outside;
}

function fixedSums(
  entries: usize,
  width: i32,
  used: usize,
  usedCount: i32,
  counts: usize,
  low: f64,
  high: f64,
): void {
  const first = fixedNumber(entries + <usize>load<i32>(used) * width, width);
  let rows: f64 = 0;
  let sum: f64 = 0;
  let outside = 0;
  for (let at = 0; at < usedCount; at++) {
    const id = <usize>load<i32>(used + ((<usize>at) << 2));
    const count = load<i32>(counts + (id << 2));
    const value = fixedNumber(entries + id * width, width);
    rows += <f64>count;
    sum += <f64>count * (value - first);
    outside += count * i32((value < low) | (value > high));
  }
  const mean = sum / rows;
  let squares: f64 = 0;
  for (let at = 0; at < usedCount; at++) {
    const id = <usize>load<i32>(used + ((<usize>at) << 2));
    const distance = fixedNumber(entries + id * width, width) - first - mean;
    squares += <f64>load<i32>(counts + (id << 2)) * distance * distance;
  }
  numbersMean = first + mean;
  numbersSquares = squares;
  numbersOutside = outside;
}

/** Of the texts that measureTexts has gone over, in characters (code points). */
export let shortestText: i32 = 0;
export let longestText: i32 = 0;
export let textCharacters: f64 = 0;

export function measureTexts(
  entries: usize,
  offsets: usize,
  entryCount: i32,
  used: usize,
  usedCount: i32,
  counts: usize,
): void {
  // In most files each byte is a character.
  const plain = isPlain(entries, load<i32>(offsets + ((<usize>entryCount) << 2)));
  let shortest = i32.MAX_VALUE;
  let longest = 0;
  let sum: f64 = 0;
  for (let at = 0; at < usedCount; at++) {
    const id = load<i32>(used + ((<usize>at) << 2));
    const offset = offsets + ((<usize>id) << 2);
    const start = load<i32>(offset);
    const bytes = load<i32>(offset, 4) - start;
    const length = plain ? bytes : charactersOf(entries + start, bytes);
    shortest = min(shortest, length);
    longest = max(longest, length);
    sum += <f64>load<i32>(counts + ((<usize>id) << 2)) * <f64>length;
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

/**
 * Enters values into a sketch of how many different ones there are (HyperLogLog): each into one of 2^precision registers. Where
 * `cells` is not 0, register and rank of each go there instead, as register * 64 + rank.
 */
export function sketchEntries(
  storage: i32,
  entries: usize,
  offsets: usize,
  width: i32,
  used: usize,
  usedCount: i32,
  precision: i32,
  registers: usize,
  cells: usize,
): void {
  for (let at = 0; at < usedCount; at++) {
    const id = load<i32>(used + ((<usize>at) << 2));
    const hash = hashOf(storage, entries, offsets, width, id);
    const register = <u32>(hash >> (<u64>(64 - precision)));
    const rank = <u32>clz((hash << (<u64>precision)) | 1) + 1;
    if (cells != 0) {
      store<u32>(cells + ((<usize>at) << 2), (register << 6) | min<u32>(rank, 63));
      continue;
    }
    const place = registers + <usize>register;
    if (<u32>load<u8>(place) < rank) store<u8>(place, <u8>min<u32>(rank, 63));
  }
}

/** The same in each run, so that a profile is. */
function hashOf(storage: i32, entries: usize, offsets: usize, width: i32, id: i32): u64 {
  switch (storage) {
    case INT32:
      return hashNumber(<u64>load<u32>(entries + ((<usize>id) << 2)), SEED);
    case INT64:
      return hashNumber(load<u64>(entries + ((<usize>id) << 3)), SEED);
    // Adding a positive zero makes one zero of the two.
    case FLOAT:
      return hashNumber(reinterpret<u64>(<f64>load<f32>(entries + ((<usize>id) << 2)) + 0.0), SEED);
    case DOUBLE:
      return hashNumber(reinterpret<u64>(load<f64>(entries + ((<usize>id) << 3)) + 0.0), SEED);
    case BOOLEAN:
      return hashNumber(<u64>load<u8>(entries + id), SEED);
    case FIXED:
      return hashBytes(entries + <usize>id * width, width, SEED);
    default: {
      const offset = offsets + ((<usize>id) << 2);
      const start = load<i32>(offset);
      const length = load<i32>(offset, 4) - start;
      return length == 0 ? mix(SEED) : hashBytes(entries + start, length, SEED);
    }
  }
}

const SEED: u64 = 0x243f6a8885a308d3;
