import { basename } from 'node:path';
import type { DatabaseConnection } from './connection.ts';
import { LEDGER_TABLE } from './create-ledger.ts';
import type { LedgerRow } from './insert-ledger-rows.ts';
import { StatementError } from './statement-error.ts';

const TABLE_ACCESS_DENIED = 1142;

/** Enters what was not known yet when the row was inserted, in the same transaction. */
export async function completeLedgerRow(
  connection: DatabaseConnection,
  load: LedgerRow,
): Promise<void> {
  await connection.execute(
    `UPDATE ${LEDGER_TABLE} SET rows_read = ?, rows_accepted = ?, rows_rejected = ?, rows_dropped_null = ?,` +
      ' rows_dropped_duplicate = ?, parquet = ?, loaded_at = UTC_TIMESTAMP(6) WHERE load_id = ?',
    [
      load.rowsRead,
      load.rowsAccepted,
      load.rowsRejected,
      load.rowsDroppedNull,
      load.rowsDroppedDuplicate,
      basename(load.parquet),
      load.loadId,
    ],
  );
}

/** Whether the user has the right to do so, which nothing else in csv-hopper needs. Changes no row. */
export async function mayCompleteLedgerRows(connection: DatabaseConnection): Promise<boolean> {
  try {
    await connection.execute(`UPDATE ${LEDGER_TABLE} SET parquet = '' WHERE load_id = ''`);
    return true;
  } catch (error) {
    if (error instanceof StatementError && error.errno === TABLE_ACCESS_DENIED) return false;
    throw error;
  }
}
