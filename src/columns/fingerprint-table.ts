import { firstWord } from './row-fingerprints.ts';

/** The low bits of a slot's second number are the high bits of a position; the others are a part of the fingerprint. */
const POSITION_HIGH_BITS = 8;
const FINGERPRINT_MASK = -1 << POSITION_HIGH_BITS;
/** Positions that fit: those of the first terabyte of a file. */
const POSITION_MAX = 2 ** (32 + POSITION_HIGH_BITS) - 2;

const SLOT_BYTES = 8;
const SLOTS_MIN = 16;
/** How full the table may get: with more, looking for a row that is not there takes ever longer. */
const FILLED_MAX = 0.75;

/** What became of a row that was added. */
export const NEW_ROW = 0;
export const REPEATED_ROW = 1;
/** It is none of the rows in the table, which has no room for it. */
export const NO_ROOM = 2;

/** Knows the rows behind their positions in the source. */
export interface ComparedRows {
  /** Whether the row at `position`, `bytes` long with its line end, equals an earlier one. */
  areEqual(earlier: number, position: number, bytes: number): boolean;
}

/**
 * Where in the source the rows with these fingerprints stand. Eight bytes a slot: the place of a slot follows from a
 * fingerprint's first word, 24 bits of the second are in it, so hardly ever another row is found. Lies in memory that
 * threads may share, with the number of its rows behind the slots; they use it one at a time.
 */
export class FingerprintTable {
  readonly #memory: Int32Array;
  readonly #countAt: number;
  readonly #rowsMax: number;
  /** Keeps the reading of `prefetch` from being optimised away. */
  protected prefetched = 0;

  /** Lies in the first `bytes` of `memory`, as many as {@link bytesFor} says, which are zeros for an empty table. */
  constructor(memory: ArrayBuffer | SharedArrayBuffer, bytes = memory.byteLength) {
    this.#memory = new Int32Array(memory, 0, bytes / Int32Array.BYTES_PER_ELEMENT);
    this.#countAt = this.#memory.length - 2;
    this.#rowsMax = (this.#countAt / 2) * FILLED_MAX;
  }

  /** The memory, in bytes, for a table that takes at least `rows` rows, or as many as fit in `bytesMax`. */
  static bytesFor(rows: number, bytesMax: number): number {
    const slots = Math.max(SLOTS_MIN, Math.min(rows / FILLED_MAX, bytesMax / SLOT_BYTES));
    return (Math.ceil(slots) + 1) * SLOT_BYTES;
  }

  /** Takes all rows out. */
  clear(): void {
    this.#memory.fill(0);
  }

  /** Adds the row with this fingerprint that stands at `position`, `bytes` long, unless one that equals it is there. */
  add(
    first: number,
    second: number,
    position: number,
    bytes: number,
    rows: ComparedRows,
  ): typeof NEW_ROW | typeof REPEATED_ROW | typeof NO_ROOM {
    const memory = this.#memory;
    let at = this.#placeOf(first);
    for (; ; at = at + 2 === this.#countAt ? 0 : at + 2) {
      const low = memory[at]!;
      const high = memory[at + 1]!;
      if (low === 0 && high === 0) break;
      if (((high ^ second) & FINGERPRINT_MASK) !== 0) continue;
      const earlier = (high & ~FINGERPRINT_MASK) * 2 ** 32 + (low >>> 0) - 1;
      if (rows.areEqual(earlier, position, bytes)) return REPEATED_ROW;
    }
    if (memory[this.#countAt]! >= this.#rowsMax || position > POSITION_MAX) return NO_ROOM;
    // One more than the position, so that no slot in use is all zeros.
    memory[at] = (position + 1) | 0;
    memory[at + 1] = (second & FINGERPRINT_MASK) | Math.floor((position + 1) / 2 ** 32);
    memory[this.#countAt]!++;
    return NEW_ROW;
  }

  /**
   * Reads where rows [from, to) with these fingerprints belong, which brings it into the cache: side by side, where `add`
   * would wait for one after the other. That halved the time for telling whether rows repeat (2 million rows, Node 24).
   */
  prefetch(fingerprints: Int32Array, from: number, to: number): void {
    let read = 0;
    for (let row = from; row < to; row++) {
      read |= this.#memory[this.#placeOf(firstWord(fingerprints, row))]!;
    }
    this.prefetched = read;
  }

  /** The index of the first number of the slot to look at first. */
  #placeOf(first: number): number {
    return Math.floor(((first >>> 0) / 2 ** 32) * (this.#countAt / 2)) * 2;
  }
}
