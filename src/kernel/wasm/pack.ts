// Bit packing, runs and deltas of Parquet. Each function writes at `out`, where there is room, and returns the end of what it wrote.

/** A number in seven bits a byte, the lowest first. */
export function writeVarint(out: usize, value: u64): usize {
  let to = out;
  let rest = value;
  while (rest > 127) {
    store<u8>(to++, <u8>(rest | 128));
    rest >>= 7;
  }
  store<u8>(to++, <u8>rest);
  return to;
}

/** 0, -1, 1, -2 as 0, 1, 2, 3. */
function writeZigzag(out: usize, value: i64): usize {
  return writeVarint(out, <u64>((value << 1) ^ (value >> 63)));
}

/** One run: `value`, `count` times. Spec: the repeated value takes as many whole bytes as the width needs. */
export function writeRun(out: usize, value: i32, count: i32, width: i32): usize {
  let to = writeVarint(out, <u64>count * 2);
  for (let shift = 0; shift < width; shift += 8) store<u8>(to++, <u8>(value >>> shift));
  return to;
}

/**
 * Writes numbers from 0 to 2^width - 1, with a width of 1 to 24, as runs of one value and groups of eight packed values.
 * Spec: parquet-format Encodings.md, RLE = 3.
 */
export function writeHybrid(out: usize, values: usize, count: i32, width: i32): usize {
  // A run costs its header and value, and the header of the packed values behind it: four bytes or so, for which eight
  // values packed in one bit each would take one.
  const runMin = 8 * ((3 + width) / width);
  let to = out;
  let packedStart = 0;
  let at = 0;
  while (at < count) {
    // Packed values come in eights, so only there a run can start.
    const runEnd = endOfRun(values, at, count);
    if (runEnd - at >= runMin) {
      if (at > packedStart) to = writePacked(to, values, packedStart, at, width);
      to = writeRun(to, load<i32>(values + ((<usize>at) << 2)), runEnd - at, width);
      at = runEnd;
      packedStart = runEnd;
    } else {
      at += 8;
    }
  }
  if (packedStart < count) to = writePacked(to, values, packedStart, count, width);
  return to;
}

function endOfRun(values: usize, start: i32, end: i32): i32 {
  const value = load<i32>(values + ((<usize>start) << 2));
  let at = start + 1;
  while (at < end && load<i32>(values + ((<usize>at) << 2)) == value) at++;
  return at;
}

function writePacked(out: usize, values: usize, start: i32, end: i32, width: i32): usize {
  const groups = (end - start + 7) >> 3;
  let to = writeVarint(out, <u64>groups * 2 + 1);
  const first = values + ((<usize>start) << 2);
  const whole = (end - start) & ~7;
  to = packEights(to, first, whole, width);
  if (whole < end - start) {
    // Spec: the last group is filled up; readers know from the page header how many values there are.
    const last = heap.alloc(32);
    memory.fill(last, 0, 32);
    memory.copy(last, first + ((<usize>whole) << 2), (<usize>(end - start - whole)) << 2);
    to = packEights(to, last, 8, width);
    heap.free(last);
  }
  return to;
}

/** Packs a multiple of eight 32-bit numbers in `width` bits each, the first in the lowest bits. Writes up to eight bytes more. */
function packEights(out: usize, values: usize, count: i32, width: i32): usize {
  const bits = <u64>width;
  let to = out;
  const end = values + ((<usize>count) << 2);
  if (width <= 8) {
    for (let at = values; at < end; at += 32) {
      const low =
        (<u64>load<u32>(at)) |
        ((<u64>load<u32>(at, 4)) << bits) |
        ((<u64>load<u32>(at, 8)) << (2 * bits)) |
        ((<u64>load<u32>(at, 12)) << (3 * bits));
      const high =
        (<u64>load<u32>(at, 16)) |
        ((<u64>load<u32>(at, 20)) << bits) |
        ((<u64>load<u32>(at, 24)) << (2 * bits)) |
        ((<u64>load<u32>(at, 28)) << (3 * bits));
      store<u64>(to, low | (high << (4 * bits)));
      to += width;
    }
    return to;
  }
  let word: u64 = 0;
  let filled: u64 = 0;
  for (let at = values; at < end; at += 4) {
    word |= (<u64>load<u32>(at)) << filled;
    filled += bits;
    if (filled >= 32) {
      store<u32>(to, <u32>word);
      to += 4;
      word >>= 32;
      filled -= 32;
    }
  }
  // Eight values fill whole bytes.
  store<u32>(to, <u32>word);
  return to + <usize>(filled >> 3);
}

