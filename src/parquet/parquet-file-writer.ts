import type { ColumnBatch } from '../columns/column-batch.ts';
import type { Column } from '../schema/column-type.ts';
import { ByteWriter } from './byte-writer.ts';
import { ColumnChunkWriter } from './column-chunk.ts';
import type { Compressor } from './compressor.ts';
import { writeFileMetadata, type RowGroup } from './file-metadata.ts';
import { OutputFile } from './output-file.ts';
import { storageOf } from './schema-element.ts';

/** Spec: a Parquet file starts and ends with it. */
const MAGIC = Buffer.from('PAR1');

export interface ParquetFileOptions {
  /** In the order of the batches' columns. */
  columns: readonly Column[];
  compress: Compressor;
  /** Key and value pairs for the footer. */
  metadata: Readonly<Record<string, string>>;
  /** The program that writes, such as `csv-hopper version 1.0.0`. */
  createdBy: string;
}

/**
 * Column batches come in, a Parquet file goes out: each batch is a row group. Synchronous, for a worker thread. The
 * bytes are a function of the batches and options alone. The file is complete and durable when `finish` returns; its
 * name, which should be a temporary one, is the caller's to change. Throws disk_full, folder_unusable and io_failed,
 * after which only `abort` is allowed.
 */
export class ParquetFileWriter {
  readonly #options: ParquetFileOptions;
  readonly #file: OutputFile;
  readonly #chunks: ColumnChunkWriter;
  readonly #rowGroups: RowGroup[] = [];
  /** `writing` outlasts a call only where it failed, and the file has half of something. */
  #state: 'ready' | 'writing' | 'closed' = 'ready';

  constructor(path: string, options: ParquetFileOptions) {
    this.#options = options;
    this.#file = new OutputFile(path);
    this.#chunks = new ColumnChunkWriter(this.#file, options.compress);
    this.#file.write(MAGIC);
  }

  /** Is done with the batch when it returns. A batch without rows writes nothing. */
  writeRowGroup(batch: ColumnBatch): void {
    this.#begin();
    this.#checkColumns(batch);
    if (batch.rowCount > 0) {
      const chunks = batch.columns.map((vector) => this.#chunks.write(vector, batch.rowCount));
      this.#rowGroups.push({ rows: batch.rowCount, chunks });
    }
    this.#state = 'ready';
  }

  /** Writes the footer, fsyncs and closes the file; returns its size and what it holds. */
  finish(): { bytes: number; rows: number; rowGroups: number } {
    this.#begin();
    const { columns, compress, metadata, createdBy } = this.#options;
    const rowGroups = this.#rowGroups;
    const footer = new ByteWriter(64 * 1024);
    writeFileMetadata(footer, { columns, codec: compress.codec, rowGroups, metadata, createdBy });
    footer.writeUint32(footer.length);
    footer.writeBytes(MAGIC);
    this.#file.write(footer.written());
    this.#file.finish();
    this.#state = 'closed';
    return {
      bytes: this.#file.position,
      rows: rowGroups.reduce((rows, rowGroup) => rows + rowGroup.rows, 0),
      rowGroups: rowGroups.length,
    };
  }

  /** Closes and removes the file, finished or not; once more does nothing. */
  abort(): void {
    this.#state = 'closed';
    this.#file.discard();
  }

  #begin(): void {
    if (this.#state !== 'ready') {
      throw new Error(`The Parquet file ${this.#file.path} is closed, or an error broke it off.`);
    }
    this.#state = 'writing';
  }

  #checkColumns(batch: ColumnBatch): void {
    const { columns } = this.#options;
    const fits =
      batch.columns.length === columns.length &&
      columns.every((column, index) => {
        const vector = batch.columns[index];
        return vector?.column.name === column.name && vector.entries.storage === storageOf(column);
      });
    if (!fits) {
      throw new Error(`A batch for ${this.#file.path} has other columns than the file's schema.`);
    }
  }
}
