import type { ColumnVector } from '../columns/column-batch.ts';
import type { ByteWriter } from './byte-writer.ts';
import { writeHybrid, writeRun } from './rle-bit-packed-hybrid.ts';

/** Writes which rows of a page have a value, where the schema leaves that open. */
export class DefinitionLevels {
  readonly #levels: Int32Array;

  /** `rowsMax`: the most rows of a page. */
  constructor(rowsMax: number) {
    this.#levels = new Int32Array(rowsMax);
  }

  /** Rows [row, rowEnd) of a column. Returns how many have a value. */
  write(out: ByteWriter, vector: ColumnVector, row: number, rowEnd: number): number {
    const rows = rowEnd - row;
    if (!vector.column.nullable) return rows;
    const start = out.length;
    out.writeUint32(0);
    let present = rows;
    if (vector.nullCount === 0) {
      writeRun(out, 1, rows, 1);
    } else {
      const { ids } = vector;
      const levels = this.#levels;
      present = 0;
      for (let at = 0; at < rows; at++) {
        const level = 1 + (ids[row + at]! >> 31);
        levels[at] = level;
        present += level;
      }
      writeHybrid(out, levels, 0, rows, 1);
    }
    // Spec: in data pages of version 1 the length of the levels stands before them.
    out.view.setUint32(start, out.length - start - 4, true);
    return present;
  }
}
