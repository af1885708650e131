import { beginConversion, type Beginning } from './begin-conversion.ts';
import type { ConversionTools } from './conversion-tools.ts';
import type { ConversionResult, ConversionTask } from './conversion.ts';
import { convertPiece } from './convert-piece.ts';
import { discardAfterError, finishConversion } from './finish-conversion.ts';
import type { PieceResult } from './piece-result.ts';
import { hasUnsettledRows, settleRows } from './settle-rows.ts';

/**
 * Converts one file: decode, scan, clean, type, check, write, in one pass and bounded memory. Synchronous, for a worker
 * thread; `convert-in-pieces.ts` does the same with several threads. In: a source that nobody is expected to change. Out:
 * counts and problems; without problems also a Parquet file under its temporary name, and load files. Throws for
 * trouble of the environment, and leaves nothing then.
 */
export function convertFile(task: ConversionTask, tools: ConversionTools): ConversionResult {
  const { settings, kernel } = tools;
  const beginning = beginConversion(task, settings, kernel);
  if (!('plan' in beginning)) return beginning;
  const { plan } = beginning;
  try {
    const convertPieces = (begun: Beginning): PieceResult[] =>
      Array.from({ length: plan.pieceCount }, (_, piece) =>
        convertPiece(task, begun, piece, tools),
      );
    let pieces = convertPieces(beginning);
    for (let begun = beginning; hasUnsettledRows(pieces);) {
      const again = settleRows(task, begun, settings, kernel);
      if (again === null) break;
      begun = again;
      pieces = convertPieces(begun);
    }
    return finishConversion(task, plan, pieces, settings);
  } catch (error) {
    discardAfterError(task.outputs, plan.pieceCount);
    throw error;
  }
}
