import { counted } from '../core/counted.ts';
import type { Config } from '../config/config.ts';
import { asHopperError } from '../core/environment-error.ts';
import { findDifferences } from '../daemon/bring-back.ts';
import { DONE, print, USAGE } from './command.ts';
import { showProgress } from './progress-line.ts';

/**
 * Prints every difference between the receipts, the ledger, the tables and the Parquet files, a line each, and what to do about
 * it behind the last of those that it is the same for.
 */
export async function checkLedger(config: Config): Promise<number> {
  const progress = showProgress((seconds) => `comparing, ${seconds} s`);
  try {
    const { loads, differences } = await findDifferences(config);
    progress.end();
    for (const [i, { level, message, hint }] of differences.entries()) {
      print(`${level.padEnd(7)}  ${message}`);
      if (differences[i + 1]?.hint !== hint) print(`         ${hint}`);
    }
    const compared = `${counted(loads, 'load')} compared`;
    const count = differences.length;
    print(
      count === 0 ? `${compared}, no differences` : `${compared}, ${counted(count, 'difference')}`,
    );
    return differences.some(({ level }) => level === 'error') ? USAGE : DONE;
  } catch (error) {
    progress.end();
    const { message, hint } = asHopperError(error);
    print(`error    ${message}`, `         ${hint}`);
    return USAGE;
  } finally {
    progress.end();
  }
}
