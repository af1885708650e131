// Makes of the cells of a row that no column takes one JSON object.
import { cleanCell, cleanedAt, cleanedLength } from './clean';
import { copyBytes } from './memory';

const QUOTE: u32 = 0x22;
const BACKSLASH: u32 = 0x5c;
const FIRST_PRINTABLE: u32 = 32;
/** A byte takes no more in a JSON string. */
const ESCAPED_BYTES_MAX: i32 = 6;

/** How many bytes the values of some fields take at most as JSON strings, in rows [from, to) of a block. */
export function gatheredBytes(
  bytes: usize,
  starts: usize,
  ends: usize,
  fieldCount: i32,
  from: i32,
  to: i32,
  fields: usize,
  count: i32,
): f64 {
  let needed: f64 = 0;
  for (let row = from; row < to; row++) {
    const cells = (<usize>row * fieldCount) << 2;
    for (let i = 0; i < count; i++) {
      const cell = cells + ((<usize>load<i32>(fields + ((<usize>i) << 2))) << 2);
      const start = load<i32>(starts + cell);
      const length = load<i32>(ends + cell) - start;
      needed += <f64>length + <f64>(ESCAPED_BYTES_MAX - 1) * <f64>escapedIn(bytes + start, length);
    }
  }
  return needed;
}

/**
 * Writes an object for each of rows [from, to) of a block to `out`, and where it starts and ends to `outStarts` and `outEnds`: nothing
 * for a row of which all cells are empty. `fields`: those of the cells, of which there are `count`; `keys`: what stands before the
 * value of each, one behind the other, and `keyOffsets` where, and where the last ends. There is room for what gatheredBytes says,
 * the keys, and three bytes more for each value and row.
 */
export function gatherCells(
  bytes: usize,
  starts: usize,
  ends: usize,
  fieldCount: i32,
  from: i32,
  to: i32,
  fields: usize,
  count: i32,
  keys: usize,
  keyOffsets: usize,
  trims: bool,
  out: usize,
  outStarts: usize,
  outEnds: usize,
): void {
  let at = out;
  for (let row = from; row < to; row++) {
    const cells = (<usize>row * fieldCount) << 2;
    const place = (<usize>(row - from)) << 2;
    const start = at;
    for (let i = 0; i < count; i++) {
      const nth = (<usize>i) << 2;
      const cell = cells + ((<usize>load<i32>(fields + nth)) << 2);
      const cellStart = load<i32>(starts + cell);
      const length = load<i32>(ends + cell) - cellStart;
      if (length == 0 || cleanCell(bytes + cellStart, length, trims, false, 0) != 0) continue;
      store<u8>(at, at == start ? 0x7b : 0x2c);
      const key = load<i32>(keyOffsets + nth);
      const keyLength = load<i32>(keyOffsets + nth, 4) - key;
      copyBytes(at + 1, keys + key, keyLength);
      at = writeText(at + 1 + keyLength, cleanedAt, cleanedLength);
      store<u8>(at++, QUOTE);
    }
    if (at > start) store<u8>(at++, 0x7d);
    store<i32>(outStarts + place, <i32>(start - out));
    store<i32>(outEnds + place, <i32>(at - out));
  }
}

/** How many of the bytes are escaped in a JSON string. */
function escapedIn(at: usize, length: i32): i32 {
  let escaped = 0;
  for (let from = 0; from < length; from += 16) {
    escaped += popcnt(escapedOf(at + from, length - from));
  }
  return escaped;
}

/** Which of the first sixteen of `length` bytes are escaped: a bit for each. */
function escapedOf(at: usize, length: i32): i32 {
  const some = v128.load(at);
  const marks = v128.or(
    i8x16.eq(some, i8x16.splat(<i8>QUOTE)),
    i8x16.eq(some, i8x16.splat(<i8>BACKSLASH)),
  );
  const controls = i8x16.lt_u(some, i8x16.splat(<i8>FIRST_PRINTABLE));
  const escaped = i8x16.bitmask(v128.or(marks, controls));
  return length < 16 ? escaped & ((1 << length) - 1) : escaped;
}

/** Writes a text as the inside of a JSON string; returns where it ends. */
function writeText(to: usize, from: usize, length: i32): usize {
  let at = to;
  for (let done = 0; done < length; done += 16) {
    const rest = min(16, length - done);
    const some = from + done;
    if (escapedOf(some, rest) == 0) {
      v128.store(at, v128.load(some));
      at += rest;
    } else at = writeEscaped(at, some, rest);
  }
  return at;
}

/** Spec: RFC 8259, section 7. */
function writeEscaped(to: usize, from: usize, length: i32): usize {
  let at = to;
  for (let i = 0; i < length; i++) {
    const byte: u32 = load<u8>(from + i);
    if (byte >= FIRST_PRINTABLE && byte != QUOTE && byte != BACKSLASH) {
      store<u8>(at++, byte);
      continue;
    }
    const short = shortEscape(byte);
    if (short != 0) {
      store<u8>(at, BACKSLASH);
      store<u8>(at, short, 1);
      at += 2;
      continue;
    }
    // \u00 and two digits.
    store<u32>(at, 0x3030755c);
    store<u8>(at, hexDigit(byte >> 4), 4);
    store<u8>(at, hexDigit(byte & 15), 5);
    at += ESCAPED_BYTES_MAX;
  }
  return at;
}

/** The letter that stands behind a backslash for a byte; 0 where there is none. */
function shortEscape(byte: u32): u32 {
  switch (byte) {
    case QUOTE:
    case BACKSLASH:
      return byte;
    case 8:
      return 0x62;
    case 9:
      return 0x74;
    case 10:
      return 0x6e;
    case 12:
      return 0x66;
    case 13:
      return 0x72;
    default:
      return 0;
  }
}

function hexDigit(value: u32): u32 {
  return value < 10 ? 0x30 + value : 0x57 + value;
}
