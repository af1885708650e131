// Cleans a cell: trims, knows null words, lower-cases ASCII. Letters beyond it, which need the tables of Unicode, are left to the host.
import { compareBytes, SLACK_BYTES } from './memory';

/** The cell has no value. */
export const NO_VALUE: i32 = 1;
/** The host has to clean the cell. */
export const UNDECIDED: i32 = 2;

const SPACE: u32 = 32;
const FIRST_NON_ASCII: u32 = 0x80;

/** The cell as cleaned, and whether it is a copy; parsers that render it in their form move it as well. */
export let cleanedAt: usize = 0;
export let cleanedLength: i32 = 0;
export let isCleanedCopy: bool = false;

let scratch: usize = 0;
let scratchRoom: i32 = 0;

/** Memory for a copy of so many bytes; the one before is lost. */
export function scratchFor(length: i32): usize {
  if (length + SLACK_BYTES > scratchRoom) {
    if (scratch != 0) heap.free(scratch);
    scratchRoom = (length + SLACK_BYTES) * 2;
    scratch = heap.alloc(scratchRoom);
  }
  return scratch;
}

/** The cell is this copy of it. */
export function setCleanedCopy(at: usize, length: i32): void {
  cleanedAt = at;
  cleanedLength = length;
  isCleanedCopy = true;
}

/** A cell that needs no cleaning. */
export function setCleaned(at: usize, length: i32): void {
  cleanedAt = at;
  cleanedLength = length;
  isCleanedCopy = false;
}

/** Gives 0 where the cell has a value, and leaves it in `cleanedAt` and `cleanedLength`. */
export function cleanCell(
  at: usize,
  length: i32,
  trims: bool,
  lowercases: bool,
  nullWords: usize,
): i32 {
  setCleaned(at, length);
  if (trims && !(isVisible(load<u8>(at)) && isVisible(load<u8>(at + length - 1)))) {
    const verdict = trim();
    if (verdict != 0) return verdict;
  }
  if (nullWords != 0 && isNullWord(cleanedAt, cleanedLength, nullWords)) return NO_VALUE;
  if (!lowercases) return 0;
  const letters = lettersIn(cleanedAt, cleanedLength);
  if (letters == 0) return 0;
  if (letters == UNDECIDED) return UNDECIDED;
  setCleanedCopy(lowercased(cleanedAt, cleanedLength), cleanedLength);
  return nullWords != 0 && isNullWord(cleanedAt, cleanedLength, nullWords) ? NO_VALUE : 0;
}

/** Takes white space off both ends of the cell. */
function trim(): i32 {
  let at = cleanedAt;
  let end = at + cleanedLength;
  for (let bytes = spaceAt(at, end); bytes > 0; bytes = spaceAt(at, end)) at += bytes;
  if (at == end) return NO_VALUE;
  for (let bytes = spaceBefore(at, end); bytes > 0; bytes = spaceBefore(at, end)) end -= bytes;
  cleanedAt = at;
  cleanedLength = <i32>(end - at);
  return 0;
}

/** How many bytes the white space takes that a cell up to `end` begins with; 0 where it begins with none. */
function spaceAt(at: usize, end: usize): i32 {
  if (at == end) return 0;
  const first: u32 = load<u8>(at);
  if (first < FIRST_NON_ASCII) return <i32>isSpace(first);
  if (end - at >= 2 && isWideSpace(first, load<u8>(at, 1))) return 2;
  return end - at >= 3 && isWiderSpace(first, load<u8>(at, 1), load<u8>(at, 2)) ? 3 : 0;
}

/** The same of white space at the end. There is another character in the cell. */
function spaceBefore(at: usize, end: usize): i32 {
  const last: u32 = load<u8>(end - 1);
  if (last < FIRST_NON_ASCII) return <i32>isSpace(last);
  if (end - at >= 2 && isWideSpace(load<u8>(end - 2), last)) return 2;
  return end - at >= 3 && isWiderSpace(load<u8>(end - 3), load<u8>(end - 2), last) ? 3 : 0;
}

/** Whether a byte is a character of ASCII that is no white space. */
export function isVisible(byte: u32): bool {
  return byte - 33 < 94;
}

/** ASCII white space: space, tab, line feed, vertical tab, form feed, carriage return. */
function isSpace(byte: u32): bool {
  return byte == SPACE || byte - 9 <= 4;
}

/** Spec: ECMAScript, white space and line terminators. Beyond ASCII one takes two bytes in UTF-8, the no-break space. */
function isWideSpace(first: u32, second: u32): bool {
  return first == 0xc2 && second == 0xa0;
}

/** The others take three: U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F, U+3000, and the mark U+FEFF. */
function isWiderSpace(first: u32, second: u32, third: u32): bool {
  switch (first) {
    case 0xe1:
      return second == 0x9a && third == 0x80;
    case 0xe2:
      if (second == 0x81) return third == 0x9f;
      if (second != 0x80) return false;
      return third - 0x80 <= 0x0a || third == 0xa8 || third == 0xa9 || third == 0xaf;
    case 0xe3:
      return second == 0x80 && third == 0x80;
    default:
      return first == 0xef && second == 0xbb && third == 0xbf;
  }
}

/** `words`: each behind its length in four bytes, a 0 behind the last. */
export function isNullWord(at: usize, length: i32, words: usize): bool {
  let word = words;
  let wordLength = load<i32>(word);
  while (wordLength != 0) {
    if (wordLength == length && compareBytes(at, word + 4, length) == 0) return true;
    word += wordLength + 4;
    wordLength = load<i32>(word);
  }
  return false;
}

/** 0: no letter that lower-casing changes; UNDECIDED: there are bytes beyond ASCII; else there is one. */
function lettersIn(at: usize, length: i32): i32 {
  let upper = i8x16.splat(0);
  let beyond: i32 = 0;
  let from = 0;
  for (; from + 16 <= length; from += 16) {
    const bytes = v128.load(at + from);
    beyond |= i8x16.bitmask(bytes);
    upper = v128.or(upper, upperCase(bytes));
  }
  let found = <i32>v128.any_true(upper);
  if (from < length) {
    const counted = (1 << (length - from)) - 1;
    const bytes = v128.load(at + from);
    beyond |= i8x16.bitmask(bytes) & counted;
    found |= i8x16.bitmask(upperCase(bytes)) & counted;
  }
  if (beyond != 0) return UNDECIDED;
  return found == 0 ? 0 : 1;
}

/** Which of sixteen bytes are A to Z. */
function upperCase(bytes: v128): v128 {
  return i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(65)), i8x16.splat(26));
}

function lowercased(at: usize, length: i32): usize {
  const copy = scratchFor(length);
  for (let from = 0; from < length; from += 16) {
    const bytes = v128.load(at + from);
    const raised = v128.and(upperCase(bytes), i8x16.splat(32));
    v128.store(copy + from, v128.or(bytes, raised));
  }
  return copy;
}
