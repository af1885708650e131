import type { Kernel } from './kernel.ts';

/** An array of 32-bit numbers in the kernel's memory, as large as the largest that was asked for. */
export class KernelNumbers {
  numbers: Int32Array = new Int32Array(0);
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Room for so many; what was in it is lost where it is too small. */
  reserve(count: number): Int32Array {
    if (count > this.numbers.length) {
      this.close();
      const { buffer, byteOffset } = this.#kernel.take(2 * count * Int32Array.BYTES_PER_ELEMENT);
      this.numbers = new Int32Array(buffer, byteOffset, 2 * count);
    }
    return this.numbers;
  }

  close(): void {
    const { buffer, byteOffset, byteLength } = this.numbers;
    if (byteLength > 0) this.#kernel.giveBack(new Uint8Array(buffer, byteOffset, byteLength));
    this.numbers = new Int32Array(0);
  }
}
