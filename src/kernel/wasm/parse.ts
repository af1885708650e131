// Reads the values of cells that are written as most are. A cell in any other form, or with a value that the type does not
// hold, is left to the host, whose parsers know every form and say what is wrong.
import { cleanedAt, cleanedLength, scratchFor, setCleanedCopy } from './clean';
import { copyBytes } from './memory';

/** Forms of cells. */
export const ANY_FORM: i32 = 0; // the host reads all
export const WHOLE_NUMBER: i32 = 1;
export const DECIMAL: i32 = 2;
export const DATE: i32 = 3;
export const DATETIME: i32 = 4;
export const REAL: i32 = 5;
export const TEXT: i32 = 6;
export const PADDED_TEXT: i32 = 7;

/** How entries are held. */
export const BOOLEAN: i32 = 0;
export const INT32: i32 = 1;
export const INT64: i32 = 2;
export const FLOAT: i32 = 3;
export const DOUBLE: i32 = 4;
export const BYTES: i32 = 5;
export const FIXED: i32 = 6;

/** What a parser of numbers gives for a cell that is left to the host: no number of 18 digits, date or time has this value. */
export const UNPARSED: i64 = i64.MIN_VALUE;

const SPACE: u32 = 32;

const MINUS: u32 = 45;
const POINT: u32 = 46;
const ZERO: u32 = 48;
const LETTER_T: u32 = 84;

/** The most digits whose value is certain to fit 64 bits. */
const DIGITS_MAX: i32 = 18;
/** The most digits whose value is exact in a double, and the highest power of ten that is. */
const REAL_DIGITS_MAX: i32 = 15;

/** Whether cells of a form are what parseNumber reads. */
export function isNumeric(form: i32): bool {
  return form >= WHOLE_NUMBER && form <= DATETIME;
}

/** Whether a text of at least one byte fits as it is. `lengthMax`: the most bytes. */
export function isText(at: usize, length: i32, form: i32, lengthMax: i32): bool {
  return length <= lengthMax && (form == TEXT || load<u8>(at + length - 1) != SPACE);
}

/**
 * Reads a cleaned cell, at least one byte, as a number, or as a date or a time, which are numbers too; or gives UNPARSED. Its
 * canonical text is then at `cleanedAt`. `wholeMax`: of a decimal the digits before the point; `scale`: those behind it, or of
 * a second's fraction; `min` and `max`: of a whole number, or of the seconds since 1970.
 */
export function parseNumber(
  at: usize,
  length: i32,
  form: i32,
  wholeMax: i32,
  scale: i32,
  min: i64,
  max: i64,
): i64 {
  switch (form) {
    case WHOLE_NUMBER:
      return parseWholeNumber(at, length, min, max);
    case DECIMAL:
      return parseDecimal(at, length, wholeMax, scale);
    case DATE:
      return length == 10 ? parseDate(at) : UNPARSED;
    default:
      return parseDatetime(at, length, scale, min, max);
  }
}

/** A zero digit in each byte, and what is to be added to 0 to 9 so that anything more has the highest bit of its byte. */
const ZEROS: u64 = 0x3030303030303030;
const BEYOND_NINE: u64 = 0x7676767676767676;
const HIGHEST_BITS: u64 = 0x8080808080808080;

/** The value of 1 to 8 digits; -1 where there is anything else. */
function digitsOf(at: usize, count: i32): i64 {
  // Aligned to the end, with zeros before.
  const unused = 64 - ((<u64>count) << 3);
  let word = (load<u64>(at) ^ ZEROS) << unused;
  if (((word | (word + BEYOND_NINE)) & HIGHEST_BITS) != 0) return -1;
  // Two digits to a number, two of these, two of those. Source: Lemire, Quickly parsing eight digits, 2018.
  word = word * 10 + (word >> 8);
  word =
    ((word & 0x000000ff000000ff) * 0x000f424000000064 +
      ((word >> 16) & 0x000000ff000000ff) * 0x0000271000000001) >>
    32;
  return <i64>(word & 0xffffffff);
}

