// Memory that the host asks for and gives back. What it holds stays where it is until then, also when the whole grows.

export function allocate(bytes: i32): usize {
  return heap.alloc(bytes);
}

export function release(at: usize): void {
  heap.free(at);
}

/** Room that grows to at least `needed` bytes and twice what it was; `used` bytes of it are kept. */
export function grown(at: usize, used: usize, needed: usize): usize {
  const larger = heap.alloc(needed);
  if (at != 0) {
    memory.copy(larger, at, used);
    heap.free(at);
  }
  return larger;
}

/** Several bytes are read and written at a time, up to so many behind the last one that counts. */
export const SLACK_BYTES = 32;

/**
 * Copies `length` bytes, and up to 15 more behind them: a loop of 16 bytes is several times as fast as memory.copy for cells of a
 * few bytes, which is a call out of WebAssembly.
 */
export function copyBytes(to: usize, from: usize, length: i32): void {
  if (length > 256) {
    memory.copy(to, from, length);
    return;
  }
  for (let at = 0; at < length; at += 16) {
    v128.store(to + at, v128.load(from + at));
  }
}

/** Negative, 0 or positive as the bytes at `a` sort before, with or behind those at `b`. Reads up to seven bytes behind the last. */
export function compareBytes(a: usize, b: usize, length: i32): i32 {
  for (let at = 0; at < length; at += 8) {
    let wordA = load<u64>(a + at);
    let wordB = load<u64>(b + at);
    if (wordA == wordB) continue;
    const rest = length - at;
    wordA = bswap(wordA);
    wordB = bswap(wordB);
    if (rest < 8) {
      const unused = 64 - ((<u64>rest) << 3);
      wordA >>= unused;
      wordB >>= unused;
      if (wordA == wordB) return 0;
    }
    return wordA < wordB ? -1 : 1;
  }
  return 0;
}
