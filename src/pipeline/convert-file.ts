import { closeSync, fstatSync, openSync, rmSync } from 'node:fs';
import { BatchBuilder } from '../columns/batch-builder.ts';
import { LoadFileWriter } from '../columns/load-file-writer.ts';
import { noRows, type RowCounts } from '../core/load.ts';
import { ProblemList } from '../core/problem-list.ts';
import { version } from '../core/version.ts';
import {
  describeFault,
  describeForeignLine,
  describeLongLine,
  describeNul,
} from '../csv/describe-fault.ts';
import { openRows } from '../csv/open-rows.ts';
import type { Header } from '../csv/read-header.ts';
import { readStart } from '../csv/read-start.ts';
import { lineAtPosition, SourceReader } from '../csv/source-reader.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { Compressor } from '../parquet/compressor.ts';
import { ParquetFileWriter } from '../parquet/parquet-file-writer.ts';
import type { Dataset } from '../schema/dataset.ts';
import type {
  ConversionOutputs,
  ConversionResult,
  ConversionSettings,
  SourceState,
} from './conversion.ts';

/** Rows that the scanner hands to the columns at a time: enough to amortise the calls, few enough to stay in the cache. */
const BLOCK_ROWS = 4096;

/**
 * Each column holds an id for every row of the row group, so a row group of many columns has fewer rows: its memory does
 * not grow with the number of columns. Fewer than some thousand rows would cost more in page headers than they save.
 */
const IDS_BYTES_MAX = 64 << 20;
const ID_BYTES = 4;
const ROW_GROUP_ROWS_MIN = 1024;

/**
 * Converts one file: decode, scan, clean, type, check, write, in one pass and bounded memory. Synchronous, for a worker
 * thread. In: a source that nobody is expected to change. Out: counts and problems; without problems also a Parquet file
 * under its temporary name, fsynced, and the load file. Throws for trouble of the environment, and leaves nothing then.
 */
export function convertFile(
  source: string,
  expected: SourceState,
  dataset: Dataset,
  outputs: ConversionOutputs,
  settings: ConversionSettings,
  compressor: Compressor,
): ConversionResult {
  const fd = openSync(source, 'r');
  try {
    checkUnchanged(fd, source, expected);
    const conversion = new Conversion(fd, expected.bytes, dataset, outputs, settings, compressor);
    try {
      const result = conversion.run();
      checkUnchanged(fd, source, expected);
      if (result.problemsTotal > 0) conversion.discard();
      return result;
    } catch (error) {
      discardAfterError(() => {
        conversion.discard();
      });
      throw error;
    }
  } finally {
    closeSync(fd);
  }
}

/** The state of an open file by which a change is noticed. */
export function stateOf(fd: number): SourceState {
  const { size, mtimeNs } = fstatSync(fd, { bigint: true });
  return { bytes: Number(size), mtimeNs: String(mtimeNs) };
}

function checkUnchanged(fd: number, source: string, expected: SourceState): void {
  const now = stateOf(fd);
  if (now.bytes === expected.bytes && now.mtimeNs === expected.mtimeNs) return;
  throw new HopperError('source_changed', { details: { source } });
}

function rowGroupRowsFor(settings: ConversionSettings, columns: number): number {
  const bounded = Math.floor(IDS_BYTES_MAX / ID_BYTES / columns);
  return Math.min(settings.rowGroupRows, Math.max(ROW_GROUP_ROWS_MIN, bounded));
}

/** Discards what a conversion has made, after an error that is about to be thrown and says more than a second one would. */
function discardAfterError(discard: () => void): void {
  try {
    discard();
  } catch {
    // What stays behind is written anew when the file is tried again.
  }
}

/** The moving parts of one conversion, so that they can be discarded wherever it stops. */
class Conversion {
  readonly #fd: number;
  readonly #dataset: Dataset;
  readonly #outputs: ConversionOutputs;
  readonly #settings: ConversionSettings;
  readonly #reader: SourceReader;
  readonly #problems: ProblemList;
  readonly #parquet: ParquetFileWriter | null;
  readonly #loadFile: LoadFileWriter | null;

  constructor(
    fd: number,
    bytes: number,
    dataset: Dataset,
    outputs: ConversionOutputs,
    settings: ConversionSettings,
    compressor: Compressor,
  ) {
    this.#fd = fd;
    this.#dataset = dataset;
    this.#outputs = outputs;
    this.#settings = settings;
    this.#reader = new SourceReader(fd, bytes, settings.lineBytesMax);
    this.#problems = new ProblemList(settings.problemsMax);
    const { columns } = dataset;
    const { metadata, parquet } = outputs;
    const createdBy = `csv-hopper version ${version}`;
    this.#loadFile = outputs.loadFile === null ? null : new LoadFileWriter(outputs.loadFile);
    try {
      this.#parquet =
        parquet === null
          ? null
          : new ParquetFileWriter(parquet, { columns, compress: compressor, metadata, createdBy });
    } catch (error) {
      discardAfterError(() => {
        this.#discardLoadFile();
      });
      throw error;
    }
  }