/** Digits without a leading zero or plus sign: their own canonical text. */
function parseWholeNumber(at: usize, length: i32, min: i64, max: i64): i64 {
  const negative = load<u8>(at) == MINUS;
  const digits = negative ? length - 1 : length;
  let from = negative ? at + 1 : at;
  if (digits < 1 || digits > DIGITS_MAX || (load<u8>(from) == ZERO && length > 1)) return UNPARSED;
  let value: i64 = 0;
  for (let rest = digits; rest > 0;) {
    const count = rest > 8 ? 8 : rest;
    const part = digitsOf(from, count);
    if (part < 0) return UNPARSED;
    // Only the last part can have less than eight digits.
    value = value * powerOfTen(count) + part;
    from += count;
    rest -= count;
  }
  if (negative) value = -value;
  return value < min || value > max ? UNPARSED : value;
}

/** 10 to a power of 0 to 18. */
function powerOfTen(power: i32): i64 {
  let value: i64 = 1;
  for (let i = 0; i < power; i++) value *= 10;
  return value;
}

/** A whole number with up to `scale` digits behind a point. Its canonical text has all of them. */
function parseDecimal(at: usize, length: i32, wholeMax: i32, scale: i32): i64 {
  const end = at + length;
  const negative = load<u8>(at) == MINUS;
  const first = negative ? at + 1 : at;
  let from = first;
  let value: i64 = 0;
  for (; from < end; from++) {
    const digit = <u32>load<u8>(from) - ZERO;
    if (digit > 9) break;
    value = value * 10 + digit;
    if (<i32>(from - first) >= DIGITS_MAX) return UNPARSED;
  }
  const whole = <i32>(from - first);
  if (whole < 1 || whole > wholeMax || (whole > 1 && load<u8>(first) == ZERO)) return UNPARSED;
  let fraction = 0;
  if (from < end) {
    fraction = <i32>(end - from) - 1;
    if (load<u8>(from) != POINT || fraction < 1 || fraction > scale) return UNPARSED;
    for (from++; from < end; from++) {
      const digit = <u32>load<u8>(from) - ZERO;
      if (digit > 9) return UNPARSED;
      value = value * 10 + digit;
    }
  }
  // Minus nothing is shown without its sign.
  if (negative && value == 0) return UNPARSED;
  if (fraction < scale) {
    for (let i = fraction; i < scale; i++) value *= 10;
    padFraction(at, length, fraction, scale);
  }
  return negative ? -value : value;
}

function padFraction(at: usize, length: i32, fraction: i32, scale: i32): void {
  const text = scratchFor(length + 1 + scale);
  // A cell that was lower-cased would be a copy in the same memory already; numbers are not.
  copyBytes(text, at, length);
  let end = length;
  if (fraction == 0) store<u8>(text + end++, <u8>POINT);
  for (let i = fraction; i < scale; i++) store<u8>(text + end++, <u8>ZERO);
  setCleanedCopy(text, end);
}

/** The date that was read last as text, its year and month and its day, and what it is: rows of a time come one after the other. */
let lastYearMonth: u64 = 0;
let lastDay: u32 = 0;
let lastDays: i64 = UNPARSED;

/** YYYY-MM-DD as days since 1970-01-01: the years 1000 to 9999. */
function parseDate(at: usize): i64 {
  const yearMonth = load<u64>(at);
  const dayBytes: u32 = load<u16>(at + 8);
  if (yearMonth == lastYearMonth && dayBytes == lastDay) return lastDays;
  const year = twoDigits(at) * 100 + twoDigits(at + 2);
  const month = twoDigits(at + 5);
  const day = twoDigits(at + 8);
  if (load<u8>(at + 4) != MINUS || load<u8>(at + 7) != MINUS) return UNPARSED;
  if (year < 1000 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month))
    return UNPARSED;
  lastYearMonth = yearMonth;
  lastDay = dayBytes;
  lastDays = daysFromCivil(year, month, day);
  return lastDays;
}

/** No two digits: so far below zero that a year made with it is negative too. */
const NO_DIGITS: i32 = -10_000;

function twoDigits(at: usize): i32 {
  const tens = <u32>load<u8>(at) - ZERO;
  const ones = <u32>load<u8>(at + 1) - ZERO;
  return tens <= 9 && ones <= 9 ? <i32>(tens * 10 + ones) : NO_DIGITS;
}

