import type { ByteWriter } from './byte-writer.ts';

/**
 * Packs values[start] up to values[end], a multiple of eight, in `width` bits each, 1 to 32, the first in the lowest
 * bits. Needs room in `out` for as many bytes as the bits take. Higher bits of the values have to be 0.
 */
export function packEights(
  out: ByteWriter,
  values: Int32Array,
  start: number,
  end: number,
  width: number,
): void {
  if (width <= 4) packIntoOneWord(out, values, start, end, width);
  else packIntoWords(out, values, start, end, width);
}

/** Eight values of up to four bits are one word: most dictionaries are that small. */
function packIntoOneWord(
  out: ByteWriter,
  values: Int32Array,
  start: number,
  end: number,
  width: number,
): void {
  const { bytes } = out;
  let to = out.length;
  for (let at = start; at < end; at += 8) {
    const word =
      values[at]! |
      (values[at + 1]! << width) |
      (values[at + 2]! << (2 * width)) |
      (values[at + 3]! << (3 * width)) |
      (values[at + 4]! << (4 * width)) |
      (values[at + 5]! << (5 * width)) |
      (values[at + 6]! << (6 * width)) |
      (values[at + 7]! << (7 * width));
    bytes[to] = word;
    if (width > 1) bytes[to + 1] = word >>> 8;
    if (width > 2) bytes[to + 2] = word >>> 16;
    if (width > 3) bytes[to + 3] = word >>> 24;
    to += width;
  }
  out.length = to;
}

function packIntoWords(
  out: ByteWriter,
  values: Int32Array,
  start: number,
  end: number,
  width: number,
): void {
  const { bytes, view } = out;
  let to = out.length;
  let word = 0;
  let filled = 0;
  for (let at = start; at < end; at++) {
    const value = values[at]!;
    word |= value << filled;
    filled += width;
    if (filled >= 32) {
      view.setInt32(to, word, true);
      to += 4;
      filled -= 32;
      // A shift by 32 would be one by 0.
      word = filled === 0 ? 0 : value >>> (width - filled);
    }
  }
  for (; filled > 0; filled -= 8) {
    bytes[to++] = word;
    word >>>= 8;
  }
  out.length = to;
}
