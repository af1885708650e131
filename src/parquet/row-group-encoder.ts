import type { ColumnBatch } from '../columns/column-batch.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Column } from '../schema/column-type.ts';
import { ByteWriter } from './byte-writer.ts';
import { ColumnChunkWriter } from './column-chunk.ts';
import type { Compressor } from './compressor.ts';
import type { RowGroup } from './row-group.ts';
import { storageOf } from './schema-element.ts';

/** All pages of a row group, not yet in a file. */
export interface EncodedRowGroup {
  /** Valid until the encoder's next row group. */
  bytes: Uint8Array;
  /** Its offsets count from the start of `bytes`. */
  rowGroup: RowGroup;
}

/**
 * A column batch comes in, the pages of a row group go out. What comes out is a function of the batch and the options
 * alone, so threads with an encoder each make the same file as one. Holds one row group in memory, some 16 MB for
 * 131,072 rows of 33 columns, and uses that memory for the next.
 */
export class RowGroupEncoder {
  readonly #columns: readonly Column[];
  readonly #pages = new ByteWriter(64 * 1024);
  readonly #chunks: ColumnChunkWriter;

  /** `columns`: those of the file, in the order of the batches' columns, whose arrays lie in the kernel's memory. */
  constructor(columns: readonly Column[], compress: Compressor, kernel: Kernel) {
    this.#columns = columns;
    this.#chunks = new ColumnChunkWriter(kernel, this.#pages, compress);
  }

  /** Gives back what it has taken of the kernel's memory. */
  close(): void {
    this.#chunks.close();
  }

  /** Takes a batch of at least one row, and is done with it on return. Throws where it does not keep to the schema. */
  encode(batch: ColumnBatch): EncodedRowGroup {
    this.#check(batch);
    this.#pages.clear();
    const chunks = batch.columns.map((vector) => this.#chunks.write(vector, batch.rowCount));
    return { bytes: this.#pages.written(), rowGroup: { rows: batch.rowCount, chunks } };
  }

  #check(batch: ColumnBatch): void {
    if (batch.rowCount === 0) throw new Error('A row group has at least one row.');
    const fits =
      batch.columns.length === this.#columns.length &&
      this.#columns.every((column, index) => {
        const vector = batch.columns[index];
        return vector?.column.name === column.name && vector.entries.storage === storageOf(column);
      });
    if (!fits) throw new Error("A batch has other columns than the file's schema.");
  }
}