function daysIn(year: i32, month: i32): i32 {
  if (month == 2) {
    const leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return leap ? 29 : 28;
  }
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar. Source: Howard Hinnant, chrono-compatible date algorithms. */
function daysFromCivil(year: i32, month: i32, day: i32): i64 {
  const y = month <= 2 ? year - 1 : year;
  const era = y / 400;
  const yearOfEra = y - era * 400;
  const dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
  return <i64>(era * 146_097 + dayOfEra - 719_468);
}

/** 00:00:00 as a word, and what is to be added so that no digit, and no colon in its place, has the highest bit of its byte. */
const TIME_FORM: u64 = 0x30303a30303a3030;
const BEYOND_TIME: u64 = 0x76767f76767f7676;

/** Two digits in the lowest bytes of a word, the first in the lowest. */
function pairOf(word: u64): i64 {
  return <i64>((word & 15) * 10 + ((word >> 8) & 15));
}

/**
 * A date, a space or T, HH:MM:SS and exactly `fraction` digits behind a point: microseconds since 1970. `min` and `max` are
 * seconds. The canonical text has the space.
 */
function parseDatetime(at: usize, length: i32, fraction: i32, min: i64, max: i64): i64 {
  if (length != (fraction == 0 ? 19 : 20 + fraction)) return UNPARSED;
  const days = parseDate(at);
  if (days == UNPARSED) return UNPARSED;
  // HH:MM:SS, its digits as their values and its colons as 0.
  const time = load<u64>(at + 11) ^ TIME_FORM;
  if (((time | (time + BEYOND_TIME)) & HIGHEST_BITS) != 0) return UNPARSED;
  const hour = pairOf(time);
  const minute = pairOf(time >> 24);
  const second = pairOf(time >> 48);
  if (hour > 23 || minute > 59 || second > 59) return UNPARSED;
  let micros: i64 = 0;
  if (fraction > 0) {
    if (load<u8>(at + 19) != POINT) return UNPARSED;
    for (let i = 0; i < 6; i++) {
      micros *= 10;
      if (i >= fraction) continue;
      const digit = <u32>load<u8>(at + 20 + i) - ZERO;
      if (digit > 9) return UNPARSED;
      micros += digit;
    }
  }
  const seconds = days * 86_400 + hour * 3600 + minute * 60 + second;
  if (seconds < min || seconds > max) return UNPARSED;
  const separator: u32 = load<u8>(at + 10);
  if (separator == LETTER_T) {
    const text = scratchFor(length);
    copyBytes(text, at, length);
    store<u8>(text + 10, <u8>SPACE);
    setCleanedCopy(text, length);
  } else if (separator != SPACE) return UNPARSED;
  return seconds * 1_000_000 + micros;
}

/**
 * Up to 15 digits with a point among them, or NaN: the quotient of two numbers that doubles hold exactly is the nearest to what is written.
 * Source: Clinger, How to Read Floating Point Numbers Accurately, 1990. Written without zeros that say nothing, and not
 * below a millionth, the cell is the shortest text that reads back as the same value.
 */
export function parseReal(at: usize, length: i32): f64 {
  const end = at + length;
  const negative = load<u8>(at) == MINUS;
  const first = negative ? at + 1 : at;
  if (<i32>(end - first) > REAL_DIGITS_MAX + 1) return NaN;
  let value: i64 = 0;
  let point: usize = 0;
  for (let from = first; from < end; from++) {
    const byte: u32 = load<u8>(from);
    const digit = byte - ZERO;
    if (digit <= 9) value = value * 10 + digit;
    else if (byte == POINT && point == 0) point = from;
    else return NaN;
  }
  const whole = <i32>((point == 0 ? end : point) - first);
  if (whole < 1 || whole > REAL_DIGITS_MAX || (whole > 1 && load<u8>(first) == ZERO)) return NaN;
  if (value == 0 && length > 1) return NaN;
  let real = <f64>value;
  if (point != 0) {
    if (point + 1 == end || load<u8>(end - 1) == ZERO) return NaN;
    let divisor: f64 = 1;
    for (let from = point + 1; from < end; from++) divisor *= 10;
    real /= divisor;
    if (real < 1e-6) return NaN;
  }
  return negative ? -real : real;
}
