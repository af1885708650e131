// Cleans a cell: trims, knows null words, lower-cases ASCII. What needs the tables of Unicode is left to the host.
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
  let length = cleanedLength;
  while (length > 0 && isSpace(load<u8>(at))) {
    at++;
    length--;
  }
  while (length > 0 && isSpace(load<u8>(at + length - 1))) length--;
  if (length == 0) return NO_VALUE;
  if (load<u8>(at) >= FIRST_NON_ASCII && mayBeSpace(at)) return UNDECIDED;
  if (load<u8>(at + length - 1) >= FIRST_NON_ASCII) {
    // White space beyond ASCII has two or three bytes.
    if (length >= 2 && mayBeSpace(at + length - 2)) return UNDECIDED;
    if (length >= 3 && mayBeSpace(at + length - 3)) return UNDECIDED;
  }
  cleanedAt = at;
  cleanedLength = length;
  return 0;
}

/** Whether a byte is a character of ASCII that is no white space. */
export function isVisible(byte: u32): bool {
  return byte - 33 < 94;
}

/** ASCII white space: space, tab, line feed, vertical tab, form feed, carriage return. */
function isSpace(byte: u32): bool {
  return byte == SPACE || byte - 9 <= 4;
}

/** Whether a character of Unicode's white space may start here: the no-break space, U+1680, those from U+2000 on, the mark. */
function mayBeSpace(at: usize): bool {
  const first: u32 = load<u8>(at);
  const second: u32 = load<u8>(at + 1);
  return (
    (first == 0xc2 && second == 0xa0) ||
    (first == 0xe1 && second == 0x9a) ||
    (first == 0xe2 && (second == 0x80 || second == 0x81)) ||
    (first == 0xe3 && second == 0x80) ||
    (first == 0xef && second == 0xbb)
  );
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
