import { packEights } from './bit-packing.ts';
import type { ByteWriter } from './byte-writer.ts';

// The sizes of parquet-mr and Arrow. Spec: a block is a multiple of 128 values, a miniblock one of 32.
const BLOCK_VALUES = 128;
const MINIBLOCK_VALUES = 32;
const MINIBLOCKS = BLOCK_VALUES / MINIBLOCK_VALUES;

const WORD = 2 ** 32;

/** The distance between the least and greatest value that `write` takes: their differences are then exact in doubles. */
export const DELTA_RANGE_MAX = 2 ** 52;

/** Spec: parquet-format Encodings.md, DELTA_BINARY_PACKED = 5. */
export class DeltaBinaryPacker {
  /** Of a block, how much each difference exceeds the least; behind the last value zeros, which fill its miniblock. */
  readonly #excess = new Float64Array(BLOCK_VALUES);
  readonly #words = new Int32Array(MINIBLOCK_VALUES);

  /**
   * Writes the first `count` of `values`, whole numbers of which only the differences count, and `first`, which is
   * what the first of them stands for: doubles hold what 64-bit integers differ by where they do not hold the integers.
   */
  write(out: ByteWriter, values: Float64Array, count: number, first: bigint): void {
    out.writeVarint(BLOCK_VALUES);
    out.writeVarint(MINIBLOCKS);
    out.writeVarint(count);
    writeZigzag64(out, first);
    for (let start = 1; start < count; start += BLOCK_VALUES) {
      this.#writeBlock(out, values, start, Math.min(start + BLOCK_VALUES, count));
    }
  }

  #writeBlock(out: ByteWriter, values: Float64Array, start: number, end: number): void {
    const excess = this.#excess;
    const count = end - start;
    let least = values[start]! - values[start - 1]!;
    for (let at = 0; at < count; at++) {
      const delta = values[start + at]! - values[start + at - 1]!;
      excess[at] = delta;
      if (delta < least) least = delta;
    }
    for (let at = 0; at < count; at++) excess[at]! -= least;
    excess.fill(0, count);
    out.writeVarint(least >= 0 ? least * 2 : -least * 2 - 1);
    // At most 64 bits a value.
    out.reserve(MINIBLOCKS + 8 * BLOCK_VALUES);
    const widths = out.length;
    out.length += MINIBLOCKS;
    for (let miniblock = 0; miniblock < MINIBLOCKS; miniblock++) {
      const width = this.#packMiniblock(out, miniblock * MINIBLOCK_VALUES);
      out.bytes[widths + miniblock] = width;
    }
  }

  /** Packs 32 numbers in as many bits as the greatest needs, which is returned. */
  #packMiniblock(out: ByteWriter, start: number): number {
    const excess = this.#excess;
    const words = this.#words;
    let greatest = 0;
    for (let at = 0; at < MINIBLOCK_VALUES; at++) {
      const number = excess[start + at]!;
      if (number > greatest) greatest = number;
      words[at] = number;
    }
    if (greatest >= WORD) return this.#packWide(out, start, greatest);
    const width = 32 - Math.clz32(greatest);
    if (width > 0) packEights(out, words, 0, MINIBLOCK_VALUES, width);
    return width;
  }

  /** The same for numbers of more than 32 bits, such as steps of hours in microseconds: in two parts. */
  #packWide(out: ByteWriter, start: number, greatest: number): number {
    const { view } = out;
    const highWidth = 32 - Math.clz32(greatest / WORD);
    let to = out.length;
    let word = 0;
    let filled = 0;
    for (let at = start; at < start + MINIBLOCK_VALUES; at++) {
      const number = this.#excess[at]!;
      const low = number | 0;
      view.setInt32(to, word | (low << filled), true);
      to += 4;
      // A shift by 32 would be one by 0.
      word = filled === 0 ? 0 : low >>> (32 - filled);
      const high = (number / WORD) | 0;
      word |= high << filled;
      filled += highWidth;
      if (filled >= 32) {
        view.setInt32(to, word, true);
        to += 4;
        filled -= 32;
        word = filled === 0 ? 0 : high >>> (highWidth - filled);
      }
    }
    out.length = to;
    return 32 + highWidth;
  }
}

/** ULEB128 of 0, -1, 1, -2 as 0, 1, 2, 3. */
function writeZigzag64(out: ByteWriter, value: bigint): void {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  while (rest > 127n) {
    out.writeByte(Number(rest & 127n) | 0x80);
    rest >>= 7n;
  }
  out.writeByte(Number(rest));
}
