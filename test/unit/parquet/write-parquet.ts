import type { ColumnBatch } from '../../../src/columns/column-batch.ts';
import type { CodecName } from '../../../src/core/codec-name.ts';
import { type Compressor, openCompressor } from '../../../src/parquet/compressor.ts';
import type { FileDescription } from '../../../src/parquet/file-metadata.ts';
import {
  createParquetFile,
  finishParquetFile,
  FIRST_ROW_GROUP_OFFSET,
  writeRowGroup,
} from '../../../src/parquet/parquet-file.ts';
import { RowGroupEncoder } from '../../../src/parquet/row-group-encoder.ts';
import type { WrittenRowGroup } from '../../../src/parquet/row-group.ts';
import type { Column } from '../../../src/schema/column-type.ts';
import { batchOf, kernel, type TestColumn } from './batch-of.ts';

export function describe(columns: readonly Column[]): FileDescription {
  const metadata = { 'csv-hopper.load_id': '0123', note: 'é' };
  return { columns, metadata, createdBy: 'test version 1' };
}

/** Writes row groups of the same columns, one after the other; those without rows are left out. */
export async function writeParquet(
  path: string,
  groups: readonly (readonly TestColumn[])[],
  codec: CodecName = 'none',
  compressor?: Compressor,
): Promise<{ bytes: number; rows: number; rowGroups: number }> {
  const columns = groups[0]!.map(({ column }) => column);
  return writeBatches(path, columns, groups.map(batchOf), codec, compressor);
}

/** A compressor for every column chunk, however little is in it. */
export async function compressAll(codec: CodecName): Promise<Compressor> {
  return { ...(await openCompressor(codec, 'large')), bytesMin: 0 };
}

export async function writeBatches(
  path: string,
  columns: readonly Column[],
  batches: readonly ColumnBatch[],
  codec: CodecName = 'none',
  compressor?: Compressor,
): Promise<{ bytes: number; rows: number; rowGroups: number }> {
  compressor ??= await compressAll(codec);
  const encoder = new RowGroupEncoder(columns, compressor, kernel);
  createParquetFile(path);
  const rowGroups: WrittenRowGroup[] = [];
  let offset = FIRST_ROW_GROUP_OFFSET;
  for (const batch of batches) {
    if (batch.rowCount === 0) continue;
    const encoded = encoder.encode(batch);
    rowGroups.push(writeRowGroup(path, encoded, offset));
    offset += encoded.bytes.length;
  }
  return finishParquetFile(path, rowGroups, describe(columns));
}
