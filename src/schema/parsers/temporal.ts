import {
  ACCEPTED,
  ACCEPTED_RENDERED,
  BROKEN_RANGE,
  BROKEN_TYPE,
  type ValueParser,
  type ValueSink,
  type Verdict,
} from '../value-parser.ts';
import { MINUS, PLUS, POINT, ZERO } from './numerals.ts';

const COLON = 58;
const SPACE = 32;
const LETTER_T = 84;
const LETTER_Z = 90;

const MICROS_PER_SECOND = 1_000_000;
const SECONDS_PER_DAY = 86_400;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** What MySQL's TIMESTAMP holds, in seconds since 1970: 1970-01-01 00:00:01 to 2038-01-19 03:14:07 UTC. */
const TIMESTAMP_MIN = 1;
const TIMESTAMP_MAX = 2 ** 31 - 1;

/** The last part that was read; parsers run one at a time in a thread. Allocating an object a cell would cost more. */
const part = { days: 0, seconds: 0, micros: 0, end: 0, fractionDigits: 0, shortTime: false };

/** DATE: YYYY-MM-DD, the years 1000 to 9999 that MySQL supports. Stored as days since 1970-01-01. */
export const dateParser: ValueParser = (bytes, start, end, sink) => {
  if (end - start !== 10) return BROKEN_TYPE;
  const verdict = readDate(bytes, start);
  if (verdict === ACCEPTED) sink.addInt32(part.days);
  return verdict;
};

/** TIME: HH:MM, HH:MM:SS or HH:MM:SS.ffffff of a day. Stored as microseconds since midnight. */
export function timeParser(fraction: number): ValueParser {
  return (bytes, start, end, sink) => {
    const verdict = readTime(bytes, start, end, fraction);
    if (verdict !== ACCEPTED) return verdict;
    if (part.end !== end) return BROKEN_TYPE;
    sink.addInt64(part.seconds * MICROS_PER_SECOND + part.micros);
    if (!part.shortTime && part.fractionDigits === fraction) return ACCEPTED;
    sink.rendered = timeText(part.seconds, part.micros, fraction);
    return ACCEPTED_RENDERED;
  };
}

/** DATETIME: a date, a space or T, a time; no zone, because the column has none. Microseconds since 1970-01-01 00:00. */
export function datetimeParser(fraction: number): ValueParser {
  return (bytes, start, end, sink) => {
    const verdict = readDatetime(bytes, start, end, fraction);
    if (verdict !== ACCEPTED) return verdict;
    if (part.end !== end) return BROKEN_TYPE;
    addMicros(part.days * SECONDS_PER_DAY + part.seconds, part.micros, sink);
    const canonical =
      !part.shortTime && part.fractionDigits === fraction && bytes[start + 10] === SPACE;
    if (canonical) return ACCEPTED;
    sink.rendered = `${dateText(part.days)} ${timeText(part.seconds, part.micros, fraction)}`;
    return ACCEPTED_RENDERED;
  };
}

/** TIMESTAMP: as DATETIME, with an optional Z or +HH:MM; without one it is UTC. An instant, stored and shown in UTC. */
export function timestampParser(fraction: number): ValueParser {
  return (bytes, start, end, sink) => {
    const verdict = readDatetime(bytes, start, end, fraction);
    if (verdict !== ACCEPTED) return verdict;
    let canonical =
      !part.shortTime && part.fractionDigits === fraction && bytes[start + 10] === SPACE;
    let instant = part.days * SECONDS_PER_DAY + part.seconds;
    if (part.end !== end) {
      const offset = readOffset(bytes, part.end, end);
      if (Number.isNaN(offset)) return BROKEN_TYPE;
      instant -= offset;
      canonical = false;
    }
    if (instant < TIMESTAMP_MIN || instant > TIMESTAMP_MAX) return BROKEN_RANGE;
    addMicros(instant, part.micros, sink);
    if (canonical) return ACCEPTED;
    const days = Math.floor(instant / SECONDS_PER_DAY);
    const seconds = instant - days * SECONDS_PER_DAY;
    sink.rendered = `${dateText(days)} ${timeText(seconds, part.micros, fraction)}`;
    return ACCEPTED_RENDERED;
  };
}

function readDatetime(bytes: Uint8Array, start: number, end: number, fraction: number): Verdict {
  if (end - start < 16) return BROKEN_TYPE;
  const separator = bytes[start + 10];
  if (separator !== SPACE && separator !== LETTER_T) return BROKEN_TYPE;
  // The time first: readTime leaves days alone, and a time that does not read is the clearer complaint.
  const verdict = readTime(bytes, start + 11, end, fraction);
  return verdict === ACCEPTED ? readDate(bytes, start) : verdict;
}

