import type { DatabaseConnection } from './connection.ts';
import { LEDGER_TABLE } from './create-ledger.ts';

/** Those of the loads that the ledger has. Run it outside a transaction, whose snapshot might be older than the rows. */
export async function findLoaded(
  connection: DatabaseConnection,
  loadIds: readonly string[],
): Promise<Set<string>> {
  const rows = await connection.rows(`SELECT load_id FROM ${LEDGER_TABLE} WHERE load_id IN (?)`, [
    loadIds,
  ]);
  return new Set(rows.map((row) => String(row['load_id'])));
}
