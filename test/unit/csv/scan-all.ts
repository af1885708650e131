import { isDeepStrictEqual } from 'node:util';
import { openRows } from '../../../src/csv/open-rows.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import type { RowFault, RowSource } from '../../../src/csv/row-source.ts';
import type { Dialect } from '../../../src/schema/dataset.ts';

export interface Scanned {
  rows: string[][];
  /** The line of each row. */
  lines: number[];
  faults: RowFault[];
  /** The line behind the last row. */
  nextLine: number;
}

export interface ScanOptions {
  /** Default: RFC 4180. */
  dialect?: Dialect | null;
  delimiter?: string;
  fieldCount?: number | null;
  rowsMax?: number;
  /** Sizes of the pieces in which the bytes come, over and over; default: all at once. */
  pieces?: readonly number[];
}

const stale = Buffer.from('\n"\n",\n"\r'.repeat(10));

const kernel = new Kernel();

/**
 * Scans as a conversion does: what a scan leaves over is given again, with the next piece behind it. Without a kernel and with
 * one, which must find the same.
 */
export function scanAll(text: string | Uint8Array, options: ScanOptions = {}): Scanned {
  const plain = scanWith(null, text, options);
  const quick = scanWith(kernel, text, options);
  if (isDeepStrictEqual(quick, plain)) return plain;
  throw new Error(`The kernel finds ${JSON.stringify(quick)} where ${JSON.stringify(plain)} is.`);
}

function scanWith(kernel: Kernel | null, text: string | Uint8Array, options: ScanOptions): Scanned {
  const source = Buffer.from(text);
  const { dialect = null, delimiter = ',', fieldCount = null, rowsMax = 3 } = options;
  const { pieces = [source.length] } = options;
  const rows: string[][] = [];
  const lines: number[] = [];
  const faults: RowFault[] = [];
  const sign = { text: delimiter, byte: delimiter.charCodeAt(0), name: delimiter };
  const onFault = (fault: RowFault): void => {
    faults.push(fault);
  };
  const scanner = openRows(dialect, sign, { fieldCount, rowsMax, line: 1, onFault, kernel });
  let read = 0;
  let buffer: Uint8Array = Buffer.from(stale);
  let start = 0;
  let end = 0;
  for (let piece = 0; ;) {
    const last = read === source.length;
    start = scanner.scan(buffer, start, end, last);
    for (let row = 0; row < scanner.block.rowCount; row++) {
      rows.push(cellsOf(scanner, row));
      lines.push(scanner.block.lines[row] ?? 0);
    }
    if (scanner.full) continue;
    if (last) {
      scanner.close();
      return { rows, lines, faults, nextLine: scanner.line };
    }
    const size = Math.min(pieces[piece++ % pieces.length] ?? 1, source.length - read);
    const unconsumed = buffer.subarray(start, end);
    // What stands behind the end is left over from earlier reads and must not matter.
    const joined = Buffer.concat([unconsumed, source.subarray(read, read + size), stale]);
    if (kernel?.holds(buffer) === true) kernel.giveBack(buffer);
    buffer = kernel === null ? joined : kernel.take(joined.length);
    buffer.set(joined);
    start = 0;
    end = unconsumed.length + size;
    read += size;
  }
}

/** The cells of a row of the block. */
export function cellsOf({ block }: RowSource, row: number): string[] {
  return Array.from({ length: block.fieldCount }, (_, field) => {
    const cell = row * block.fieldCount + field;
    return Buffer.from(block.bytes.subarray(block.starts[cell], block.ends[cell])).toString();
  });
}
