import { groupedDigits } from '../core/grouped-digits.ts';
import type { RowCounts } from '../core/load.ts';
import type { Problem } from '../core/problem.ts';
import type { Diversion } from '../schema/dataset.ts';

/** The problem of a file that has too many broken rows for the others to be loaded without them; null where it has not. */
export function checkLimits(counts: RowCounts, { rowsMax, ratioMax }: Diversion): Problem | null {
  const { rowsRead, rowsRejected } = counts;
  const broken = `${groupedDigits(rowsRejected)} of ${groupedDigits(rowsRead)} rows`;
  if (rowsMax !== null && rowsRejected > rowsMax) {
    return tooMany(
      `${broken} break the schema, and max_invalid_rows is ${groupedDigits(rowsMax)}.`,
    );
  }
  if (ratioMax !== null && rowsRejected > ratioMax * rowsRead) {
    return tooMany(`${broken} break the schema, and max_invalid_ratio is ${ratioMax}.`);
  }
  if (rowsRejected === rowsRead) return tooMany('All of its rows break the schema.');
  return null;
}

function tooMany(message: string): Problem {
  return {
    line: 0,
    column: null,
    value: null,
    rule: 'invalid_rows',
    message,
    hint: 'Repair the file and drop it again as a whole: none of its rows was loaded.',
  };
}
