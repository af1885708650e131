import { type ByteMemory, heapMemory } from '../kernel/kernel.ts';

/**
 * Bytes that grow at the end and are used again after `clear`. Tight loops call `reserve` once, write into `bytes` or
 * `view` themselves and move `length`; both are replaced when the memory grows, so take them after `reserve`.
 */
export class ByteWriter {
  bytes: Uint8Array;
  view: DataView;
  length = 0;
  readonly #memory: ByteMemory;

  constructor(capacity = 4096, memory: ByteMemory = heapMemory) {
    this.#memory = memory;
    this.bytes = memory.take(capacity);
    this.view = viewOf(this.bytes);
  }

  /** Makes room for `count` more bytes; what is there stays. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = this.#memory.take(Math.max(needed, this.bytes.length * 2));
    grown.set(this.written());
    this.close();
    this.bytes = grown;
    this.view = viewOf(grown);
  }

  /** Gives the memory back; nothing can be written any more. */
  close(): void {
    this.#memory.giveBack(this.bytes);
  }

  clear(): void {
    this.length = 0;
  }

  /** What was written, in place: valid until the next write. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  writeByte(byte: number): void {
    this.reserve(1);
    this.bytes[this.length++] = byte;
  }

  /** Four bytes, little-endian. */
  writeUint32(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.length, value, true);
    this.length += 4;
  }

  writeBytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** ULEB128 of a whole number from 0 to 2^53 - 1. */
  writeVarint(value: number): void {
    this.reserve(8);
    let rest = value;
    // Bit operators work on 32 bits and a file offset may need more.
    while (rest > 0x7fffffff) {
      this.bytes[this.length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      this.bytes[this.length++] = (rest & 127) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.length++] = rest;
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
