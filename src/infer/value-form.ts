import { columnTypes } from '../schema/column-types.ts';
import type { ColumnType, TypeName } from '../schema/column-type.ts';
import {
  ACCEPTED,
  ACCEPTED_RENDERED,
  BROKEN_TYPE,
  textOf,
  type ValueParser,
  type ValueSink,
} from '../schema/value-parser.ts';
import { isNullWord } from './null-words.ts';

/**
 * How a value is written, the narrowest form that fits. Whether it fits a type only the parsers of schema/ decide; a form
 * says which types those are.
 */
export const forms = [
  /** 0 or 1: a whole number, and a BOOLEAN too. */
  'bit',
  'whole',
  /** A whole number that INTEGER holds with little room, or not: ten digits or more. */
  'large_whole',
  'decimal',
  'exponent',
  'truth_word',
  'date',
  'time',
  /** A date with a time, without a zone, in the years that TIMESTAMP has too. */
  'datetime',
  'far_datetime',
  /** The same with Z or an offset. */
  'instant',
  // Numbers to a parser, but they name things: as numbers they would lose what they are written with.
  'leading_zero',
  'plus_sign',
  'long_digits',
  // Text that people mean as something else.
  'decimal_comma',
  'foreign_date',
  'null_word',
  'text',
] as const;

export type Form = (typeof forms)[number];

/** What a value tells besides its form; of the value that was looked at last. */
export interface FormMeasures {
  /** Of a number without exponent: digits before the point, and after it. */
  wholeDigits: number;
  fractionDigits: number;
  /** Of one with a fraction: whether a DOUBLE reads back as it is written. */
  isExactDouble: boolean;
  /** Of a whole number. */
  value: number;
  /** Of a time: the digits of a second's fraction that its type needs: 0, 3 or 6. */
  secondDigits: number;
}

const MINUS = 45;
const PLUS = 43;
const POINT = 46;
const ZERO = 48;

/** From here on digits are rather an id, of a card or an account, than a number. */
const ID_DIGITS = 16;
/** INTEGER holds each number of so many digits, and twice as many. */
const INTEGER_DIGITS = 9;
/** A double gives back each decimal of so many characters. */
const EXACT_DIGITS = 15;
/** Digits of a second that are offered. */
const secondDigitsOffered = [0, 3, 6] as const;

/** A fraction of more digits is looked at with the largest DECIMAL. */
const SCALE_MAX = 9;

const sink: ValueSink & { value: number } = {
  rendered: '',
  value: 0,
  addBoolean: () => undefined,
  addInt32: (value) => (sink.value = value),
  addInt64: (value) => (sink.value = value),
  addBigInt64: (value) => (sink.value = Number(value)),
  addFloat: () => undefined,
  addDouble: () => undefined,
  addBytes: () => undefined,
  addFixed: () => undefined,
};

function parserOf(name: TypeName, more: Partial<ColumnType> = {}): ValueParser {
  const type = { name, length: 0, precision: 0, scale: 0, fraction: 0, ...more };
  return columnTypes[name].parser(type);
}

const parseWhole = parserOf('BIGINT');
const decimalParsers = Array.from({ length: SCALE_MAX + 1 }, (_, scale) =>
  parserOf('DECIMAL', { precision: 18, scale }),
);
const parseLongDecimal = parserOf('DECIMAL', { precision: 38, scale: 30 });
const parseDouble = parserOf('DOUBLE');
const parseTruth = parserOf('BOOLEAN');
const parseDate = parserOf('DATE');
const withSecondDigits = (name: TypeName): ValueParser[] =>
  secondDigitsOffered.map((fraction) => parserOf(name, { fraction }));
const timeParsers = withSecondDigits('TIME');
const datetimeParsers = withSecondDigits('DATETIME');
const timestampParsers = withSecondDigits('TIMESTAMP');

const decimalComma = /^[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+),\d+$/;
const foreignDate =
  /^(?:\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d\d)|\d{4}([./])\d{1,2}\2\d{1,2}|\d{4}-\d{1,2}-\d{1,2})$/;
/** Longer texts are nothing but text. */
const SHORT_BYTES = 64;

/** Measures of the last value; in one object, because an object a value would cost more than the look at it. */
export const measures: FormMeasures = {
  wholeDigits: 0,
  fractionDigits: 0,
  isExactDouble: true,
  value: 0,
  secondDigits: 0,
};

