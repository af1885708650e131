import { randomInt } from 'node:crypto';
import type { Problem } from '../core/problem.ts';
import type { Header } from '../csv/read-header.ts';
import { readStart } from '../csv/read-start.ts';
import { emptyBlock, PADDING_BYTES, type RowBlock } from '../csv/row-block.ts';
import { openRows } from '../csv/open-rows.ts';
import { SourceReader } from '../csv/source-reader.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Dataset, Dialect } from '../schema/dataset.ts';
import type { ConversionSettings } from './conversion.ts';
import { findKey } from './find-key.ts';

/** What is known of a source before its rows are read. Plain data, the same for all threads that convert its pieces. */
export interface ConversionPlan {
  header: Header;
  /** Where the rows start, behind the header. */
  rowsStart: number;
  /** Rows that start in the first so many bytes from `rowsStart` on are the first piece, and so on. */
  pieceBytes: number;
  pieceCount: number;
  /** The most rows of a row group. */
  rowGroupRows: number;
  /** How many rows there may be, going by the length of the first. */
  rowsExpected: number;
  /**
   * The column by which the rows are told apart without being compared: as long as its values ascend, no row repeats another, nor
   * a unique key that the column is in. Null: the rows are compared, or repeated ones are kept.
   */
  key: number | null;
  /** For hashes of values: another one each time, so that nobody can prepare a file whose values all collide. */
  seed: number;
}

/**
 * Each column holds an id for every row of the row group, so a row group of many columns has fewer rows: its memory does
 * not grow with the number of columns. Fewer than some thousand rows would cost more in page headers than they save.
 */
const IDS_BYTES_MAX = 64 << 20;
const ID_BYTES = 4;
const ROW_GROUP_ROWS_MIN = 1024;

/** Smaller files are not worth the hand-over between threads. */
export const PIECE_BYTES_MIN = 4 << 20;
/**
 * A piece is a row group, where its rows are not very short. Pieces of 16 MiB made neither less work nor a smaller Parquet
 * file (11.23 MB of students, 42.0 MB of orders with either), and took 20 MB more memory with two threads (Node 24).
 */
export const PIECE_BYTES_MAX = 6 << 20;
/**
 * The memory for telling duplicate rows may be this large: it holds some two million rows. The others are spilled; with 32 MiB,
 * for three million, the peak of 2 GB was 12 MB higher.
 */
export const FINGERPRINT_BYTES_MAX = 20 << 20;
/** Pieces come in fours, so that two or four threads end at about the same time. */
const PIECES_STEP = 4;

/** How much of the rows is looked at to find out how long they are. */
const SAMPLE_BYTES = 1 << 16;
/** So few rows are not worth a look: it would be at all of a small file, and took a twelfth of the time to convert it. */
const ROWS_FEW = 8192;

/** Reads the start of a source; the plan, or the problems for which it cannot be read at all. */
export function planConversion(
  reader: SourceReader,
  dataset: Dataset,
  settings: ConversionSettings,
  kernel: Kernel,
): ConversionPlan | Problem[] {
  const header = readStart(reader, dataset.columns, dataset.dialect, dataset.headerPolicy);
  if (Array.isArray(header)) return header;
  const rowsStart = reader.base + reader.start;
  const restBytes = reader.fileBytes - rowsStart;
  const rowGroupRows = rowGroupRowsFor(settings, dataset.columns.length);
  const sample = sampleRows(reader, header, dataset.dialect);
  const { rowBytes } = sample;
  const wanted = rowGroupRows * rowBytes;
  const { pieceBytesMax } = settings;
  const pieceBytes = Math.min(pieceBytesMax, Math.max(Math.ceil(wanted), PIECE_BYTES_MIN));
  const pieces = Math.ceil(restBytes / pieceBytes);
  // Where a row starts in the middle of a file can be guessed for RFC 4180 only.
  const isOnePiece = pieces <= 1 || dataset.dialect !== null;
  const pieceCount = isOnePiece ? 1 : Math.ceil(pieces / PIECES_STEP) * PIECES_STEP;
  return {
    header,
    rowsStart,
    pieceBytes: Math.max(1, Math.ceil(restBytes / pieceCount)),
    pieceCount,
    rowGroupRows,
    rowsExpected: Math.ceil(restBytes / rowBytes),
    key: pieceCount > 1 ? findKey(sample.block, header, dataset, kernel) : null,
    seed: randomInt(2 ** 31),
  };
}

function rowGroupRowsFor(settings: ConversionSettings, columns: number): number {
  const bounded = Math.floor(IDS_BYTES_MAX / ID_BYTES / columns);
  return Math.min(settings.rowGroupRows, Math.max(ROW_GROUP_ROWS_MIN, bounded));
}

/** The first rows, and their mean length; where there cannot be many, none, and the least that a row takes. */
function sampleRows(
  reader: SourceReader,
  header: Header,
  dialect: Dialect | null,
): { rowBytes: number; block: RowBlock } {
  if (reader.fileBytes <= ROWS_FEW * header.fieldCount) {
    return { rowBytes: header.fieldCount, block: emptyBlock(header.fieldCount, 1) };
  }
  const end = Math.min(reader.end, reader.start + SAMPLE_BYTES);
  // A copy, because scanning undoes doubled quotes in place.
  const sample = reader.bytes.slice(reader.start, end + PADDING_BYTES);
  const scanner = openRows(dialect, header.delimiter, {
    fieldCount: header.fieldCount,
    rowsMax: SAMPLE_BYTES / header.fieldCount,
    line: 1,
    onFault: () => undefined,
  });
  const isAll = reader.last && end === reader.end;
  const bytes = scanner.scan(sample, 0, end - reader.start, isAll);
  const { block } = scanner;
  return { rowBytes: block.rowCount === 0 ? SAMPLE_BYTES : bytes / block.rowCount, block };
}