/** No two digits: so far below zero that a year made with it is negative too. NaN would make all sums floating point. */
const NO_DIGITS = -10_000;

function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - ZERO;
  const ones = bytes[at + 1]! - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NO_DIGITS;
}

function readDate(bytes: Uint8Array, start: number): Verdict {
  if (bytes[start + 4] !== MINUS || bytes[start + 7] !== MINUS) return BROKEN_TYPE;
  const year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2);
  const month = twoDigits(bytes, start + 5);
  const day = twoDigits(bytes, start + 8);
  if ((year | month | day) < 0) return BROKEN_TYPE;
  if (year < 1000 || month < 1 || month > 12 || day < 1) return BROKEN_RANGE;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (day > DAYS_IN_MONTH[month - 1]! + (leap && month === 2 ? 1 : 0)) return BROKEN_RANGE;
  part.days = daysFromCivil(year, month, day);
  return ACCEPTED;
}

/** Reads up to the end of the time and leaves in part.end where that is. */
function readTime(bytes: Uint8Array, start: number, end: number, fraction: number): Verdict {
  if (end - start < 5 || bytes[start + 2] !== COLON) return BROKEN_TYPE;
  const hour = twoDigits(bytes, start);
  const minute = twoDigits(bytes, start + 3);
  let second = 0;
  let at = start + 5;
  part.shortTime = true;
  part.micros = 0;
  part.fractionDigits = 0;
  if (at < end && bytes[at] === COLON) {
    if (end - at < 3) return BROKEN_TYPE;
    second = twoDigits(bytes, at + 1);
    at += 3;
    part.shortTime = false;
    if (at < end && bytes[at] === POINT) {
      at = readFraction(bytes, at + 1, end);
      if (part.fractionDigits === 0) return BROKEN_TYPE;
    }
  }
  if ((hour | minute | second) < 0) return BROKEN_TYPE;
  if (hour > 23 || minute > 59 || second > 59) return BROKEN_RANGE;
  // Digits that the type has no place for would be rounded away, unless they are zeros.
  if (part.fractionDigits > fraction && !fits(part.micros, fraction)) return BROKEN_RANGE;
  part.seconds = hour * 3600 + minute * 60 + second;
  part.end = at;
  return ACCEPTED;
}

function fits(micros: number, fraction: number): boolean {
  return !Number.isNaN(micros) && micros % 10 ** (6 - fraction) === 0;
}

/** Leaves the microseconds in part, NaN where a digit other than 0 stands behind the sixth; gives the end of the digits. */
function readFraction(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  let micros = 0;
  for (; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) break;
    if (at - start < 6) micros = micros * 10 + digit;
    else if (digit !== 0) micros = NaN;
  }
  part.fractionDigits = at - start;
  part.micros = micros * 10 ** Math.max(0, 6 - part.fractionDigits);
  return at;
}

/** Z or +HH:MM or -HH:MM as seconds east of UTC, or NaN. */
function readOffset(bytes: Uint8Array, start: number, end: number): number {
  if (end - start === 1) return bytes[start] === LETTER_Z ? 0 : NaN;
  const sign = bytes[start];
  if (end - start !== 6 || bytes[start + 3] !== COLON) return NaN;
  if (sign !== PLUS && sign !== MINUS) return NaN;
  const hours = twoDigits(bytes, start + 1);
  const minutes = twoDigits(bytes, start + 4);
  // The widest offset in use is +14:00.
  if ((hours | minutes) < 0 || hours > 14 || minutes > 59) return NaN;
  return (sign === MINUS ? -1 : 1) * (hours * 3600 + minutes * 60);
}

/** Adds seconds and microseconds, which beyond the year 2255 are more than a double holds exactly. */
function addMicros(seconds: number, micros: number, sink: ValueSink): void {
  const total = seconds * MICROS_PER_SECOND + micros;
  if (Number.isSafeInteger(total)) sink.addInt64(total);
  else sink.addBigInt64(BigInt(seconds) * 1_000_000n + BigInt(micros));
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar. Source: Howard Hinnant, chrono-compatible date algorithms. */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  // No year is negative, so cutting the fraction off rounds down, and keeps to whole numbers.
  const era = (y / 400) | 0;
  const yearOfEra = y - era * 400;
  const dayOfYear = (((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) | 0) + day - 1;
  const dayOfEra = yearOfEra * 365 + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function dateText(days: number): string {
  return new Date(days * 86_400_000).toISOString().slice(0, 10);
}

function timeText(seconds: number, micros: number, fraction: number): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const time = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return fraction === 0 ? time : `${time}.${String(micros).padStart(6, '0').slice(0, fraction)}`;
}
