import { counted } from '../core/counted.ts';
import type { LoadIdentity } from '../core/load.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { LOAD_ID_COLUMN } from '../schema/column-name.ts';
import type { DatabaseConnection } from './connection.ts';
import { LEDGER_TABLE } from './create-ledger.ts';
import { deleteLoad } from './delete-load.ts';
import type { LoadTarget } from './load-target.ts';
import { quoteIdentifier } from './quote-identifier.ts';

/** A million rows a second, where the load id has no index and the whole table is read: enough for a thousand million. */
const FULL_SCAN_MS = 20 * 60_000;

/**
 * Deletes the former versions of a file, rows and ledger rows, inside the transaction that loads the new one; returns their
 * load ids. The ledger tells which they are, so the caller's ledger row is written already. Throws replace_refused where a
 * version does not have exactly the rows that were accepted: the caller rolls back.
 */
export async function takeOutFormer(
  connection: DatabaseConnection,
  { table }: LoadTarget,
  { loadId, dataset, file }: LoadIdentity,
): Promise<string[]> {
  const found = await connection.rows(
    `SELECT load_id, file_name, rows_accepted FROM ${LEDGER_TABLE}` +
      ' WHERE dataset = ? AND table_name = ? AND file_name = ? AND load_id <> ?',
    [dataset, table, file, loadId],
  );
  // To the server names are equal that differ in spaces at their end.
  const former = found.filter((row) => row['file_name'] === file);
  for (const row of former) {
    const formerId = String(row['load_id']);
    const accepted = Number(row['rows_accepted']);
    const timeoutMs = connection.timeoutFor(accepted) + FULL_SCAN_MS;
    const deleted = await deleteLoad(connection, formerId, { ledger: true, table }, timeoutMs);
    if (deleted !== accepted) throw refused(table, file, formerId, deleted, accepted);
  }
  return former.map((row) => String(row['load_id']));
}

function refused(
  table: string,
  file: string,
  formerId: string,
  deleted: number,
  accepted: number,
): HopperError {
  return new HopperError('replace_refused', {
    message: `Table ${table} has ${counted(deleted, 'row')} of the former version of ${file}, load ${formerId}, instead of ${accepted}; nothing was changed.`,
    hint: `Find out who changed the rows. If the new version may take their place: DELETE FROM ${quoteIdentifier(table)} WHERE ${LOAD_ID_COLUMN} = '${formerId}'; DELETE FROM ${LEDGER_TABLE} WHERE load_id = '${formerId}'; the file then goes on by itself.`,
    details: { deleted, rowsAccepted: accepted },
  });
}
