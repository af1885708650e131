// What is known of the bytes of a cell: look-up tables from keys to ids.
import { firstBytes, hashBytes, placeOf } from './hash';
import { compareBytes, copyBytes, grown, SLACK_BYTES } from './memory';

/** What a look-up gives for a key that is not there: no id, NULL_ID or verdict has this value. */
export const NOT_FOUND: i32 = i32.MIN_VALUE;

/** The most bytes of a short key. */
export const SHORT_BYTES_MAX: i32 = 8;

const SHORT_SLOTS_MIN: i32 = 64;
const LONG_SLOTS_MIN: i32 = 64;
const HEAP_BYTES_MIN: i32 = 4096;

/** A slot is sixteen bytes: a key or its hash, an id, and for a long key where it stands in the heap. */
export const SLOT_SHIFT: usize = 4;
export const ID: usize = 8;
const PLACE: usize = 12;

/**
 * Numbers for keys of any length. Keys of 1 to 8 bytes, as most cells of most files are, are read as one word and compared as
 * such; longer ones are looked for by their hash, then compared byte for byte. Open addressing with linear probing, at most
 * half full.
 */
@unmanaged
export class Keys {
  short: usize;
  shortMask: i32;
  shortCount: i32;
  long: usize;
  longMask: i32;
  longCount: i32;
  /** The long keys, each behind its length. */
  heap: usize;
  heapUsed: i32;
  heapRoom: i32;

  static create(): Keys {
    const at = heap.alloc(offsetof<Keys>());
    memory.fill(at, 0, offsetof<Keys>());
    const keys = changetype<Keys>(at);
    keys.shortMask = SHORT_SLOTS_MIN - 1;
    keys.short = emptySlots(SHORT_SLOTS_MIN);
    keys.longMask = LONG_SLOTS_MIN - 1;
    keys.long = emptySlots(LONG_SLOTS_MIN);
    return keys;
  }

  count(): i32 {
    return this.shortCount + this.longCount;
  }

  bytes(): i32 {
    return ((this.shortMask + this.longMask + 2) << (<i32>SLOT_SHIFT)) + this.heapUsed;
  }

  clear(): void {
    if (this.shortCount > 0)
      memory.fill(this.short, 0, (<usize>(this.shortMask + 1)) << SLOT_SHIFT);
    if (this.longCount > 0) memory.fill(this.long, 0, (<usize>(this.longMask + 1)) << SLOT_SHIFT);
    this.shortCount = 0;
    this.longCount = 0;
    this.heapUsed = 0;
  }

  destroy(): void {
    heap.free(this.short);
    heap.free(this.long);
    if (this.heap != 0) heap.free(this.heap);
    heap.free(changetype<usize>(this));
  }

  /** The id of a key of at least one byte. */
  find(at: usize, length: i32, seed: u64): i32 {
    if (length > SHORT_BYTES_MAX) return this.findLong(at, length, longHash(at, length, seed));
    const key = firstBytes(load<u64>(at), length);
    const slots = this.short;
    const mask = this.shortMask;
    let slot = placeOf(key) & mask;
    while (true) {
      const place = slots + ((<usize>slot) << SLOT_SHIFT);
      const found = load<u64>(place);
      if (found == key) return key == 0 ? NOT_FOUND : load<i32>(place, ID);
      if (found == 0) return NOT_FOUND;
      slot = (slot + 1) & mask;
    }
  }

  /** Adds a key that is not there. One of NUL bytes cannot be held, for a slot with such a key is free. */
  add(at: usize, length: i32, seed: u64, id: i32): void {
    if (length > SHORT_BYTES_MAX) {
      this.addLong(at, length, longHash(at, length, seed), id);
      return;
    }
    const key = firstBytes(load<u64>(at), length);
    if (key == 0) return;
    if (++this.shortCount * 2 > this.shortMask + 1) this.growShort();
    placeShort(this.short, this.shortMask, key, id);
  }

  private findLong(at: usize, length: i32, hash: u64): i32 {
    const slots = this.long;
    const mask = this.longMask;
    let slot = (<i32>hash) & mask;
    while (true) {
      const place = slots + ((<usize>slot) << SLOT_SHIFT);
      const found = load<u64>(place);
      if (found == 0) return NOT_FOUND;
      if (found == hash) {
        const key = this.heap + load<u32>(place, PLACE);
        if (load<i32>(key) == length && compareBytes(key + 4, at, length) == 0) {
          return load<i32>(place, ID);
        }
      }
      slot = (slot + 1) & mask;
    }
  }

  private addLong(at: usize, length: i32, hash: u64, id: i32): void {
    if (++this.longCount * 2 > this.longMask + 1) this.growLong();
    const needed = this.heapUsed + 4 + length;
    if (needed + SLACK_BYTES > this.heapRoom) {
      const room = max(HEAP_BYTES_MIN, max(needed + SLACK_BYTES, this.heapRoom * 2));
      this.heap = grown(this.heap, this.heapUsed, room);
      this.heapRoom = room;
    }
    const key = this.heap + this.heapUsed;
    store<i32>(key, length);
    copyBytes(key + 4, at, length);
    placeLong(this.long, this.longMask, hash, id, this.heapUsed);
    this.heapUsed = needed;
  }

  private growShort(): void {
    const former = this.short;
    const slots = this.shortMask + 1;
    this.shortMask = slots * 2 - 1;
    this.short = emptySlots(slots * 2);
    for (let slot = 0; slot < slots; slot++) {
      const place = former + ((<usize>slot) << SLOT_SHIFT);
      const key = load<u64>(place);
      if (key != 0) placeShort(this.short, this.shortMask, key, load<i32>(place, ID));
    }
    heap.free(former);
  }

  private growLong(): void {
    const former = this.long;
    const slots = this.longMask + 1;
    this.longMask = slots * 2 - 1;
    this.long = emptySlots(slots * 2);
    for (let slot = 0; slot < slots; slot++) {
      const place = former + ((<usize>slot) << SLOT_SHIFT);
      const hash = load<u64>(place);
      if (hash == 0) continue;
      placeLong(this.long, this.longMask, hash, load<i32>(place, ID), load<i32>(place, PLACE));
    }
    heap.free(former);
  }
}

/** A hash that is not 0, which marks a free slot. */
function longHash(at: usize, length: i32, seed: u64): u64 {
  const hash = hashBytes(at, length, seed);
  return hash == 0 ? 1 : hash;
}

function emptySlots(slots: i32): usize {
  const bytes = (<usize>slots) << SLOT_SHIFT;
  const at = heap.alloc(bytes);
  memory.fill(at, 0, bytes);
  return at;
}

function freeSlot(slots: usize, mask: i32, first: u32): usize {
  let slot = first & mask;
  while (load<u64>(slots + ((<usize>slot) << SLOT_SHIFT)) != 0) slot = (slot + 1) & mask;
  return slots + ((<usize>slot) << SLOT_SHIFT);
}

function placeShort(slots: usize, mask: i32, key: u64, id: i32): void {
  const place = freeSlot(slots, mask, placeOf(key));
  store<u64>(place, key);
  store<i32>(place, id, ID);
}

function placeLong(slots: usize, mask: i32, hash: u64, id: i32, heapPlace: i32): void {
  const place = freeSlot(slots, mask, <u32>hash);
  store<u64>(place, hash);
  store<i32>(place, id, ID);
  store<i32>(place, heapPlace, PLACE);
}
