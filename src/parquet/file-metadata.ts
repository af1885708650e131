import type { CodecName } from '../core/codec-name.ts';
import type { Column } from '../schema/column-type.ts';
import type { ColumnChunk } from './column-chunk.ts';
import { DATA_PAGE, DICTIONARY_PAGE, PLAIN, RLE } from './page-header.ts';
import { bytesOf, startOf, type RowGroup, type WrittenRowGroup } from './row-group.ts';
import { physicalTypes, storageOf, writeSchema } from './schema-element.ts';
import { writeStatistics } from './statistics.ts';
import { ByteWriter } from './byte-writer.ts';
import { ThriftCompactWriter } from './thrift-compact-writer.ts';

/** What a footer says besides its row groups. */
export interface FileDescription {
  columns: readonly Column[];
  /** Key and value pairs, written in the order in which they were set. */
  metadata: Readonly<Record<string, string>>;
  /** The program that wrote the file, such as `csv-hopper version 1.0.0`. */
  createdBy: string;
}

export interface FileMetadata extends FileDescription {
  rowGroups: readonly WrittenRowGroup[];
}

// Spec: parquet.thrift, CompressionCodec.
const codecs: Record<CodecName, number> = { none: 0, snappy: 1, gzip: 2, zstd: 6 };

/** Spec: parquet.thrift, FileMetaData. */
export function writeFileMetadata(out: ByteWriter, file: FileMetadata): void {
  const thrift = new ThriftCompactWriter(out);
  thrift.struct(() => {
    // Spec: writers should always say version 1; parquetjs-lite refuses any other.
    thrift.i32Field(1, 1);
    writeSchema(thrift, 2, file.columns);
    thrift.i64Field(3, sum(file.rowGroups, 'rows'));
    thrift.encodedStructListField(
      4,
      file.rowGroups.map(({ metadata }) => metadata),
    );
    thrift.structListField(5, Object.entries(file.metadata), ([key, value]) => {
      thrift.stringField(1, key);
      thrift.stringField(2, value);
    });
    thrift.stringField(6, file.createdBy);
    // Spec: without TypeDefinedOrder for its column, readers ignore min_value and max_value.
    thrift.structListField(7, file.columns, () => {
      thrift.emptyStructField(1);
    });
  });
}

/** Of a row group that lies at `offset` in its file. Spec: parquet.thrift, RowGroup. */
export function encodeRowGroup(rowGroup: RowGroup, offset: number): Uint8Array {
  const out = new ByteWriter();
  const thrift = new ThriftCompactWriter(out);
  thrift.struct(() => {
    writeRowGroup(thrift, rowGroup, offset);
  });
  // A copy of its own, because a view passes between threads with all the memory behind it.
  return out.written().slice();
}

function writeRowGroup(thrift: ThriftCompactWriter, rowGroup: RowGroup, offset: number): void {
  const { chunks } = rowGroup;
  thrift.structListField(1, chunks, (chunk) => {
    // Spec: ColumnChunk.file_offset is deprecated and 0 where the metadata stands in the footer alone.
    thrift.i64Field(2, 0);
    thrift.structField(3, () => {
      writeColumnMetadata(thrift, chunk, offset);
    });
  });
  thrift.i64Field(2, sum(chunks, 'uncompressedBytes'));
  thrift.i64Field(3, rowGroup.rows);
  thrift.i64Field(5, offset + startOf(rowGroup));
  thrift.i64Field(6, bytesOf(rowGroup));
}

/** Spec: parquet.thrift, ColumnMetaData. */
function writeColumnMetadata(
  thrift: ThriftCompactWriter,
  chunk: ColumnChunk,
  offset: number,
): void {
  const { column, dictionaryPageOffset } = chunk;
  const encodings = new Set([chunk.encoding]);
  // The dictionary page is PLAIN, and definition levels are RLE.
  if (dictionaryPageOffset !== null) encodings.add(PLAIN);
  if (column.nullable) encodings.add(RLE);
  thrift.i32Field(1, physicalTypes[storageOf(column)]);
  thrift.i32ListField(
    2,
    [...encodings].sort((a, b) => a - b),
  );
  thrift.stringListField(3, [column.name]);
  thrift.i32Field(4, codecs[chunk.codec]);
  thrift.i64Field(5, chunk.rows);
  thrift.i64Field(6, chunk.uncompressedBytes);
  thrift.i64Field(7, chunk.compressedBytes);
  thrift.i64Field(9, offset + chunk.dataPageOffset);
  if (dictionaryPageOffset !== null) thrift.i64Field(11, offset + dictionaryPageOffset);
  thrift.structField(12, () => {
    writeStatistics(thrift, chunk.statistics);
  });
  thrift.structListField(13, pageCounts(chunk), ([pageType, encoding, count]) => {
    thrift.i32Field(1, pageType);
    thrift.i32Field(2, encoding);
    thrift.i32Field(3, count);
  });
}

/** Tells readers that all data pages use the dictionary, so that they can filter by it. */
function pageCounts(chunk: ColumnChunk): [pageType: number, encoding: number, count: number][] {
  const data: [number, number, number] = [DATA_PAGE, chunk.encoding, chunk.dataPages];
  return chunk.dictionaryPageOffset === null ? [data] : [[DICTIONARY_PAGE, PLAIN, 1], data];
}

function sum<Key extends string>(items: readonly Record<Key, number>[], key: Key): number {
  return items.reduce((total, item) => total + item[key], 0);
}
