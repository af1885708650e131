import type { ColumnVector } from '../columns/column-batch.ts';
import type { CodecName } from '../core/codec-name.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Column } from '../schema/column-type.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Compressor } from './compressor.ts';
import { DefinitionLevels } from './definition-levels.ts';
import { Dictionary } from './dictionary.ts';
import { addressOfId } from '../columns/kernel-entries.ts';
import { KernelNumbers } from '../kernel/kernel-numbers.ts';
import {
  DATA_PAGE,
  DICTIONARY_PAGE,
  PLAIN,
  RLE_DICTIONARY,
  writePageHeader,
  type PageDescription,
} from './page-header.ts';
import { PageWriter } from './page-writer.ts';
import { plainSize, writePlain } from './plain-encoding.ts';
import { bitWidthOf, writeHybrid } from './rle-bit-packed-hybrid.ts';
import { boundsOf, type ColumnStatistics } from './statistics.ts';
import { ValueEncodings, type ValueEncoding } from './value-encoding.ts';

/**
 * A reader decodes a page as a whole, so its rows and bytes bound the reader's memory: 20,000 rows, as in parquet-mr
 * and arrow-rs, because a page of runs is small in bytes for any number of rows; 1 MiB for long strings. A longer
 * string has a page of its own.
 */
const PAGE_ROWS_MAX = 20_000;
const PAGE_BYTES_MAX = 1024 * 1024;

/** A column chunk as the footer describes it; its offsets count from where its writer's bytes start. */
export interface ColumnChunk {
  column: Column;
  rows: number;
  codec: CodecName;
  /** Of the data pages. Spec: parquet.thrift, Encoding. */
  encoding: number;
  /** Null where the values stand in the data pages themselves. */
  dictionaryPageOffset: number | null;
  dataPageOffset: number;
  dataPages: number;
  /** With the page headers. */
  uncompressedBytes: number;
  compressedBytes: number;
  statistics: ColumnStatistics;
}

/** Appends the columns of row groups, one after the other, with the same scratch memory. */
export class ColumnChunkWriter {
  readonly #out: ByteWriter;
  readonly #compressor: Compressor;
  readonly #kernel: Kernel;
  readonly #page: PageWriter;
  readonly #header = new ByteWriter(64);
  readonly #dictionary: Dictionary;
  readonly #encodings: ValueEncodings;
  readonly #levels: DefinitionLevels;
  /** Ids of entries or codes of the dictionary, one for each row that has a value. */
  readonly #present: KernelNumbers;
  #uncompressedBytes = 0;
  /** Whether the chunk at hand is compressed. */
  #compresses = true;

  constructor(kernel: Kernel, out: ByteWriter, compressor: Compressor) {
    this.#kernel = kernel;
    this.#out = out;
    this.#compressor = compressor;
    this.#page = new PageWriter(kernel);
    this.#dictionary = new Dictionary(kernel);
    this.#encodings = new ValueEncodings(kernel, compressor, PAGE_ROWS_MAX);
    this.#levels = new DefinitionLevels(kernel, PAGE_ROWS_MAX);
    this.#present = new KernelNumbers(kernel);
  }

  /** Gives back what it has taken of the kernel's memory. */
  close(): void {
    for (const part of [
      this.#page,
      this.#dictionary,
      this.#encodings,
      this.#levels,
      this.#present,
    ]) {
      part.close();
    }
  }

