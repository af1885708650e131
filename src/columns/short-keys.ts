/** What a key table gives for a key that is not there: no id, NULL_ID or verdict has this value. */
export const NOT_FOUND = -0x80000000;

/** The most bytes of a short key. */
export const SHORT_BYTES_MAX = 8;

const FIRST_SLOTS = 64;
/** A slot is four numbers, so that its place is a shift: low word, high word, value, and one that is not used. */
const SLOT_SHIFT = 2;

/** Which bytes of a little-endian word belong to a key that has 0 to 4 bytes in it. */
const byteMasks = Int32Array.of(0, 0xff, 0xffff, 0xffffff, -1);

/** The first four bytes, or as many as the key has, as a number. */
export function lowWord(view: DataView, start: number, length: number): number {
  const word = view.getInt32(start, true);
  return length < 4 ? word & byteMasks[length]! : word;
}

/** The bytes from the fifth on, as a number. */
export function highWord(view: DataView, start: number, length: number): number {
  return length <= 4 ? 0 : view.getInt32(start + 4, true) & byteMasks[length - 4]!;
}

/**
 * Numbers for keys of 1 to 8 bytes, as most cells of most files are: a key is read as two words and compared as such,
 * without a loop over its bytes. Open addressing with linear probing, at most half full. A key that begins with a NUL byte
 * cannot be held, for a slot is free where its low word is 0.
 */
export class ShortKeys {
  count = 0;
  #slots = new Int32Array(FIRST_SLOTS << SLOT_SHIFT);

  find(low: number, high: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let at = slotOf(low, high) & mask; ; at = (at + 4) & mask) {
      const found = slots[at]!;
      if (found === low && slots[at + 1] === high) return slots[at + 2]!;
      if (found === 0) return NOT_FOUND;
    }
  }

  /** Adds a key that is not there. */
  add(low: number, high: number, value: number): void {
    if (low === 0) return;
    if (++this.count * 2 > this.#slots.length >> SLOT_SHIFT) this.#grow();
    this.#place(low, high, value);
  }

  clear(): void {
    if (this.count > 0) this.#slots.fill(0);
    this.count = 0;
  }

  get bytesUsed(): number {
    return this.#slots.byteLength;
  }

  #place(low: number, high: number, value: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let at = slotOf(low, high) & mask;
    while (slots[at] !== 0) at = (at + 4) & mask;
    slots[at] = low;
    slots[at + 1] = high;
    slots[at + 2] = value;
  }

  #grow(): void {
    const former = this.#slots;
    this.#slots = new Int32Array(former.length * 2);
    for (let at = 0; at < former.length; at += 4) {
      if (former[at] !== 0) this.#place(former[at]!, former[at + 1]!, former[at + 2]!);
    }
  }
}

/** Where to look first, as the index of a slot's first number. */
function slotOf(low: number, high: number): number {
  const mixed = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) << SLOT_SHIFT;
}
