// How many different values there are, about: entries are put into the registers of a sketch (HyperLogLog).
import { GOLDEN, hashBytes, hashNumber, mix } from './hash';
import { BOOLEAN, DOUBLE, FIXED, FLOAT, INT32, INT64 } from './parse';

/** The same in each run, so that a profile is. */
const SEED: u64 = 0x243f6a8885a308d3;

/** From n bytes before its middle on: a mask of the first n of sixteen bytes. */
const FIRST_BYTES = memory.data<u64>([-1, -1, 0, 0]);

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

/**
 * Sixteen bytes at a time, in four lanes: an e-mail address takes 6.5 ns where it took 7.7 with eight at a time, and 11 where its hash
 * is made by a function of its own, which the compiler does not put into this one (Node 24).
 */
function hashTexts<Use>(
  entries: usize,
  offsets: usize,
  ids: usize,
  count: i32,
  last: u32,
  out: usize,
): void {
  const factors = i32x4(<i32>0x85ebca6b, <i32>0xc2b2ae35, <i32>0x9e3779b1, 0x27d4eb2f);
  for (let at = 0; at < count; at++) {
    const offset = offsets + ((<usize>load<i32>(ids + ((<usize>at) << 2))) << 2);
    const start = load<i32>(offset);
    let rest = load<i32>(offset, 4) - start;
    let from = entries + start;
    let lanes = v128.xor(i64x2.splat(<i64>SEED), i32x4.splat(rest));
    for (; rest > 16; rest -= 16, from += 16) {
      lanes = i32x4.mul(v128.xor(lanes, v128.load(from)), factors);
      lanes = v128.xor(lanes, i32x4.shr_u(lanes, 15));
    }
    const some = v128.and(v128.load(from), v128.load(FIRST_BYTES + 16 - rest));
    lanes = i32x4.mul(v128.xor(lanes, some), factors);
    const low = <u64>i64x2.extract_lane(lanes, 0);
    const high = <u64>i64x2.extract_lane(lanes, 1);
    use<Use>(mix(low ^ (low >> 32) ^ (high * GOLDEN)), at, last, out);
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
