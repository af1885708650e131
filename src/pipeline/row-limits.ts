import { counted } from '../core/counted.ts';
import { groupedDigits } from '../core/grouped-digits.ts';
import type { RowCounts } from '../core/load.ts';
import type { Problem } from '../core/problem.ts';
import type { Diversion } from '../schema/dataset.ts';

/**
 * The problem of a file that has too many broken rows for the others to be loaded without them; null where it has not.
 * `byTable`: there are rows among them that the table refuses, of which no more are looked for than the limits allow.
 */
export function checkLimits(
  counts: RowCounts,
  { rowsMax, ratioMax }: Diversion,
  byTable = false,
): Problem | null {
  const { rowsRead, rowsRejected } = counts;
  const rows = `${groupedDigits(rowsRejected)} of ${counted(rowsRead, 'row')}`;
  const [breaks, are] = rowsRejected === 1 ? ['breaks', 'is'] : ['break', 'are'];
  const what = `${breaks} the schema${byTable ? ` or ${are} refused by the table` : ''}`;
  const broken = byTable ? `At least ${rows} ${what}` : `${rows} ${what}`;
  if (rowsMax !== null && rowsRejected > rowsMax) {
    return tooMany(`${broken}, and max_invalid_rows is ${groupedDigits(rowsMax)}.`);
  }
  if (ratioMax !== null && rowsRejected > ratioMax * rowsRead) {
    return tooMany(`${broken}, and max_invalid_ratio is ${ratioMax}.`);
  }
  if (rowsRejected === rowsRead)
    return tooMany(`${rowsRead === 1 ? 'Its only row' : 'All of its rows'} ${what}.`);
  return null;
}

/** How many more rows of a file with these counts have to be refused until it has too many broken ones; Infinity: all of them. */
export function rowsBeyondLimits(
  { rowsRead, rowsRejected }: RowCounts,
  { rowsMax, ratioMax }: Diversion,
): number {
  const byRatio = ratioMax === null ? Infinity : Math.floor(ratioMax * rowsRead);
  return Math.min(rowsMax ?? Infinity, byRatio) - rowsRejected + 1;
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
