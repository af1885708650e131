import { LOAD_ID_COLUMN } from '../schema/column-name.ts';
import type { DatabaseConnection } from './connection.ts';
import { LEDGER_TABLE } from './create-ledger.ts';
import { quoteIdentifier } from './quote-identifier.ts';

/**
 * Deletes the ledger row and the rows of one load inside the caller's transaction, and returns how many rows went. The caller
 * decides on the number. `ledger`: whether there is one; `table`: that has its rows, null where there is none any more.
 */
export async function deleteLoad(
  connection: DatabaseConnection,
  loadId: string,
  { ledger, table }: { ledger: boolean; table: string | null },
  timeoutMs?: number,
): Promise<number> {
  // The ledger first, as in a load.
  if (ledger) await connection.execute(`DELETE FROM ${LEDGER_TABLE} WHERE load_id = ?`, [loadId]);
  if (table === null) return 0;
  const sql = `DELETE FROM ${quoteIdentifier(table)} WHERE ${quoteIdentifier(LOAD_ID_COLUMN)} = ?`;
  return (await connection.execute(sql, [loadId], timeoutMs)).affectedRows;
}