  run(): ConversionResult {
    const names = this.#dataset.columns.map((column) => column.name);
    const start = readStart(this.#reader, names, this.#dataset.dialect);
    const header = Array.isArray(start) ? null : start;
    if (Array.isArray(start)) for (const problem of start) this.#problems.add(problem);
    const counts = header === null ? noRows : this.#convertRows(header);
    // Where the start of the file is refused, that says enough: in UTF-16 every second byte is NUL.
    if (this.#reader.nulAt !== -1 && (header !== null || this.#problems.total === 0)) {
      this.#problems.add(describeNul(lineAtPosition(this.#fd, this.#reader.nulAt)));
    }
    if (this.#reader.foreign && this.#problems.total === 0) {
      this.#problems.add(describeForeignLine());
    }
    return {
      counts,
      delimiter: header?.delimiter.name ?? null,
      ...this.#finish(counts),
      problems: this.#problems.items.toSorted((a, b) => a.line - b.line),
      problemsTotal: this.#problems.total,
    };
  }

  discard(): void {
    try {
      this.#parquet?.abort();
    } finally {
      this.#discardLoadFile();
    }
  }

  #discardLoadFile(): void {
    this.#loadFile?.close();
    if (this.#outputs.loadFile !== null) rmSync(this.#outputs.loadFile, { force: true });
  }

  #convertRows(header: Header): RowCounts {
    const { clean, columns, dialect } = this.#dataset;
    const reader = this.#reader;
    const problems = this.#problems;
    // A row takes at least a byte a field, so a small file does not need the room of a whole row group.
    const rowsMax = Math.ceil(reader.fileBytes / header.fieldCount) + 1;
    const scanner = openRows(dialect, header.delimiter, {
      fieldCount: header.fieldCount,
      rowsMax: Math.min(BLOCK_ROWS, rowsMax),
      line: header.nextLine,
      onFault: (fault) => {
        problems.add(describeFault(fault, header.names, dialect));
      },
    });
    const builder = new BatchBuilder({
      columns,
      fieldOf: header.fieldOf,
      clean,
      rowGroupRows: Math.min(rowGroupRowsFor(this.#settings, columns.length), rowsMax),
      loadFile: this.#loadFile,
      problems,
      onBatch: (batch) => {
        // A file with problems is refused as a whole, so there is nothing to write for it any more.
        if (problems.total === 0) this.#parquet?.writeRowGroup(batch);
      },
    });
    while (reader.nulAt === -1) {
      reader.start = scanner.scan(reader.bytes, reader.start, reader.end, reader.last);
      if (scanner.block.rowCount > 0) builder.add(scanner.block, reader.foreign);
      if (scanner.full) continue;
      if (reader.last) break;
      if (!reader.refill()) {
        const { lineBytesMax } = this.#settings;
        problems.add(describeLongLine(scanner.line, scanner.openQuoteLine, lineBytesMax));
        break;
      }
    }
    builder.finish();
    const { counts } = builder;
    counts.rowsRead += scanner.faultyRows;
    counts.rowsRejected += scanner.faultyRows;
    return counts;
  }

  /** Completes the outputs of a sound file and checks that every row is accounted for. */
  #finish(counts: RowCounts): { parquetBytes: number; loadFileBytes: number } {
    if (this.#problems.total > 0) return { parquetBytes: 0, loadFileBytes: 0 };
    const parquet = this.#parquet?.finish();
    const { rowsRead, rowsAccepted, rowsRejected, rowsDroppedNull, rowsDroppedDuplicate } = counts;
    const accounted = rowsAccepted + rowsRejected + rowsDroppedNull + rowsDroppedDuplicate;
    if (accounted !== rowsRead || rowsRejected !== 0) {
      throw new HopperError('conservation_broken', {
        message: `Of ${rowsRead} rows read, ${accounted} are accounted for, ${rowsRejected} of them as rejected.`,
        details: { ...counts },
      });
    }
    if (parquet !== undefined && parquet.rows !== rowsAccepted) {
      throw new HopperError('conservation_broken', {
        message: `The Parquet file has ${parquet.rows} rows, but ${rowsAccepted} were accepted.`,
        details: { ...counts },
      });
    }
    return { parquetBytes: parquet?.bytes ?? 0, loadFileBytes: this.#loadFile?.finish() ?? 0 };
  }
}
