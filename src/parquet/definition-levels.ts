import type { ColumnVector } from '../columns/column-batch.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { addressOfId } from '../columns/kernel-entries.ts';
import type { PageWriter } from './page-writer.ts';
import { hybridBytesMax, writeRun } from './rle-bit-packed-hybrid.ts';

/** Writes which rows of a page have a value, where the schema leaves that open. */
export class DefinitionLevels {
  readonly #kernel: Kernel;
  readonly #levels: Uint8Array;

  /** `rowsMax`: the most rows of a page. */
  constructor(kernel: Kernel, rowsMax: number) {
    this.#kernel = kernel;
    this.#levels = kernel.take(rowsMax * Int32Array.BYTES_PER_ELEMENT);
  }

  /** Rows [row, rowEnd) of a column. Returns how many have a value. */
  write(out: PageWriter, vector: ColumnVector, row: number, rowEnd: number): number {
    const rows = rowEnd - row;
    if (!vector.column.nullable) return rows;
    const { functions } = this.#kernel;
    const start = out.length;
    out.writeUint32(0);
    let present = rows;
    if (vector.nullCount === 0) {
      writeRun(out, 1, rows, 1);
    } else {
      out.append(hybridBytesMax(rows, 1), (to) =>
        functions.writeLevels(to, addressOfId(vector.ids, row), rows, this.#levels.byteOffset),
      );
      present = functions.presentRows.value;
    }
    // Spec: in data pages of version 1 the length of the levels stands before them.
    out.view.setUint32(start, out.length - start - 4, true);
    return present;
  }

  close(): void {
    this.#kernel.giveBack(this.#levels);
  }
}