// The sizes of parquet-mr and Arrow. Spec: a block is a multiple of 128 values, a miniblock one of 32.
const BLOCK_VALUES: i32 = 128;
const MINIBLOCK_VALUES: i32 = 32;
const MINIBLOCKS: i32 = 4;

/**
 * Writes 64-bit numbers as the differences between them, of which any two are less than 2^63 apart. Overwrites the numbers with
 * these. There is room for 128 numbers behind the last. Spec: parquet-format Encodings.md, DELTA_BINARY_PACKED = 5.
 */
export function writeDeltas(out: usize, numbers: usize, count: i32): usize {
  let to = writeVarint(out, BLOCK_VALUES);
  to = writeVarint(to, MINIBLOCKS);
  to = writeVarint(to, count);
  to = writeZigzag(to, count == 0 ? 0 : load<i64>(numbers));
  let before = count == 0 ? 0 : load<i64>(numbers);
  for (let start = 1; start < count; start += BLOCK_VALUES) {
    const block = numbers + ((<usize>start) << 3);
    const values = min(BLOCK_VALUES, count - start);
    let least = i64.MAX_VALUE;
    for (let at = 0; at < values; at++) {
      const place = block + ((<usize>at) << 3);
      const value = load<i64>(place);
      const delta = value - before;
      store<i64>(place, delta);
      least = min(least, delta);
      before = value;
    }
    to = writeBlock(to, block, values, least);
  }
  return to;
}

/** Writes how much each difference exceeds the least. Behind the last value zeros fill its miniblock. */
function writeBlock(out: usize, block: usize, values: i32, least: i64): usize {
  for (let at = 0; at < values; at++) {
    const place = block + ((<usize>at) << 3);
    store<i64>(place, load<i64>(place) - least);
  }
  for (let at = values; at < BLOCK_VALUES; at++) store<i64>(block + ((<usize>at) << 3), 0);
  const widths = writeZigzag(out, least);
  let to = widths + MINIBLOCKS;
  for (let miniblock = 0; miniblock < MINIBLOCKS; miniblock++) {
    const first = block + ((<usize>(miniblock * MINIBLOCK_VALUES)) << 3);
    let bits: u64 = 0;
    for (let at = 0; at < MINIBLOCK_VALUES; at++) bits |= load<u64>(first + ((<usize>at) << 3));
    const width = 64 - <i32>clz(bits);
    store<u8>(widths + miniblock, <u8>width);
    to = packWide(to, first, width);
  }
  return to;
}

/** Packs the numbers of a miniblock in `width` bits each, 0 to 64. */
function packWide(out: usize, values: usize, width: i32): usize {
  let to = out;
  let word: u64 = 0;
  let filled: i32 = 0;
  for (let at = 0; at < MINIBLOCK_VALUES; at++) {
    const value = load<u64>(values + ((<usize>at) << 3));
    word |= value << (<u64>filled);
    filled += width;
    if (filled >= 64) {
      store<u64>(to, word);
      to += 8;
      filled -= 64;
      // A shift by 64 would be one by 0.
      word = filled == 0 ? 0 : value >> (<u64>(width - filled));
    }
  }
  // 32 values fill a multiple of four bytes.
  store<u64>(to, word);
  return to + (filled >> 3);
}