  /** Writes the first `rows` rows, at least one, of a column. */
  write(vector: ColumnVector, rows: number): ColumnChunk {
    const { column, entries, extremes } = vector;
    const offset = this.#out.length;
    this.#uncompressedBytes = 0;
    const { count, dictionary } = this.#collect(vector, rows);
    checkNulls(vector, rows - count);
    const bytes =
      dictionary?.bytesWith(count) ??
      plainSize(this.#kernel, entries, this.#present.numbers, 0, count);
    const isLarge = bytes >= this.#compressor.bytesMin;
    this.#compresses = isLarge;
    const bounds =
      dictionary === null
        ? boundsOf(this.#kernel, entries, this.#present.numbers, count, extremes)
        : boundsOf(this.#kernel, entries, dictionary.order, dictionary.size, extremes);
    if (dictionary !== null) this.#writeDictionaryPage(vector, dictionary);
    const dataPageOffset = this.#out.length;
    const values =
      dictionary === null
        ? this.#encodings.choose(entries, this.#present.numbers, count, bounds)
        : codesOf(dictionary);
    this.#compresses = isLarge && values.shrinks;
    const dataPages = this.#writeDataPages(vector, rows, values);
    return {
      column,
      rows,
      codec: this.#compresses ? this.#compressor.codec : 'none',
      encoding: values.encoding,
      dictionaryPageOffset: dictionary === null ? null : offset,
      dataPageOffset,
      dataPages,
      uncompressedBytes: this.#uncompressedBytes,
      compressedBytes: this.#out.length - offset,
      statistics: { nullCount: rows - count, bounds },
    };
  }

  /**
   * Gathers what stands for the rows that have a value: the codes of a dictionary where one pays, else the ids of their
   * entries.
   */
  #collect(
    { ids, entries, distinct }: ColumnVector,
    rows: number,
  ): { count: number; dictionary: Dictionary | null } {
    const present = this.#present.reserve(rows);
    const dictionary = this.#dictionary;
    // Readers need not take a dictionary of booleans, and one bit a value is not to be had cheaper.
    if (distinct && entries.storage !== 'boolean') {
      const count = dictionary.encode(ids, rows, entries.count, present);
      if (dictionary.pays(entries, count)) return { count, dictionary };
    }
    const { functions } = this.#kernel;
    const count = functions.gatherPresent(ids.byteOffset, rows, present.byteOffset);
    return { count, dictionary: null };
  }

  #writeDictionaryPage({ entries }: ColumnVector, dictionary: Dictionary): void {
    this.#page.clear();
    writePlain(this.#page, entries, dictionary.order, 0, dictionary.size);
    // Spec: beside RLE_DICTIONARY data pages the dictionary page says PLAIN.
    this.#writePage(DICTIONARY_PAGE, PLAIN, dictionary.size);
  }

  #writeDataPages(vector: ColumnVector, rows: number, values: ValueEncoding): number {
    const page = this.#page;
    let pages = 0;
    let value = 0;
    for (let row = 0; row < rows; pages++) {
      const rowEnd =
        values.encoding === RLE_DICTIONARY
          ? pageEnd(row, rows)
          : this.#valuePageEnd(vector, row, rows);
      page.clear();
      const valueEnd = value + this.#levels.write(page, vector, row, rowEnd);
      values.write(page, this.#present.numbers, value, valueEnd);
      this.#writePage(DATA_PAGE, values.encoding, rowEnd - row);
      row = rowEnd;
      value = valueEnd;
    }
    return pages;
  }

  /** Where a page ends that starts at `row` and holds the values themselves. */
  #valuePageEnd({ entries, ids }: ColumnVector, row: number, rows: number): number {
    const end = pageEnd(row, rows);
    // All other values have 16 bytes at the most, which keeps 20,000 of them below the limit.
    if (entries.storage !== 'bytes') return end;
    const { functions } = this.#kernel;
    const rowsMax = end - row;
    const { byteOffset } = entries.offsets;
    return row + functions.rowsOfPage(byteOffset, addressOfId(ids, row), rowsMax, PAGE_BYTES_MAX);
  }

  #writePage(type: PageDescription['type'], encoding: number, values: number): void {
    const uncompressed = this.#page.written();
    const compressed = this.#compresses ? this.#compressor.compress(uncompressed) : uncompressed;
    this.#header.clear();
    writePageHeader(this.#header, {
      type,
      encoding,
      values,
      uncompressedBytes: uncompressed.length,
      compressedBytes: compressed.length,
    });
    this.#out.writeBytes(this.#header.written());
    this.#out.writeBytes(compressed);
    this.#uncompressedBytes += this.#header.length + uncompressed.length;
  }
}

function checkNulls({ column, nullCount }: ColumnVector, found: number): void {
  if (found === nullCount && (found === 0 || column.nullable)) return;
  throw new Error(
    `Column ${column.name} has ${found} nulls where its batch says ${nullCount}` +
      ` and its schema ${column.nullable ? 'allows them' : 'allows none'}.`,
  );
}

/** Writes codes of the dictionary, which stand where ids do. */
function codesOf(dictionary: Dictionary): ValueEncoding {
  const width = bitWidthOf(dictionary.size);
  return {
    encoding: RLE_DICTIONARY,
    shrinks: true,
    write(out, codes, start, end) {
      out.writeByte(width);
      writeHybrid(out, codes, start, end, width);
    },
  };
}

function pageEnd(row: number, rows: number): number {
  return Math.min(row + PAGE_ROWS_MAX, rows);
}
