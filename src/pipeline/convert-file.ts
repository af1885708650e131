import { beginConversion, type Beginning } from './begin-conversion.ts';
import type { ConversionTools } from './conversion-tools.ts';
import type { ConversionResult, ConversionTask, OpenTask } from './conversion.ts';
import { convertPiece } from './convert-piece.ts';
import { discardAfterError, finishConversion } from './finish-conversion.ts';
import { PieceProfiles } from './piece-profiles.ts';
import type { PieceResult } from './piece-result.ts';
import { hasUnsettledRows, settleRows } from './settle-rows.ts';
import { checkUnchanged, withSource } from './source-state.ts';

/**
 * Converts one file: decode, scan, clean, type, check, write, in one pass and bounded memory. Synchronous, for a worker
 * thread; `convert-in-pieces.ts` does the same with several threads. In: a source that nobody is expected to change. Out:
 * counts and problems; without problems also a Parquet file under its temporary name, and load files. Throws for
 * trouble of the environment, and leaves nothing then.
 */
export function convertFile(task: ConversionTask, tools: ConversionTools): ConversionResult {
  return withSource(task, (open) => convertOpenFile(open, tools));
}

/** The same for a source that is open. */
export function convertOpenFile(task: OpenTask, tools: ConversionTools): ConversionResult {
  const { settings, kernel } = tools;
  let pieceCount = 0;
  try {
    const beginning = beginConversion(task, settings, kernel);
    if (!('plan' in beginning)) return beginning;
    const { plan } = beginning;
    pieceCount = plan.pieceCount;
    const profiles = new PieceProfiles(task.dataset.columns, task.outputs.profile);
    const convertPieces = (of: Beginning): PieceResult[] => {
      profiles.begin();
      return Array.from({ length: plan.pieceCount }, (_, piece) =>
        profiles.take(piece, convertPiece(task, of, piece, tools)),
      );
    };
    let begun = beginning;
    let pieces = convertPieces(begun);
    while (!begun.settled && hasUnsettledRows(pieces)) {
      const again = settleRows(task, begun, settings, kernel);
      if (again === null) break;
      begun = again;
      pieces = convertPieces(begun);
    }
    const source = { ...task, ...begun, settings, kernel };
    const result = profiles.addTo(finishConversion(source, pieces));
    checkUnchanged(task);
    return result;
  } catch (error) {
    discardAfterError(task.outputs, pieceCount);
    throw error;
  }
}
