const SLOTS_FIRST = 64;
/** A longer value ends the count of its column: a table of long texts is nothing that anybody would list. */
const VALUE_BYTES_MAX = 64;

/**
 * Counts the distinct values of a column, up to a limit. Values that repeat are counted here and need not be looked at
 * again. Open addressing over the values' bytes.
 */
export class DistinctValues {
  readonly values: Uint8Array[] = [];
  readonly counts: number[] = [];
  /** Whether there were more than the limit, or longer ones; the counts are not complete then. */
  isOver = false;
  readonly #max: number;
  #slots = new Int32Array(SLOTS_FIRST).fill(-1);

  constructor(max: number) {
    this.#max = max;
  }

  /** Counts a value: its index, ~index for one that is new, or null where the table is over. */
  count(bytes: Uint8Array, start: number, end: number): number | null {
    if (end - start > VALUE_BYTES_MAX) {
      this.isOver = true;
      return null;
    }
    const mask = this.#slots.length - 1;
    let slot = hash(bytes, start, end) & mask;
    for (; ; slot = (slot + 1) & mask) {
      const index = this.#slots[slot]!;
      if (index === -1) break;
      if (!equals(this.values[index]!, bytes, start, end)) continue;
      this.counts[index]!++;
      return index;
    }
    const index = this.values.length;
    if (index === this.#max) {
      this.isOver = true;
      return null;
    }
    this.#slots[slot] = index;
    this.values.push(bytes.slice(start, end));
    this.counts.push(1);
    if (2 * index > mask) this.#grow();
    return ~index;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 4).fill(-1);
    const mask = slots.length - 1;
    for (const [index, value] of this.values.entries()) {
      let slot = hash(value, 0, value.length) & mask;
      while (slots[slot] !== -1) slot = (slot + 1) & mask;
      slots[slot] = index;
    }
    this.#slots = slots;
  }
}

/** FNV-1a, its upper bits folded in, because those are what differs between short values. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let value = 0x811c9dc5;
  for (let at = start; at < end; at++) value = Math.imul(value ^ bytes[at]!, 0x01000193);
  return value ^ (value >>> 15);
}

function equals(value: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (value.length !== end - start) return false;
  for (let i = 0; i < value.length; i++) if (value[i] !== bytes[start + i]) return false;
  return true;
}
