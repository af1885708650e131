import { copyBytes, grownBytes } from './entry-store.ts';
import { NOT_FOUND } from './short-keys.ts';

const FIRST_SLOTS = 1024;

/**
 * Byte strings with a number each: open addressing with linear probing over hashes, the bytes in one heap, no strings and
 * no objects. Filled again from the start for the next batch.
 */
export class KeyTable {
  count = 0;
  #slots = new Int32Array(FIRST_SLOTS);
  #hashes = new Int32Array(FIRST_SLOTS / 2);
  #offsets = new Int32Array(FIRST_SLOTS / 2 + 1);
  #values = new Int32Array(FIRST_SLOTS / 2);
  #heap = new Uint8Array(1 << 12);

  /** The number of the key bytes[start, end), or NOT_FOUND. */
  find(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const index = this.#slots[slot]! - 1;
      if (index === -1) return NOT_FOUND;
      if (this.#hashes[index] === hash && this.#equals(index, bytes, start, end)) {
        return this.#values[index]!;
      }
    }
  }

  /** Adds a key that is not there. */
  add(bytes: Uint8Array, start: number, end: number, hash: number, value: number): void {
    if (this.count === this.#values.length) this.#grow();
    const index = this.count++;
    const at = this.#offsets[index]!;
    const length = end - start;
    if (at + length > this.#heap.length) this.#heap = grownBytes(this.#heap, at + length);
    copyBytes(bytes, start, end, this.#heap, at);
    this.#offsets[index + 1] = at + length;
    this.#hashes[index] = hash;
    this.#values[index] = value;
    this.#place(index, hash);
  }

  clear(): void {
    if (this.count > 0) this.#slots.fill(0);
    this.count = 0;
  }

  get bytesUsed(): number {
    return this.#offsets[this.count]! + this.count * 16;
  }

  #equals(index: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#offsets[index]!;
    if (this.#offsets[index + 1]! - from !== end - start) return false;
    const heap = this.#heap;
    for (let i = start, j = from; i < end; i++, j++) if (bytes[i] !== heap[j]) return false;
    return true;
  }

  #place(index: number, hash: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = index + 1;
  }

  /** Keeps the slots at most half full. */
  #grow(): void {
    const room = this.#values.length * 2;
    this.#hashes = longer(this.#hashes, room);
    this.#offsets = longer(this.#offsets, room + 1);
    this.#values = longer(this.#values, room);
    this.#slots = new Int32Array(room * 2);
    for (let index = 0; index < this.count; index++) this.#place(index, this.#hashes[index]!);
  }
}

function longer(from: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(length);
  to.set(from);
  return to;
}
