import { FingerprintTable } from '../columns/fingerprint-table.ts';
import { noRows } from '../core/load.ts';
import type { Problem } from '../core/problem.ts';
import { listProblems } from '../core/problem-list.ts';
import { describeNul } from '../csv/describe-fault.ts';
import { nulFormOf } from '../csv/header-hint.ts';
import { lineAtPosition, SourceReader } from '../csv/source-reader.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { createParquetFile, FIRST_ROW_GROUP_OFFSET } from '../parquet/parquet-file.ts';
import type { ConversionPlan } from './conversion-plan.ts';
import { planConversion } from './conversion-plan.ts';
import { comparedKeys } from './unique-keys.ts';
import type {
  ConversionResult,
  ConversionSettings,
  ConversionTask,
  OpenTask,
} from './conversion.ts';
import { PieceBoard } from './piece-board.ts';

/** The first rows of a file tell only about how many there are. */
const ROWS_EXPECTED_FACTOR = 1.25;

/** What the threads that convert one source share. */
export interface SharedMemory {
  board: SharedArrayBuffer;
  /** Null where no rows are compared. */
  fingerprints: SharedArrayBuffer | null;
  /** For each unique key by which rows are compared. */
  keys: SharedArrayBuffer[];
}

/** A conversion whose pieces can be begun. */
export interface Beginning {
  plan: ConversionPlan;
  memory: SharedMemory;
  /** Whether it is known which rows are repeated among those that the table of fingerprints has no room for. */
  settled: boolean;
}

/** Reads the start of a source, and creates the Parquet file; or says why the source cannot be read at all. */
export function beginConversion(
  task: OpenTask,
  settings: ConversionSettings,
  kernel: Kernel,
): Beginning | ConversionResult {
  const { fd, expected, dataset, outputs } = task;
  const whole = { from: 0, to: expected.bytes };
  const reader = new SourceReader(fd, expected.bytes, settings.lineBytesMax, whole, kernel);
  try {
    const plan = planConversion(reader, dataset, settings, kernel);
    if (Array.isArray(plan)) return refusal(plan, reader, fd, settings);
    if (outputs.parquet !== null) createParquetFile(outputs.parquet);
    return { plan, memory: sharedMemory(plan, task, settings), settled: false };
  } finally {
    reader.close();
  }
}

/** Of a source whose start cannot be read. */
function refusal(
  problems: Problem[],
  { bytes, end, nulAt }: SourceReader,
  fd: number,
  { problemsMax }: ConversionSettings,
): ConversionResult {
  // Where the start of the file is refused, that says enough: in UTF-16 every second byte is NUL.
  if (problems.length === 0) {
    problems.push(describeNul(lineAtPosition(fd, nulAt), nulFormOf(bytes.subarray(0, end))));
  }
  return {
    ...{ refused: true, rejects: null },
    counts: noRows,
    delimiter: null,
    ...listProblems(problems, problemsMax),
    parquetBytes: 0,
    loadFiles: [],
  };
}

/** For pieces that are all to be converted. */
export function sharedMemory(
  plan: ConversionPlan,
  { dataset }: ConversionTask,
  { fingerprintBytesMax }: ConversionSettings,
): SharedMemory {
  const keys = comparedKeys(dataset, plan);
  const board = PieceBoard.create(plan.rowsStart, FIRST_ROW_GROUP_OFFSET, keys.length);
  const compares = dataset.clean.duplicateRows === 'drop' && plan.key === null;
  const rows = plan.rowsExpected * ROWS_EXPECTED_FACTOR;
  const tables = keys.length + Number(compares);
  const table = (): SharedArrayBuffer =>
    new SharedArrayBuffer(FingerprintTable.bytesFor(rows, fingerprintBytesMax / tables));
  return { board, fingerprints: compares ? table() : null, keys: keys.map(table) };
}
