import { rmSync } from 'node:fs';
import { counted } from '../core/counted.ts';
import { noRows, type RowCounts } from '../core/load.ts';
import type { Problem } from '../core/problem.ts';
import { ProblemList } from '../core/problem-list.ts';
import { version } from '../core/version.ts';
import { describeForeignLine, describeLongLine, describeNul } from '../csv/describe-fault.ts';
import { lineAtPosition } from '../csv/source-reader.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { discardParquetFile, finishParquetFile } from '../parquet/parquet-file.ts';
import type { ConversionPlan } from './conversion-plan.ts';
import type {
  ConversionOutputs,
  ConversionResult,
  ConversionSettings,
  ConversionTask,
} from './conversion.ts';
import type { OpenSource } from './compare-rows.ts';
import { divertedBounds } from './outlier-bounds.ts';
import { pieceFilePath, pieceKeysPath } from './piece-files.ts';
import type { PieceResult, SourceEnd } from './piece-result.ts';
import { reportRefused, removeRefused } from './refused-by-table.ts';
import { checkLimits } from './row-limits.ts';
import { countRepeated } from './settle-rows.ts';
import { findLateKeys, removeScratch, reportRepeatedKeys } from './unique-keys.ts';
import { writeRejectFile } from './write-reject-file.ts';

/**
 * Puts together what came of the pieces of a source, given in its order: the footer of the Parquet file, the reject file, the
 * counts, which must account for every row, and the problems with their lines in the source. Where the source is refused
 * nothing is left of the outputs.
 */
export function finishConversion(
  source: OpenSource,
  pieces: readonly PieceResult[],
): ConversionResult {
  const { fd, outputs, plan, settings } = source;
  const counts = sum(pieces);
  const list = problemsOf(pieces, plan, settings, fd);
  if (!source.settled && pieces.some((piece) => piece.refused)) {
    const repeated = countRepeated(source);
    counts.rowsAccepted -= repeated;
    counts.rowsDroppedDuplicate += repeated;
  }
  addRepeatedKeys(source, pieces, counts, list);
  if (source.refused !== undefined) reportRefused(source, pieces, list);
  const refused = isRefused(list, counts, pieces, source);
  const found = list.found();
  const bounds = divertedBounds(source);
  const result = {
    ...{ refused, counts, delimiter: plan.header.delimiter.name },
    ...found,
    problems: found.problems.toSorted((a, b) => a.line - b.line),
    ...(plan.header.reject !== null && { isRejectFile: true as const }),
    ...(bounds !== undefined && { outlierBounds: bounds }),
  };
  if (refused) {
    removeRefused(source, plan.pieceCount);
    discardOutputs(outputs, plan.pieceCount);
    return { ...result, rejects: null, parquetBytes: 0, loadFiles: [] };
  }
  checkRows(counts);
  const rejects = writeRejectFile(source, pieces);
  removeRefused(source, plan.pieceCount);
  const rowsBeyond = pieces.flatMap((piece) => [piece.rowsBeyond, ...piece.keyRowsBeyond]);
  if (rowsBeyond.some((rows) => rows > 0)) removeScratch(outputs.scratch);
  const parquetBytes =
    outputs.parquet === null ? 0 : finishParquet(outputs.parquet, source, pieces, counts);
  const loadFiles = pieces.flatMap(({ loadFile }) => loadFile ?? []);
  return { ...result, rejects, parquetBytes, loadFiles };
}

/** Whether the file is refused as a whole; says why in the list, where it is for the number of its broken rows. */
function isRefused(
  list: ProblemList,
  counts: RowCounts,
  pieces: readonly PieceResult[],
  { dataset, refused }: ConversionTask,
): boolean {
  if (list.total === 0) return false;
  const { diversion } = dataset;
  if (diversion === null || counts.rowsRejected === 0) return true;
  const beyond = checkLimits(counts, diversion, refused !== undefined);
  if (beyond !== null) list.add(beyond);
  return beyond !== null || pieces.some(({ refused }) => refused);
}

/** Removes what a conversion has made, after an error that is about to be thrown and says more than a second one would. */
export function discardAfterError(
  outputs: Omit<ConversionOutputs, 'metadata'>,
  pieceCount: number,
): void {
  try {
    discardOutputs(outputs, pieceCount);
  } catch {
    // What stays behind is written anew when the file is tried again.
  }
}

