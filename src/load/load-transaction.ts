import type { ConvertedLoad } from '../core/load.ts';
import type { WriteMode } from '../schema/dataset.ts';
import type { DatabaseConnection } from './connection.ts';
import { insertLedgerRows } from './insert-ledger-rows.ts';
import type { LoadTarget, ServerMessage } from './load-target.ts';
import type { RepeatedKey } from './repeated-keys.ts';
import { dropStagingTable, makeStagingTable } from './staging-table.ts';
import { StatementError } from './statement-error.ts';
import { takeOutFormer } from './take-out-former.ts';
import { upsertRows } from './upsert-rows.ts';
import { writeRows, type WriteMethod } from './write-rows.ts';

export type TransactionResult =
  /** `replaced`: load ids of the former versions that went. */
  | { kind: 'committed'; replaced: string[] }
  | { kind: 'duplicate' }
  | { kind: 'refused'; messages: ServerMessage[]; repeated: RepeatedKey[] };

const DUPLICATE_KEY = 1062;

/**
 * One attempt: ledger rows first, then what the write mode does with the rows that are there, then the rows, all of them or
 * nothing. More than one load only where rows are appended. Throws a StatementError or HopperError, the connection destroyed,
 * where the outcome is open or nothing can be said about the rows. `onRows` is called when the server has all rows and is
 * about to commit them.
 */
export async function loadInTransaction(
  connection: DatabaseConnection,
  target: LoadTarget,
  loads: readonly ConvertedLoad[],
  method: WriteMethod,
  write: WriteMode,
  onRows: () => void,
): Promise<TransactionResult> {
  try {
    await beginTransaction(connection, target, write.mode);
    const result = await insertAll(connection, target, loads, method, write);
    if (result.kind === 'committed') onRows();
    await connection.execute(result.kind === 'committed' ? 'COMMIT' : 'ROLLBACK');
    if (write.mode === 'upsert') await dropAfterwards(connection);
    return result;
  } catch (error) {
    // The server rolls back when the connection ends, whatever state the statement left it in.
    connection.destroy();
    throw error;
  }
}

/** Begins a transaction in which rows are written in this mode, with the staging table that it may need. */
export async function beginTransaction(
  connection: DatabaseConnection,
  target: LoadTarget,
  mode: WriteMode['mode'],
): Promise<void> {
  if (mode === 'upsert') await makeStagingTable(connection, target);
  // Rows of other loads that the server looks at on its way to those of a former version are not kept locked then.
  if (mode === 'replace')
    await connection.execute('SET TRANSACTION ISOLATION LEVEL READ COMMITTED');
  // Keeps others from inserting a key between the comparison and the insert; a server may have another default.
  if (mode === 'upsert')
    await connection.execute('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  await connection.execute('START TRANSACTION');
}

async function insertAll(
  connection: DatabaseConnection,
  target: LoadTarget,
  loads: readonly ConvertedLoad[],
  method: WriteMethod,
  write: WriteMode,
): Promise<TransactionResult> {
  try {
    await insertLedgerRows(connection, target.table, loads);
  } catch (error) {
    if (!(error instanceof StatementError) || error.errno !== DUPLICATE_KEY) throw error;
    return { kind: 'duplicate' };
  }
  let messages: ServerMessage[];
  let repeated: RepeatedKey[] = [];
  const replaced: string[] = [];
  if (write.mode === 'upsert') {
    const [load] = loads;
    if (load === undefined || loads.length > 1) throw new Error('A load by key goes alone');
    ({ messages, repeated } = await upsertRows(connection, target, load, write.key, method));
  } else {
    if (write.mode === 'replace') {
      for (const load of loads) replaced.push(...(await takeOutFormer(connection, target, load)));
    }
    messages = await writeRows(connection, target, loads, method);
  }
  if (messages.length > 0 || repeated.length > 0) return { kind: 'refused', messages, repeated };
  return { kind: 'committed', replaced };
}

/** The outcome is certain by now: whatever is in the way of this is met by the next statement. */
export async function dropAfterwards(connection: DatabaseConnection): Promise<void> {
  try {
    await dropStagingTable(connection);
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
  }
}
