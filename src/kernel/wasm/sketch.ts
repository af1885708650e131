// How many different values there are, about: entries are put into the registers of a sketch (HyperLogLog).
import { hashBytes, hashNumber, mix } from './hash';
import { BOOLEAN, DOUBLE, FIXED, FLOAT, INT32, INT64 } from './parse';

/** The same in each run, so that a profile is. */
const SEED: u64 = 0x243f6a8885a308d3;

/** What becomes of a hash: it goes into a register, or register and rank are written down. */
type Entered = bool;
type Placed = i32;

/** Enters `count` entries, whose ids stand from `ids` on, each into one of `registerCount` registers, a power of two. */
export function sketchEntries(
  storage: i32,
  entries: usize,
  offsets: usize,
  width: i32,
  ids: usize,
  count: i32,
  registerCount: i32,
  registers: usize,
): void {
  hashEntries<Entered>(storage, entries, offsets, width, ids, count, registerCount, registers);
}

/** Writes where each would go to `cells` instead, as register * 64 + rank. */
export function placeEntries(
  storage: i32,
  entries: usize,
  offsets: usize,
  width: i32,
  ids: usize,
  count: i32,
  registerCount: i32,
  cells: usize,
): void {
  hashEntries<Placed>(storage, entries, offsets, width, ids, count, registerCount, cells);
}

/** How many registers have a value: from that can be told whether there are many. */
export function filledRegisters(registers: usize, count: i32): i32 {
  let filled = count;
  for (let at = 0; at < count; at += 16) {
    filled -= popcnt(i8x16.bitmask(i8x16.eq(v128.load(registers + at), i8x16.splat(0))));
  }
  return filled;
}

function hashEntries<Use>(
  storage: i32,
  entries: usize,
  offsets: usize,
  width: i32,
  ids: usize,
  count: i32,
  registerCount: i32,
  out: usize,
): void {
  const last = registerCount - 1;
  switch (storage) {
    case INT32:
      hashNumbers<u32, Use>(entries, width, ids, count, last, out);
      return;
    case INT64:
      hashNumbers<u64, Use>(entries, width, ids, count, last, out);
      return;
    case FLOAT:
      hashNumbers<f32, Use>(entries, width, ids, count, last, out);
      return;
    case DOUBLE:
      hashNumbers<f64, Use>(entries, width, ids, count, last, out);
      return;
    case BOOLEAN:
      hashNumbers<u8, Use>(entries, width, ids, count, last, out);
      return;
    case FIXED:
      hashNumbers<v128, Use>(entries, width, ids, count, last, out);
      return;
    default:
      hashTexts<Use>(entries, offsets, ids, count, last, out);
  }
}

/**
 * One loop for each type, v128 being fixed bytes, and for each use: a number takes 2.7 ns where it took 5 with the question of its
 * use in the loop, and 5.5 with a switch for its type. Two at a time take 3.0 instead of 3.6 to 4.5 with Node 20, and no less with
 * Node 24.
 */
function hashNumbers<T, Use>(
  entries: usize,
  width: i32,
  ids: usize,
  count: i32,
  last: u32,
  out: usize,
): void {
  const end = count - 1;
  let at = 0;
  for (; at < end; at += 2) {
    const even = hashAt<T>(entries, width, ids, at);
    const odd = hashAt<T>(entries, width, ids, at + 1);
    use<Use>(even, at, last, out);
    use<Use>(odd, at + 1, last, out);
  }
  if (at == end) use<Use>(hashAt<T>(entries, width, ids, at), at, last, out);
}

/** Of the entry at a place of `ids`. */
function hashAt<T>(entries: usize, width: i32, ids: usize, at: i32): u64 {
  const id = <usize>load<i32>(ids + ((<usize>at) << 2));
  if (isVector<T>()) return hashBytes(entries + id * width, width, SEED);
  const value = load<T>(entries + (id << alignof<T>()));
  // Adding a positive zero makes one zero of the two.
  const bits = isFloat<T>() ? reinterpret<u64>(<f64>value + 0.0) : <u64>value;
  return hashNumber(bits, SEED);
}

function hashTexts<Use>(
  entries: usize,
  offsets: usize,
  ids: usize,
  count: i32,
  last: u32,
  out: usize,
): void {
  for (let at = 0; at < count; at++) {
    const offset = offsets + ((<usize>load<i32>(ids + ((<usize>at) << 2))) << 2);
    const start = load<i32>(offset);
    const length = load<i32>(offset, 4) - start;
    const hash = length == 0 ? mix(SEED) : hashBytes(entries + start, length, SEED);
    use<Use>(hash, at, last, out);
  }
}

/** The low bits of a hash name the register and the high ones give the rank, 63 at the most: no shift by a number of bits. */
function use<Use>(hash: u64, at: i32, last: u32, out: usize): void {
  const register = (<u32>hash) & last;
  const rank = <u32>clz(hash | 2) + 1;
  if (isBoolean<Use>()) {
    // Without a branch: while the registers fill, it would be taken at random.
    const place = out + <usize>register;
    store<u8>(place, <u8>max<u32>(load<u8>(place), rank));
  } else store<u32>(out + ((<usize>at) << 2), (register << 6) | rank);
}
