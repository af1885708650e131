import { PADDING_BYTES, type RowBlock } from '../csv/row-block.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** A row block with the addresses at which the kernel finds it. */
export interface PlacedBlock {
  block: RowBlock;
  fieldCount: number;
  bytes: number;
  starts: number;
  ends: number;
}

/** A block whose arrays lie in the kernel's memory. */
export function placedIn(block: RowBlock): PlacedBlock {
  const { bytes, starts, ends, fieldCount } = block;
  return {
    ...{ block, fieldCount },
    ...{ bytes: bytes.byteOffset, starts: starts.byteOffset, ends: ends.byteOffset },
  };
}

/** Sees to it that blocks lie in the kernel's memory: those of a scanner that has no kernel are copied. */
export class BlockPlacer {
  readonly #kernel: Kernel;
  #copy: Uint8Array = new Uint8Array(0);
  /** The last one. Only kept for V8, which throws away what it has compiled for blocks when none is alive at a collection. */
  #placed: PlacedBlock | null = null;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  place(block: RowBlock): PlacedBlock {
    const isPlaced = this.#kernel.holds(block.bytes) && this.#kernel.holds(block.starts);
    this.#placed = isPlaced ? placedIn(block) : this.#placeCopy(block);
    return this.#placed;
  }

  close(): void {
    if (this.#copy.length > 0) this.#kernel.giveBack(this.#copy);
    this.#copy = new Uint8Array(0);
  }

  #placeCopy({ bytes, starts, ends, rowStarts, rowEnds, lines, fieldCount, rowCount }: RowBlock) {
    const cells = rowCount * fieldCount;
    const used = cells === 0 ? 0 : ends[cells - 1]!;
    const cellBytes = cells * Int32Array.BYTES_PER_ELEMENT;
    const startsAt = 0;
    const endsAt = cellBytes;
    const bytesAt = 2 * cellBytes;
    const needed = bytesAt + used + PADDING_BYTES;
    if (needed > this.#copy.length) {
      this.close();
      this.#copy = this.#kernel.take(2 * needed);
    }
    const { buffer, byteOffset } = this.#copy;
    const copy = {
      bytes: this.#copy.subarray(bytesAt, needed),
      starts: new Int32Array(buffer, byteOffset + startsAt, cells),
      ends: new Int32Array(buffer, byteOffset + endsAt, cells),
    };
    copy.bytes.set(bytes.subarray(0, used));
    copy.starts.set(starts.subarray(0, cells));
    copy.ends.set(ends.subarray(0, cells));
    return this.place({ ...copy, rowStarts, rowEnds, lines, fieldCount, rowCount });
  }
}
