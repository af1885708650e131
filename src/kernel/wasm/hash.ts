// Hashes of 64 bits. A seed that changes from file to file keeps anybody from preparing values that all collide; what has
// equal hashes is compared all the same.

// Odd numbers without a pattern: those of MurmurHash3's 64-bit finaliser, and of the golden ratio.
const FIRST: u64 = 0xff51afd7ed558ccd;
const SECOND: u64 = 0xc4ceb9fe1a85ec53;
export const GOLDEN: u64 = 0x9e3779b97f4a7c15;

/** The first bytes of a word, 1 to 8 of them; the others 0. */
export function firstBytes(word: u64, count: i32): u64 {
  return word & (u64.MAX_VALUE >> (64 - ((<u64>count) << 3)));
}

/** Spreads each bit over the whole word. */
export function mix(word: u64): u64 {
  let mixed = (word ^ (word >> 33)) * FIRST;
  mixed = (mixed ^ (mixed >> 33)) * SECOND;
  return mixed ^ (mixed >> 33);
}

/** Of at least one byte. Reads up to seven bytes behind the last. */
export function hashBytes(at: usize, length: i32, seed: u64): u64 {
  let hash = seed ^ (<u64>length * GOLDEN);
  let rest = length;
  for (; rest > 8; rest -= 8, at += 8) {
    hash = (hash ^ load<u64>(at)) * FIRST;
    hash ^= hash >> 32;
  }
  return mix(hash ^ firstBytes(load<u64>(at), rest));
}

/** Of a number: as good as that of its text, which equal numbers have in common. */
export function hashNumber(bits: u64, seed: u64): u64 {
  return mix(bits ^ seed);
}

/** Where to look first for a short key, of 32 bits: one multiplication, whose high bits all bits of the key reach. */
export function placeOf(key: u64): u32 {
  return <u32>((key * GOLDEN) >> 32);
}

/** Stands for the hash of a value where there is none. */
const NULL_HASH: u64 = 0x6a09e667f3bcc908;

/**
 * Adds a column to the fingerprints of rows: the ids of their entries from `ids` on, and a hash for each entry. Rows with equal
 * values have equal fingerprints.
 */
export function addFingerprints(fingerprints: usize, ids: usize, hashes: usize, rows: i32): void {
  for (let row = 0; row < rows; row++) {
    const id = load<i32>(ids + ((<usize>row) << 2));
    const hash = id < 0 ? NULL_HASH : load<u64>(hashes + ((<usize>id) << 3));
    const at = fingerprints + ((<usize>row) << 3);
    // An odd factor loses nothing; the high half, into which it carries everything, goes into the low one too.
    const sum = (load<u64>(at) ^ hash) * SECOND;
    store<u64>(at, sum ^ (sum >> 32));
  }
}
