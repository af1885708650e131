import { type Kernel, SLACK_BYTES } from '../kernel/kernel.ts';
import { ByteWriter } from './byte-writer.ts';

/** Bytes that the kernel writes. */
export class PageWriter extends ByteWriter {
  readonly kernel: Kernel;

  constructor(kernel: Kernel, capacity = 64 * 1024) {
    super(capacity, kernel);
    this.kernel = kernel;
  }

  /** Lets `write`, given an address, write up to `bytesMax` bytes there; it returns the address behind them. */
  append(bytesMax: number, write: (out: number) => number): void {
    this.reserve(bytesMax + SLACK_BYTES);
    const out = this.bytes.byteOffset + this.length;
    this.length += write(out) - out;
  }
}
