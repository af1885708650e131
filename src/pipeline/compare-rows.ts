import { DuplicateRows, type RowsBeyond } from '../columns/duplicate-rows.ts';
import { FingerprintTable } from '../columns/fingerprint-table.ts';
import { RepeatedRows } from '../columns/repeated-rows.ts';
import { SourceRows, type SourceRowsOptions } from '../columns/source-rows.ts';
import { SpilledRows } from '../columns/spilled-rows.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Beginning } from './begin-conversion.ts';
import type { ConversionSettings, OpenTask } from './conversion.ts';
import type { PieceBoard } from './piece-board.ts';

/** A source under conversion, open for reading. */
export interface OpenSource extends OpenTask, Beginning {
  settings: ConversionSettings;
  kernel: Kernel;
}

/** What a piece whose turn it is compares its rows with; null where duplicate rows are kept. */
export function duplicateRows(source: OpenSource, board: PieceBoard): DuplicateRows | null {
  const { memory, outputs, settled } = source;
  if (memory.fingerprints === null) return null;
  const at = board.spilledTo;
  const { scratch } = outputs;
  const beyond: RowsBeyond = settled ? new RepeatedRows(scratch, at) : new SpilledRows(scratch, at);
  return new DuplicateRows(new FingerprintTable(memory.fingerprints), sourceRows(source), beyond);
}

/** Compares rows of the source. */
export function sourceRows(source: OpenSource): SourceRows {
  return new SourceRows(sourceReading(source));
}

/** How rows are read from the source by their positions. */
export function sourceReading({
  dataset,
  fd,
  expected,
  plan,
  kernel,
}: OpenSource): SourceRowsOptions {
  const { delimiter, fieldCount, fieldOf, extra, reject } = plan.header;
  const { columns, clean, dialect } = dataset;
  const reading = { fd, fileBytes: expected.bytes, delimiter, fieldCount, fieldOf, extra };
  const marks = reject === null ? {} : { marks: reject.marks };
  return { ...reading, ...marks, columns, clean, dialect, kernel };
}
