import {
  ACCEPTED,
  ACCEPTED_RENDERED,
  BROKEN_RANGE,
  BROKEN_TYPE,
  textOf,
  type ValueParser,
} from '../value-parser.ts';
import { EXACT_DIGITS, MINUS, PLUS, POINT, ZERO } from './numerals.ts';

/**
 * Exact decimals: an optional sign, digits, an optional fraction. Digits beyond the scale are accepted only where they
 * are zeros, because anything else would have to be rounded. The canonical text has exactly `scale` digits after the
 * point, as MySQL shows it.
 */
export function decimalParser(precision: number, scale: number): ValueParser {
  const wholeMax = precision - scale;
  return (bytes, start, end, sink) => {
    if (precision <= 18 && addPlain(bytes, start, end, precision, scale, sink)) return ACCEPTED;
    const sign = bytes[start]!;
    const negative = sign === MINUS;
    const digitsStart = negative || sign === PLUS ? start + 1 : start;
    let point = -1;
    for (let i = digitsStart; i < end; i++) {
      const byte = bytes[i]!;
      if (byte === POINT && point === -1) point = i;
      else if (byte < ZERO || byte > ZERO + 9) return BROKEN_TYPE;
    }
    const wholeEnd = point === -1 ? end : point;
    const fractionStart = point === -1 ? end : point + 1;
    if (wholeEnd === digitsStart && fractionStart === end) return BROKEN_TYPE;

    let wholeStart = digitsStart;
    while (wholeStart < wholeEnd && bytes[wholeStart] === ZERO) wholeStart++;
    if (wholeEnd - wholeStart > wholeMax) return BROKEN_RANGE;
    let fractionEnd = end;
    while (fractionEnd - fractionStart > scale && bytes[fractionEnd - 1] === ZERO) fractionEnd--;
    const fractionDigits = fractionEnd - fractionStart;
    if (fractionDigits > scale) return BROKEN_RANGE;

    const whole = textOf(bytes, wholeStart, wholeEnd);
    const fraction = textOf(bytes, fractionStart, fractionEnd).padEnd(scale, '0');
    const zero = isZero(bytes, wholeStart, wholeEnd) && isZero(bytes, fractionStart, fractionEnd);
    const minus = negative && !zero ? '-' : '';
    addUnscaled(minus, whole, fraction, precision, sink);

    const plainWhole =
      wholeStart === digitsStart ? whole !== '' : whole === '' && wholeEnd - digitsStart === 1;
    const plainFraction =
      scale === 0 ? point === -1 : fractionDigits === scale && fractionEnd === end;
    if (plainWhole && plainFraction && sign !== PLUS && !(negative && zero)) return ACCEPTED;
    const wholeText = whole === '' ? '0' : whole;
    sink.rendered = scale === 0 ? minus + wholeText : `${minus}${wholeText}.${fraction}`;
    return ACCEPTED_RENDERED;
  };
}

/**
 * Adds a decimal that is written as MySQL shows it and has few enough digits to be exact as a number: most are. Others are
 * left to be looked at closely, which makes strings.
 */
function addPlain(
  bytes: Uint8Array,
  start: number,
  end: number,
  precision: number,
  scale: number,
  sink: Parameters<ValueParser>[3],
): boolean {
  const first = bytes[start] === MINUS ? start + 1 : start;
  const wholeEnd = scale === 0 ? end : end - scale - 1;
  const wholeDigits = wholeEnd - first;
  if (wholeDigits < 1 || wholeDigits > precision - scale || end - first > EXACT_DIGITS)
    return false;
  if (wholeDigits > 1 && bytes[first] === ZERO) return false;
  let unscaled = 0;
  for (let at = first; at < end; at++) {
    if (at === wholeEnd) {
      if (bytes[at] !== POINT) return false;
      continue;
    }
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return false;
    unscaled = unscaled * 10 + digit;
  }
  if (first > start) {
    // Minus nothing is shown without its sign.
    if (unscaled === 0) return false;
    unscaled = -unscaled;
  }
  if (precision <= 9) sink.addInt32(unscaled);
  else sink.addInt64(unscaled);
  return true;
}

function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== ZERO) return false;
  return true;
}

function addUnscaled(
  minus: string,
  whole: string,
  fraction: string,
  precision: number,
  sink: Parameters<ValueParser>[3],
): void {
  if (precision <= 9) sink.addInt32(Number(minus + whole + fraction));
  else if (precision > 18) sink.addFixed(BigInt(minus + (whole + fraction || '0')));
  else if (whole.length + fraction.length <= EXACT_DIGITS) {
    sink.addInt64(Number(minus + whole + fraction));
  } else sink.addBigInt64(BigInt(minus + whole + fraction));
}
