import type { ConvertedLoad } from '../core/load.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { DatabaseConnection } from './connection.ts';
import { insertLedgerRows } from './insert-ledger-rows.ts';
import type { LoadTarget } from './load-target.ts';
import { StatementError } from './statement-error.ts';
import { writeRows } from './write-rows.ts';

/**
 * How long complete rows wait for the group before them. It began earlier and is no larger, so it ends at about the same time; if
 * it does not, it may be waiting for a lock of this transaction, which the server cannot see to be a deadlock.
 */
const WAIT_MS_MAX = 2000;

/**
 * Loads a group while the one before it is still under way on another connection: the transaction of every load, ledger rows
 * first, but COMMIT waits for `earlier`, which tells whether that group is committed. False where it is not, or not in time, and
 * where the rows are not all taken without a word: it is rolled back then, and the group can be loaded in the usual way, which
 * finds out what is the matter. Throws only where nobody knows whether the COMMIT arrived.
 */
export async function loadAhead(
  connection: DatabaseConnection,
  target: LoadTarget,
  loads: readonly ConvertedLoad[],
  earlier: Promise<boolean>,
  onRows: () => void,
): Promise<boolean> {
  try {
    await connection.execute('START TRANSACTION');
    await insertLedgerRows(connection, target.table, loads);
    const messages = await writeRows(connection, target, loads, { kind: 'load_data' });
    if (messages.length === 0) onRows();
    if (messages.length > 0 || !(await inTime(earlier))) {
      await connection.execute('ROLLBACK');
      return false;
    }
  } catch (error) {
    // The server rolls back when the connection ends, whatever state the statement left it in.
    connection.destroy();
    if (error instanceof StatementError || error instanceof HopperError) return false;
    throw error;
  }
  try {
    await connection.execute('COMMIT');
    return true;
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

function inTime(earlier: Promise<boolean>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve(false);
    }, WAIT_MS_MAX);
    void earlier.then((isCommitted) => {
      clearTimeout(timer);
      resolve(isCommitted);
    });
  });
}
