import type { ByteWriter } from './byte-writer.ts';
import { ThriftCompactWriter } from './thrift-compact-writer.ts';

// Spec: parquet.thrift, Encoding.
export const PLAIN = 0;
export const RLE = 3;
export const DELTA_BINARY_PACKED = 5;
export const DELTA_LENGTH_BYTE_ARRAY = 6;
export const RLE_DICTIONARY = 8;

// Spec: parquet.thrift, PageType. Data pages are of version 1, the only one that every reader takes.
export const DATA_PAGE = 0;
export const DICTIONARY_PAGE = 2;

/** What a page header says of the page behind it. */
export interface PageDescription {
  type: typeof DATA_PAGE | typeof DICTIONARY_PAGE;
  encoding: number;
  /** Values of a dictionary; rows of a data page, those without a value among them. */
  values: number;
  uncompressedBytes: number;
  compressedBytes: number;
}

/** Spec: parquet.thrift, PageHeader. */
export function writePageHeader(out: ByteWriter, page: PageDescription): void {
  const thrift = new ThriftCompactWriter(out);
  thrift.struct(() => {
    thrift.i32Field(1, page.type);
    thrift.i32Field(2, page.uncompressedBytes);
    thrift.i32Field(3, page.compressedBytes);
    thrift.structField(page.type === DATA_PAGE ? 5 : 7, () => {
      thrift.i32Field(1, page.values);
      thrift.i32Field(2, page.encoding);
      if (page.type === DATA_PAGE) {
        thrift.i32Field(3, RLE);
        thrift.i32Field(4, RLE);
      }
    });
  });
}
