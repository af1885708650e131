import {
  ACCEPTED,
  ACCEPTED_RENDERED,
  BROKEN_RANGE,
  BROKEN_TYPE,
  textOf,
  type ValueParser,
} from '../value-parser.ts';
import { EXACT_DIGITS, MINUS, PLUS, ZERO } from './numerals.ts';

/** Whole numbers with an optional sign: TINYINT (8 bits), SMALLINT (16), INTEGER (32), BIGINT (64). */
export function integerParser(bits: 8 | 16 | 32 | 64): ValueParser {
  const limit = 2 ** (bits - 1);
  const bigLimit = 2n ** BigInt(bits - 1);
  return (bytes, start, end, sink) => {
    const sign = bytes[start]!;
    const negative = sign === MINUS;
    let first = negative || sign === PLUS ? start + 1 : start;
    if (first === end) return BROKEN_TYPE;
    while (first < end - 1 && bytes[first] === ZERO) first++;
    let value = 0;
    for (let i = first; i < end; i++) {
      const digit = bytes[i]! - ZERO;
      if (digit < 0 || digit > 9) return BROKEN_TYPE;
      value = value * 10 + digit;
    }
    const canonical = first === (negative ? start + 1 : start) && !(negative && value === 0);
    if (end - first <= EXACT_DIGITS) {
      if (negative && value !== 0) value = -value;
      if (value < -limit || value >= limit) return BROKEN_RANGE;
      if (bits === 64) sink.addInt64(value);
      else sink.addInt32(value);
      if (canonical) return ACCEPTED;
      sink.rendered = String(value);
      return ACCEPTED_RENDERED;
    }
    // More than 19 digits cannot fit 64 bits; without this check a megabyte of digits would go through BigInt.
    if (bits < 64 || end - first > 19) return BROKEN_RANGE;
    const digits = BigInt(textOf(bytes, first, end));
    const big = negative ? -digits : digits;
    if (big < -bigLimit || big >= bigLimit) return BROKEN_RANGE;
    sink.addBigInt64(big);
    if (canonical) return ACCEPTED;
    sink.rendered = String(big);
    return ACCEPTED_RENDERED;
  };
}
