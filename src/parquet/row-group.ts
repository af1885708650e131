import type { ColumnChunk } from './column-chunk.ts';

/** The pages of some rows. */
export interface RowGroup {
  rows: number;
  /** At least one. */
  chunks: ColumnChunk[];
}

/** A row group in a file. Plain data, which passes between threads. */
export interface WrittenRowGroup {
  rows: number;
  /** Where its first page lies. */
  offset: number;
  /** How many bytes its pages take. */
  bytes: number;
  /**
   * What the footer says of it, encoded where it was written: as objects, those of 2 GB of students (33 columns) let the heap of
   * the main thread grow to 58 MB instead of 21.
   */
  metadata: Uint8Array;
}

/** Where its first page lies. */
export function startOf({ chunks }: RowGroup): number {
  const first = chunks[0]!;
  return first.dictionaryPageOffset ?? first.dataPageOffset;
}

/** How many bytes its pages take in the file. */
export function bytesOf({ chunks }: RowGroup): number {
  return chunks.reduce((total, { compressedBytes }) => total + compressedBytes, 0);
}
