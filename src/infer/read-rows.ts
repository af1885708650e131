import { setImmediate } from 'node:timers/promises';
import { describeFault, describeLongLine, describeNul } from '../csv/describe-fault.ts';
import type { HeaderNames } from '../csv/header-names.ts';
import { openRows } from '../csv/open-rows.ts';
import type { RowBlock } from '../csv/row-block.ts';
import type { RowFault } from '../csv/row-source.ts';
import { lineAtPosition, SourceReader } from '../csv/source-reader.ts';
import type { Problem } from '../core/problem.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { ColumnType } from '../schema/column-type.ts';
import type { Dialect } from '../schema/dataset.ts';

/** Rows that are looked at together. */
const BLOCK_ROWS = 512;

/** A file to be read, and what has come of that so far. */
export interface OpenFile {
  fd: number;
  bytes: number;
  /** A longer line ends the reading. */
  lineBytesMax: number;
  kernel: Kernel;
  /** Told how many bytes have been read, now and then. */
  onProgress: (bytes: number) => void;
}

/** How a file is read: from where on, by which header. */
export interface Reading {
  header: HeaderNames;
  dialect: Dialect | null;
  /** Where the rows start. */
  rowsStart: number;
}

export interface RowTaker {
  /** `foreign`: bytes have come by that are not UTF-8. False ends the reading. */
  take: (block: RowBlock, foreign: boolean) => boolean;
  onFault: (fault: RowFault) => void;
}

/**
 * Reads all rows of a file block by block, in bounded memory. Returns null at the end of the file, else the problem for
 * which the rest cannot be read. Lets other work have its turn after each piece of the file.
 */
export async function readRows(
  file: OpenFile,
  { header, dialect, rowsStart }: Reading,
  { take, onFault }: RowTaker,
): Promise<Problem | null> {
  const { fd, bytes: fileBytes, lineBytesMax, kernel } = file;
  const part = { from: rowsStart, to: fileBytes };
  const reader = new SourceReader(fd, fileBytes, lineBytesMax, part, kernel);
  const scanner = openRows(dialect, header.delimiter, {
    fieldCount: header.fieldCount,
    rowsMax: BLOCK_ROWS,
    line: header.nextLine,
    onFault,
    kernel,
  });
  try {
    for (;;) {
      const { bytes, start, end, last } = reader;
      reader.start = scanner.scan(bytes, start, end, last);
      if (!take(scanner.block, reader.foreign)) return null;
      if (scanner.full) continue;
      if (reader.last) return null;
      const isTooLong = !reader.refill();
      if (reader.nulAt !== -1) return describeNul(lineAtPosition(fd, reader.nulAt));
      if (isTooLong) return describeLongLine(scanner.line, scanner.openQuoteLine, lineBytesMax);
      file.onProgress(reader.base + reader.end);
      await setImmediate();
    }
  } finally {
    scanner.close();
    reader.close();
  }
}

const textType: ColumnType = { name: 'TEXT', length: 0, precision: 0, scale: 0, fraction: 0 };

/** The problem of a malformed row. */
export function describeRow(fault: RowFault, { header, dialect }: Reading): Problem {
  // What the columns hold is not known yet, so they are taken for text.
  const columns = header.names.map((name) => ({ name, type: textType, nullable: true }));
  return describeFault(fault, { columns, delimiter: header.delimiter.text, dialect });
}
