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