/** Removes all that can be removed, and throws then where something could not. */
function discardOutputs(
  { parquet, loadFile, rejected, scratch }: Omit<ConversionOutputs, 'metadata'>,
  pieceCount: number,
): void {
  const failures: unknown[] = [];
  const attempt = (remove: () => void): void => {
    try {
      remove();
    } catch (error) {
      failures.push(error);
    }
  };
  if (parquet !== null) {
    attempt(() => {
      discardParquetFile(parquet);
    });
  }
  for (const path of [loadFile, rejected]) {
    for (let piece = 0; piece < pieceCount && typeof path === 'string'; piece++) {
      attempt(() => {
        rmSync(pieceFilePath(path, piece), { force: true });
        rmSync(pieceKeysPath(path, piece), { force: true });
      });
    }
  }
  attempt(() => {
    if (rejected !== undefined) rmSync(rejected, { force: true });
  });
  attempt(() => {
    removeScratch(scratch);
  });
  if (failures.length > 0) throw failures[0];
}

/** Of the rows whose unique keys earlier rows have, those in the pieces and those that show only now, when all have been read. */
function addRepeatedKeys(
  source: OpenSource,
  pieces: readonly PieceResult[],
  counts: RowCounts,
  problems: ProblemList,
): void {
  // Of a file whose rows are diverted they were found before it was converted for the last time.
  const late =
    source.dataset.diversion === null ? findLateKeys(source, pieces) : { repeated: [], perKey: [] };
  const repeated = [...pieces.flatMap(({ repeatedKeys }) => repeatedKeys), ...late.repeated];
  if (repeated.length === 0) return;
  // A row may repeat two keys, and be found twice.
  const early = new Set(
    pieces.flatMap(({ repeatedKeys }) => repeatedKeys.map(({ position }) => position)),
  );
  const found = new Set(
    late.repeated.map(({ position }) => position).filter((at) => !early.has(at)),
  );
  counts.rowsAccepted -= found.size;
  counts.rowsRejected += found.size;
  const perKey = (source.dataset.uniqueKeys ?? []).map((_, key) =>
    [...pieces.map(({ repeatedPerKey }) => repeatedPerKey), late.perKey].reduce(
      (total, of) => total + (of[key] ?? 0),
      0,
    ),
  );
  reportRepeatedKeys(repeated, perKey, source, problems);
}

function sum(pieces: readonly PieceResult[]): RowCounts {
  const total: RowCounts = { ...noRows };
  for (const { counts } of pieces) {
    total.rowsRead += counts.rowsRead;
    total.rowsAccepted += counts.rowsAccepted;
    total.rowsRejected += counts.rowsRejected;
    total.rowsDroppedNull += counts.rowsDroppedNull;
    total.rowsDroppedDuplicate += counts.rowsDroppedDuplicate;
  }
  return total;
}

/** The problems of all pieces, with the lines on which they stand in the source. */
function problemsOf(
  pieces: readonly PieceResult[],
  plan: ConversionPlan,
  settings: ConversionSettings,
  fd: number,
): ProblemList {
  const list = new ProblemList(settings.problemsMax);
  let line = plan.header.nextLine;
  for (const { found, lines, end } of pieces) {
    list.append(found, line);
    if (end !== null) list.add(describeEnd(end, line, settings, fd));
    line += lines;
  }
  if (list.total === 0 && pieces.some(({ foreign }) => foreign)) list.add(describeForeignLine());
  return list;
}

function describeEnd(
  end: SourceEnd,
  line: number,
  { lineBytesMax }: ConversionSettings,
  fd: number,
): Problem {
  // Counted from the piece on: to go through all the gigabytes before would take seconds.
  if (end.kind === 'nul') return describeNul(line - 1 + lineAtPosition(fd, end.position, end.from));
  const openQuoteLine = end.openQuoteLine === null ? null : end.openQuoteLine + line;
  return describeLongLine(end.line + line, openQuoteLine, lineBytesMax);
}

function checkRows(counts: RowCounts): void {
  const { rowsRead, rowsAccepted, rowsRejected, rowsDroppedNull, rowsDroppedDuplicate } = counts;
  const accounted = rowsAccepted + rowsRejected + rowsDroppedNull + rowsDroppedDuplicate;
  if (accounted === rowsRead) return;
  throw new HopperError('conservation_broken', {
    message: `Of ${counted(rowsRead, 'row')} read, ${accounted} ${accounted === 1 ? 'is' : 'are'} accounted for, ${rowsRejected} of them as rejected.`,
    details: { ...counts },
  });
}

/** Completes the Parquet file; its size. */
function finishParquet(
  path: string,
  { dataset, outputs }: ConversionTask,
  pieces: readonly PieceResult[],
  counts: RowCounts,
): number {
  const { bytes, rows } = finishParquetFile(
    path,
    pieces.flatMap(({ rowGroups }) => rowGroups),
    {
      columns: dataset.columns,
      metadata: outputs.metadata,
      createdBy: `csv-hopper version ${version}`,
    },
  );
  if (rows === counts.rowsAccepted) return bytes;
  throw new HopperError('conservation_broken', {
    message: `The Parquet file has ${counted(rows, 'row')}, but ${counts.rowsAccepted} ${counts.rowsAccepted === 1 ? 'was' : 'were'} accepted.`,
    details: { ...counts },
  });
}
