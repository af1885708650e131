import { readFileSync } from 'node:fs';
import type { KernelFunctions } from './kernel-functions.ts';

/** Behind bytes that the kernel reads or writes so many must be its own, too: it takes several at a time. */
export const SLACK_BYTES = 64;

const PAGE_BYTES = 1 << 16;
const PAGES_FIRST = 2;
/** 2 GiB, of which only what is used is taken. */
const PAGES_MAX = (2 ** 31 / PAGE_BYTES) | 0;

const wasmUrl = new URL('./kernel.wasm', import.meta.url);

/** Memory for arrays of bytes, and what takes them back: the heap of JavaScript, or a kernel. */
export interface ByteMemory {
  /** At least `bytes` bytes, zeros or not. */
  take(bytes: number): Uint8Array;
  giveBack(bytes: Uint8Array): void;
}

/** Arrays of JavaScript's own. */
export const heapMemory: ByteMemory = {
  take: (bytes) => new Uint8Array(bytes),
  giveBack: () => undefined,
};

/**
 * The loops over bytes and values, in WebAssembly: sixteen bytes or one 64-bit word at a time, which JavaScript has no words for,
 * and at full speed from the first row on, where JavaScript would have to be run for a while before it is compiled.
 *
 * Its memory is shared in name only: a shared one can grow without taking existing views of it away. One kernel belongs to one
 * thread. What is taken has to be given back; all goes with the kernel itself.
 */
export class Kernel implements ByteMemory {
  readonly functions: KernelFunctions;
  readonly #memory: WebAssembly.Memory;
  /** All buffers that stand for the memory: each time it grows it gets another one. */
  readonly #buffers = new WeakSet<ArrayBufferLike>();
  #buffer: ArrayBufferLike;
  #landing: Uint8Array = new Uint8Array(0);

  constructor() {
    this.#memory = new WebAssembly.Memory({
      initial: PAGES_FIRST,
      maximum: PAGES_MAX,
      shared: true,
    });
    const module = new WebAssembly.Module(readFileSync(wasmUrl));
    const instance = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.functions = instance.exports as KernelFunctions;
    this.#buffer = this.#memory.buffer;
    this.#buffers.add(this.#buffer);
  }

  take(bytes: number): Uint8Array {
    return this.bytesAt(this.functions.allocate(bytes), bytes);
  }

  giveBack(bytes: Uint8Array): void {
    this.functions.release(bytes.byteOffset);
  }

  /** How many bytes of memory there are, used or not. */
  get bytes(): number {
    return this.#currentBuffer().byteLength;
  }

  bytesAt(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#currentBuffer(), at, length);
  }

  int32At(at: number, length: number): Int32Array {
    return new Int32Array(this.#currentBuffer(), at, length);
  }

  float32At(at: number, length: number): Float32Array {
    return new Float32Array(this.#currentBuffer(), at, length);
  }

  float64At(at: number, length: number): Float64Array {
    return new Float64Array(this.#currentBuffer(), at, length);
  }

  int64At(at: number, length: number): BigInt64Array {
    return new BigInt64Array(this.#currentBuffer(), at, length);
  }

  /** Whether a view is of this memory. */
  holds(view: ArrayBufferView): boolean {
    return this.#buffers.has(view.buffer);
  }

  /** The address of bytes[0]: of a copy, valid until the next call, where they are not in this memory. */
  addressOf(bytes: Uint8Array): number {
    if (this.holds(bytes)) return bytes.byteOffset;
    if (bytes.length + SLACK_BYTES > this.#landing.length) {
      if (this.#landing.length > 0) this.giveBack(this.#landing);
      this.#landing = this.take(2 * bytes.length + SLACK_BYTES);
    }
    this.#landing.set(bytes);
    return this.#landing.byteOffset;
  }

  #currentBuffer(): ArrayBufferLike {
    const { buffer } = this.#memory;
    if (buffer !== this.#buffer) {
      this.#buffer = buffer;
      this.#buffers.add(buffer);
    }
    return buffer;
  }
}