/** The form of a value, bytes[start, end), which is trimmed and not empty. Leaves its measures in {@link measures}. */
export function formOf(bytes: Uint8Array, start: number, end: number): Form {
  const first = bytes[start]!;
  // No other parser than those of text and truth words takes what begins in another way.
  const isNumeric = (first >= ZERO && first <= ZERO + 9) || [MINUS, PLUS, POINT].includes(first);
  if (end - start > SHORT_BYTES) return 'text';
  if (!isNumeric) return wordForm(bytes, start, end);
  return (
    numberForm(bytes, start, end) ??
    timeForm(bytes, start, end) ??
    (isNullWord(bytes, start, end) ? 'null_word' : lookalike(textOf(bytes, start, end)))
  );
}

function wordForm(bytes: Uint8Array, start: number, end: number): Form {
  if (end - start > 5) return 'text';
  if (accepts(parseTruth, bytes, start, end)) return 'truth_word';
  return isNullWord(bytes, start, end) ? 'null_word' : 'text';
}

function numberForm(bytes: Uint8Array, start: number, end: number): Form | null {
  const sign = bytes[start];
  const digits = sign === MINUS || sign === PLUS ? start + 1 : start;
  const whole = parseWhole(bytes, start, end, sink);
  const isWhole = whole !== BROKEN_TYPE;
  const point = isWhole ? end : pointIn(bytes, digits, end);
  const isDecimal = isWhole || isDecimalAt(point, bytes, start, end);
  if (!isDecimal && !accepts(parseDouble, bytes, start, end)) return null;
  if (sign === PLUS) return 'plus_sign';
  const second = bytes[digits + 1]! - ZERO;
  if (bytes[digits] === ZERO && digits + 1 < end && second >= 0 && second <= 9) {
    return 'leading_zero';
  }
  if (!isDecimal) return 'exponent';
  measures.wholeDigits = point - digits;
  measures.fractionDigits = Math.max(0, end - point - 1);
  if (!isWhole) {
    measures.isExactDouble =
      end - digits <= EXACT_DIGITS || parseDouble(bytes, start, end, sink) === ACCEPTED;
    return 'decimal';
  }
  if (end - digits >= ID_DIGITS) return 'long_digits';
  measures.value = sink.value;
  if (end - start === 1 && sink.value <= 1) return 'bit';
  return end - digits > INTEGER_DIGITS ? 'large_whole' : 'whole';
}

/** Where the point is; `end` where there is none. */
function pointIn(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== POINT) at++;
  return at;
}

/** A decimal that is only too long for the type it is tried with is still one. */
function isDecimalAt(point: number, bytes: Uint8Array, start: number, end: number): boolean {
  if (point === end) return false;
  const parser = decimalParsers[end - point - 1] ?? parseLongDecimal;
  return parser(bytes, start, end, sink) !== BROKEN_TYPE;
}

function timeForm(bytes: Uint8Array, start: number, end: number): Form | null {
  if (end - start < 5) return null;
  if (accepts(parseDate, bytes, start, end)) return 'date';
  if (acceptsSeconds(timeParsers, bytes, start, end)) return 'time';
  if (end - start < 16) return null;
  const isDatetime = acceptsSeconds(datetimeParsers, bytes, start, end);
  const isTimestamp = acceptsSeconds(timestampParsers, bytes, start, end);
  if (isDatetime) return isTimestamp ? 'datetime' : 'far_datetime';
  return isTimestamp ? 'instant' : null;
}

/** Whether one of the parsers accepts, which differ in how fine a second may be; leaves how fine it has to be. */
function acceptsSeconds(
  parsers: readonly ValueParser[],
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  const index = parsers.findIndex((parser) => accepts(parser, bytes, start, end));
  if (index === -1) return false;
  measures.secondDigits = secondDigitsOffered[index]!;
  return true;
}

function lookalike(text: string): Form {
  if (decimalComma.test(text)) return 'decimal_comma';
  return foreignDate.test(text) ? 'foreign_date' : 'text';
}

function accepts(parser: ValueParser, bytes: Uint8Array, start: number, end: number): boolean {
  const verdict = parser(bytes, start, end, sink);
  return verdict === ACCEPTED || verdict === ACCEPTED_RENDERED;
}
