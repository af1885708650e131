import { decimalWidth } from '../schema/column-types.ts';
import type { Storage } from '../schema/column-type.ts';
import type { ValueSink } from '../schema/value-parser.ts';
import type { Entries } from './column-batch.ts';

const FIRST_ROOM = 1024;

/**
 * The typed values of one column: what a parser adds to and a sink reads from. Grows as needed and is filled again from
 * the start for the next batch. Only the arrays of its storage are used; one class for all keeps calls monomorphic.
 */
export class EntryStore implements ValueSink {
  count = 0;
  rendered = '';

  readonly #storage: Storage;
  readonly #width: number;
  #booleans = new Uint8Array(0);
  #ints = new Int32Array(0);
  #bigs = new BigInt64Array(0);
  /** The same memory as #bigs, low half first: 64-bit values are written without making a BigInt. */
  #halves = new Int32Array(0);
  #floats = new Float32Array(0);
  #doubles = new Float64Array(0);
  #bytes = new Uint8Array(0);
  #offsets = new Int32Array(0);
  #room = 0;

  /** `precision`: the digits of a decimal of fixed width; else any number. */
  constructor(storage: Storage, precision: number) {
    this.#storage = storage;
    this.#width = storage === 'fixed' ? decimalWidth(precision) : 0;
  }

  addBoolean(value: boolean): void {
    this.#ensure();
    this.#booleans[this.count++] = value ? 1 : 0;
  }

  addInt32(value: number): void {
    this.#ensure();
    this.#ints[this.count++] = value;
  }

  addInt64(value: number): void {
    this.#ensure();
    const high = Math.floor(value / 2 ** 32);
    this.#halves[this.count * 2] = value - high * 2 ** 32;
    this.#halves[this.count * 2 + 1] = high;
    this.count++;
  }

  addBigInt64(value: bigint): void {
    this.#ensure();
    this.#bigs[this.count++] = value;
  }

  addFloat(value: number): void {
    this.#ensure();
    this.#floats[this.count++] = value;
  }

  addDouble(value: number): void {
    this.#ensure();
    this.#doubles[this.count++] = value;
  }

  addBytes(bytes: Uint8Array, start: number, end: number): void {
    this.#ensure();
    const at = this.#offsets[this.count]!;
    const length = end - start;
    if (at + length > this.#bytes.length) this.#bytes = grownBytes(this.#bytes, at + length);
    copyBytes(bytes, start, end, this.#bytes, at);
    this.#offsets[++this.count] = at + length;
  }

  addFixed(value: bigint): void {
    this.#ensure();
    const from = this.count * this.#width;
    let rest = BigInt.asUintN(this.#width * 8, value);
    for (let i = from + this.#width - 1; i >= from; i--) {
      this.#bytes[i] = Number(rest & 0xffn);
      rest >>= 8n;
    }
    this.count++;
  }

  /** Takes the value added last away again: it equals one that is there. */
  removeLast(): void {
    this.count--;
  }

  clear(): void {
    this.count = 0;
  }

  /** Bytes in use, for bounding a batch. */
  get bytesUsed(): number {
    return this.#storage === 'bytes' ? (this.#offsets[this.count] ?? 0) : this.count * 8;
  }

  /** The values as sinks read them; valid until the next add. */
  entries(): Entries {
    const count = this.count;
    switch (this.#storage) {
      case 'boolean':
        return { storage: 'boolean', count, values: this.#booleans };
      case 'int32':
        return { storage: 'int32', count, values: this.#ints };
      case 'int64':
        return { storage: 'int64', count, values: this.#bigs };
      case 'float':
        return { storage: 'float', count, values: this.#floats };
      case 'double':
        return { storage: 'double', count, values: this.#doubles };
      case 'bytes':
        return { storage: 'bytes', count, bytes: this.#bytes, offsets: this.#offsets };
      case 'fixed':
        return { storage: 'fixed', count, bytes: this.#bytes, width: this.#width };
    }
  }

  #ensure(): void {
    if (this.count >= this.#room) this.#grow();
  }

  #grow(): void {
    const room = Math.max(FIRST_ROOM, this.#room * 2);
    this.#room = room;
    switch (this.#storage) {
      case 'boolean':
        this.#booleans = grown(this.#booleans, new Uint8Array(room));
        break;
      case 'int32':
        this.#ints = grown(this.#ints, new Int32Array(room));
        break;
      case 'int64':
        this.#bigs = grown(this.#bigs, new BigInt64Array(room));
        this.#halves = new Int32Array(this.#bigs.buffer);
        break;
      case 'float':
        this.#floats = grown(this.#floats, new Float32Array(room));
        break;
      case 'double':
        this.#doubles = grown(this.#doubles, new Float64Array(room));
        break;
      case 'bytes':
        this.#offsets = grown(this.#offsets, new Int32Array(room + 1));
        break;
      case 'fixed':
        this.#bytes = grown(this.#bytes, new Uint8Array(room * this.#width));
        break;
    }
  }
}

function grown<T extends Uint8Array | Int32Array | Float32Array | Float64Array | BigInt64Array>(
  from: T,
  to: T,
): T {
  // One signature for both kinds of typed array: BigInt64Array.set takes bigints, the others numbers.
  (to as { set(source: T): void }).set(from);
  return to;
}

/** A larger copy of a heap, at least `needed` bytes and twice what it was. */
export function grownBytes(heap: Uint8Array, needed: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(FIRST_ROOM, heap.length * 2, needed));
  larger.set(heap);
  return larger;
}

/** Copies bytes[start, end) to `to` from `at` on. A loop beats set(subarray()) below some 50 bytes, as most values are. */
export function copyBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  at: number,
): void {
  if (end - start > 64) {
    to.set(bytes.subarray(start, end), at);
    return;
  }
  for (let from = start; from < end; from++) to[at++] = bytes[from]!;
}
