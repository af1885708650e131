// The least and the greatest of the entries of a column chunk, for its statistics.
import { compareBytes } from './memory';
import { BOOLEAN, DOUBLE, FIXED, FLOAT, INT32, INT64 } from './parse';

/** The entries with the least and the greatest value that were found last. */
export let leastId: i32 = 0;
export let greatestId: i32 = 0;

/** Finds the least and the greatest of at least one entry. False where there is a NaN, which has no order. */
export function findExtremes(
  storage: i32,
  entries: usize,
  offsets: usize,
  width: i32,
  ids: usize,
  count: i32,
): bool {
  switch (storage) {
    case BOOLEAN:
      return extremes<u8>(entries, ids, count);
    case INT32:
      return extremes<i32>(entries, ids, count);
    case INT64:
      return extremes<i64>(entries, ids, count);
    case FLOAT:
      return extremes<f32>(entries, ids, count);
    case DOUBLE:
      return extremes<f64>(entries, ids, count);
    case FIXED:
      fixedExtremes(entries, width, ids, count);
      return true;
    default:
      stringExtremes(entries, offsets, ids, count);
      return true;
  }
}

function extremes<T>(values: usize, ids: usize, count: i32): bool {
  let min = load<i32>(ids);
  let max = min;
  let least = load<T>(values + ((<usize>min) << alignof<T>()));
  let greatest = least;
  for (let at = 0; at < count; at++) {
    const id = load<i32>(ids + ((<usize>at) << 2));
    const value = load<T>(values + ((<usize>id) << alignof<T>()));
    if (value < least) {
      least = value;
      min = id;
    } else if (value > greatest) {
      greatest = value;
      max = id;
    } else if (isFloat<T>() && value != value) return false;
  }
  leastId = min;
  greatestId = max;
  return true;
}

function fixedExtremes(entries: usize, width: i32, ids: usize, count: i32): void {
  let min = load<i32>(ids);
  let max = min;
  for (let at = 1; at < count; at++) {
    const id = load<i32>(ids + ((<usize>at) << 2));
    if (isLessFixed(entries, width, id, min)) min = id;
    else if (isLessFixed(entries, width, max, id)) max = id;
  }
  leastId = min;
  greatestId = max;
}

/** Spec: DECIMAL in fixed bytes sorts as a signed number, which is bytewise but for the sign in the first byte. */
function isLessFixed(entries: usize, width: i32, a: i32, b: i32): bool {
  const atA = entries + <usize>a * width;
  const atB = entries + <usize>b * width;
  const difference = <i32>load<i8>(atA) - <i32>load<i8>(atB);
  if (difference != 0) return difference < 0;
  return memory.compare(atA, atB, width) < 0;
}

/**
 * Spec: byte arrays sort by unsigned bytes, a prefix first. The first eight bytes, as one number, decide for nearly all, and the next
 * eight where those are the same in all of them; what is behind the end of a shorter one counts as zeros.
 */
function stringExtremes(entries: usize, offsets: usize, ids: usize, count: i32): void {
  let min = load<i32>(ids);
  let max = min;
  let least = wordOf(entries, offsets, min, 0);
  let greatest = least;
  let leastNext = wordOf(entries, offsets, min, 8);
  let greatestNext = leastNext;
  for (let at = 1; at < count; at++) {
    const id = load<i32>(ids + ((<usize>at) << 2));
    const first = wordOf(entries, offsets, id, 0);
    if (first > least && first < greatest) continue;
    const next = wordOf(entries, offsets, id, 8);
    const order = first == least ? compareWords(next, leastNext) : compareWords(first, least);
    if (order < 0 || (order == 0 && isLessString(entries, offsets, id, min))) {
      least = first;
      leastNext = next;
      min = id;
    }
    const above =
      first == greatest ? compareWords(next, greatestNext) : compareWords(first, greatest);
    if (above > 0 || (above == 0 && isLessString(entries, offsets, max, id))) {
      greatest = first;
      greatestNext = next;
      max = id;
    }
  }
  leastId = min;
  greatestId = max;
}

/** Eight bytes of an entry from `skipped` on, the first the most significant. */
function wordOf(entries: usize, offsets: usize, id: i32, skipped: i32): u64 {
  const offset = offsets + ((<usize>id) << 2);
  const start = load<i32>(offset) + skipped;
  const length = load<i32>(offset, 4) - start;
  if (length <= 0) return 0;
  const word = bswap<u64>(load<u64>(entries + start));
  return length >= 8 ? word : word & ~(u64.MAX_VALUE >> ((<u64>length) << 3));
}

function compareWords(a: u64, b: u64): i32 {
  return <i32>(a > b) - <i32>(a < b);
}

function isLessString(entries: usize, offsets: usize, a: i32, b: i32): bool {
  const startA = load<i32>(offsets + ((<usize>a) << 2));
  const startB = load<i32>(offsets + ((<usize>b) << 2));
  const lengthA = load<i32>(offsets + ((<usize>a) << 2), 4) - startA;
  const lengthB = load<i32>(offsets + ((<usize>b) << 2), 4) - startB;
  const order = compareBytes(entries + startA, entries + startB, min(lengthA, lengthB));
  return order == 0 ? lengthA < lengthB : order < 0;
}
