import { basename } from 'node:path';
import type { LoadIdentity, RowCounts } from '../core/load.ts';
import type { DatabaseConnection } from './connection.ts';
import { LEDGER_TABLE } from './create-ledger.ts';

/** What the ledger keeps of a load. */
export interface LedgerRow extends LoadIdentity, RowCounts {
  /** Path of the Parquet file, of which the ledger has the name. */
  parquet: string;
}

/**
 * Writes the ledger rows of some loads into `table`; the first statement of their transaction. It waits for a transaction
 * that has written one of them and is not decided yet, and fails with a duplicate key when that one commits.
 */
export async function insertLedgerRows(
  connection: DatabaseConnection,
  table: string,
  loads: readonly LedgerRow[],
): Promise<void> {
  // In key order: two loaders with the same loads then wait for each other instead of locking each other out.
  const sorted = [...loads].sort((a, b) => (a.loadId < b.loadId ? -1 : 1));
  const row = `(${'?, '.repeat(12)}UTC_TIMESTAMP(6))`;
  await connection.execute(
    `INSERT INTO ${LEDGER_TABLE} (load_id, dataset, table_name, file_name, sha256, bytes, rows_read, rows_accepted,` +
      ` rows_rejected, rows_dropped_null, rows_dropped_duplicate, parquet, loaded_at)` +
      ` VALUES ${sorted.map(() => row).join(', ')}`,
    sorted.flatMap((load) => [
      load.loadId,
      load.dataset,
      table,
      load.file,
      load.sha256,
      load.bytes,
      load.rowsRead,
      load.rowsAccepted,
      load.rowsRejected,
      load.rowsDroppedNull,
      load.rowsDroppedDuplicate,
      basename(load.parquet),
    ]),
  );
}
