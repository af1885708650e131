import type { DatabaseConfig } from '../config/config.ts';
import { ConnectionSlot } from './connection-slot.ts';
import { createLedgerSql, LEDGER_TABLE } from './create-ledger.ts';
import { insertLedgerRows, type LedgerRow } from './insert-ledger-rows.ts';
import { readTable } from './read-table.ts';
import { databaseError } from './server-error.ts';
import { StatementError } from './statement-error.ts';

/** How many share a statement. */
const BATCH = 256;

/**
 * Enters loads in the ledger whose rows are all in `table`, but which it has lost. The caller has counted the rows, and lets
 * nobody load meanwhile. Throws a HopperError of the environment.
 */
export async function enterLedgerRows(
  database: DatabaseConfig,
  table: string,
  loads: readonly LedgerRow[],
): Promise<void> {
  const slot = new ConnectionSlot(database);
  try {
    const connection = await slot.take();
    if ((await readTable(connection, LEDGER_TABLE)) === null)
      await connection.execute(createLedgerSql);
    for (let from = 0; from < loads.length; from += BATCH) {
      await insertLedgerRows(connection, table, loads.slice(from, from + BATCH));
    }
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    throw databaseError(error, `Entering loads in ${LEDGER_TABLE}`);
  } finally {
    await slot.close().catch(() => undefined);
  }
}
