// What a profile tells of a column of texts.
import { isPlain } from './inspect';
import { Once, Weighted, weightAt } from './weights';

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
  if (weights == 0) measure<Once>(entries, offsets, plain, ids, count, weights);
  else measure<Weighted>(entries, offsets, plain, ids, count, weights);
}

function measure<W>(
  entries: usize,
  offsets: usize,
  plain: bool,
  ids: usize,
  count: i32,
  weights: usize,
): void {
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
    sum += weightAt<W>(weights, at) * <f64>length;
  }
  shortestText = shortest;
  longestText = longest;
  textCharacters = sum;
}

/** How many characters they are. Eight bytes at a time: all that do not continue one, which are those but 10xxxxxx. */
export function charactersOf(at: usize, length: i32): i32 {
  let continued = 0;
  for (let from = 0; from < length; from += 8) {
    let word = load<u64>(at + from);
    const rest = length - from;
    if (rest < 8) word &= u64.MAX_VALUE >> (64 - ((<u64>rest) << 3));
    continued += <i32>popcnt((word >> 7) & ~(word >> 6) & 0x0101010101010101);
  }
  return length - continued;
}
