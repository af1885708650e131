import type { ColumnChunk } from './column-chunk.ts';

/** A row group as the footer describes it. Plain data, which passes between threads. */
export interface RowGroup {
  rows: number;
  /** At least one. */
  chunks: ColumnChunk[];
}

/** The same row group further on in the file by `distance` bytes. */
export function movedBy(rowGroup: RowGroup, distance: number): RowGroup {
  const chunks = rowGroup.chunks.map((chunk) => ({
    ...chunk,
    dictionaryPageOffset:
      chunk.dictionaryPageOffset === null ? null : chunk.dictionaryPageOffset + distance,
    dataPageOffset: chunk.dataPageOffset + distance,
  }));
  return { ...rowGroup, chunks };
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
