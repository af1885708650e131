import { type EarlyLoad, noRows } from '../core/load.ts';
import { completeLedgerRow } from './complete-ledger-row.ts';
import type { DatabaseConnection } from './connection.ts';
import { insertLedgerRows } from './insert-ledger-rows.ts';
import { loadArrivingData } from './load-data.ts';
import type { LoadTarget } from './load-target.ts';
import { refusalsIn } from './write-rows.ts';

/**
 * Loads a load while its source is being converted: the transaction of every load, its ledger row first, but the rows are
 * sent as they come, and COMMIT waits until the conversion has succeeded and the Parquet file is published. False where the
 * rows are not all taken without a word; it is rolled back then, as where this throws, and its rows can be loaded in
 * the usual way, which finds out what is wrong with them.
 */
export async function loadEarly(
  connection: DatabaseConnection,
  target: LoadTarget,
  load: EarlyLoad,
): Promise<boolean> {
  try {
    await connection.execute('START TRANSACTION');
    await insertLedgerRows(connection, target.table, [{ ...load, ...noRows, parquet: '' }]);
    const result = await loadArrivingData(connection, target, load);
    const refusals = await refusalsIn(connection, result, 0);
    if (refusals.length === 0) {
      const converted = await load.converted;
      if (result.affectedRows === converted.rowsAccepted) {
        await completeLedgerRow(connection, converted);
        await connection.execute('COMMIT');
        return true;
      }
    }
    await connection.execute('ROLLBACK');
    return false;
  } catch (error) {
    // The server rolls back when the connection ends, whatever state the statement left it in.
    connection.destroy();
    throw error;
  }
}
