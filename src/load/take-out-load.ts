import { counted } from '../core/counted.ts';
import type { DatabaseConfig } from '../config/config.ts';
import { refuseNewerLedger } from '../core/state-format.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { LOAD_ID_COLUMN } from '../schema/column-name.ts';
import type { DatabaseConnection } from './connection.ts';
import { ConnectionSlot } from './connection-slot.ts';
import { LEDGER_TABLE } from './create-ledger.ts';
import { deleteLoad } from './delete-load.ts';
import { readTable } from './read-table.ts';
import { databaseError } from './server-error.ts';
import { StatementError } from './statement-error.ts';

/** To find the rows the whole table is read, because the load id has no index. */
const DELETE_MS_MAX = 6 * 3_600_000;

/** A load whose rows are to go. */
export interface LoadToTakeOut {
  loadId: string;
  file: string;
  /** The table that has its rows. */
  table: string;
  /** As many as it should have, or none where they are gone already. */
  rowsAccepted: number;
}

/**
 * Deletes the ledger row and the rows of one load in one transaction, and returns how many rows went; 0 where there were none
 * any more. The caller lets nobody load meanwhile. Throws a HopperError, and changes nothing then; after a lost connection
 * nobody knows, and it can be called again.
 */
export async function takeOutLoad(database: DatabaseConfig, load: LoadToTakeOut): Promise<number> {
  const queryTimeoutMs = Math.max(database.queryTimeoutMs, DELETE_MS_MAX);
  const slot = new ConnectionSlot({ ...database, queryTimeoutMs });
  try {
    return await takeOut(await slot.take(), load);
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    throw databaseError(error, `Taking ${load.file} out of table ${load.table}`);
  } finally {
    await slot.close().catch(() => undefined);
  }
}

async function takeOut(connection: DatabaseConnection, load: LoadToTakeOut): Promise<number> {
  const { loadId, file, table, rowsAccepted } = load;
  const existing = await readTable(connection, table);
  const isMarked = existing?.columns.some(({ name }) => name.toLowerCase() === LOAD_ID_COLUMN);
  if (isMarked === false) {
    throw new HopperError('undo_refused', {
      message: `Table ${table} has no column ${LOAD_ID_COLUMN}, so the rows of ${file} cannot be told from others.`,
      hint: `Delete its rows yourself, and then its row in ${LEDGER_TABLE}: DELETE FROM ${LEDGER_TABLE} WHERE load_id = '${loadId}'.`,
    });
  }
  const ledger = await readTable(connection, LEDGER_TABLE);
  if (ledger !== null) refuseNewerLedger(LEDGER_TABLE, ledger.comment);
  // Rows of other loads that the server looks at on the way are not kept locked then.
  await connection.execute('SET TRANSACTION ISOLATION LEVEL READ COMMITTED');
  await connection.execute('START TRANSACTION');
  const deleted = await deleteLoad(connection, loadId, {
    ledger: ledger !== null,
    table: existing === null ? null : table,
  });
  if (deleted !== 0 && deleted !== rowsAccepted) {
    await connection.execute('ROLLBACK');
    throw new HopperError('undo_refused', {
      message: `Table ${table} has ${counted(deleted, 'row')} of ${file} instead of ${rowsAccepted}; nothing was deleted.`,
      hint: 'csv-hopper check --ledger says more. Find out who changed the rows first.',
      details: { deleted, rowsAccepted },
    });
  }
  await connection.execute('COMMIT');
  return deleted;
}
