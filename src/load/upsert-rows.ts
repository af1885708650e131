import type { ConvertedLoad } from '../core/load.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { LOAD_ID_COLUMN } from '../schema/column-name.ts';
import type { DatabaseConnection } from './connection.ts';
import { LEDGER_TABLE } from './create-ledger.ts';
import type { LoadTarget, ServerMessage } from './load-target.ts';
import { quoteIdentifier } from './quote-identifier.ts';
import { repeatedKeys, type RepeatedKey } from './repeated-keys.ts';
import { serverErrorMeaning } from './server-error.ts';
import { STAGING_TABLE } from './staging-table.ts';
import { StatementError } from './statement-error.ts';
import { refusalsIn, writeRows, type WriteMethod } from './write-rows.ts';

/** What came of it; the caller rolls back where anything is refused. */
export interface UpsertResult {
  messages: ServerMessage[];
  repeated: RepeatedKey[];
}

/**
 * Writes the rows of one load by key, inside the caller's transaction, behind its ledger row: into the staging table, where they
 * are counted and compared, then over the rows that have their keys, and the rest as new rows. Not by INSERT ... ON DUPLICATE
 * KEY UPDATE, which would also change a row that any other unique key of the table finds.
 */
export async function upsertRows(
  connection: DatabaseConnection,
  target: LoadTarget,
  load: ConvertedLoad,
  key: readonly string[],
  method: WriteMethod,
): Promise<UpsertResult> {
  const staging = { table: STAGING_TABLE, columns: target.columns, hasLoadId: false };
  const messages = await writeRows(connection, staging, [load], method);
  if (messages.length > 0) return { messages, repeated: [] };
  const timeoutMs = connection.timeoutFor(load.rowsAccepted);
  const repeated = await repeatedKeys(connection, target.columns, key, timeoutMs);
  if (repeated.length > 0) return { messages, repeated };

  let updated = 0;
  let inserted = 0;
  try {
    for (const step of ['update', 'insert'] as const) {
      const sql =
        step === 'update'
          ? updateSql(target, key, load.loadId)
          : insertSql(target, key, load.loadId);
      const result = await connection.execute(sql, [], timeoutMs);
      const refusals = await refusalsIn(connection, result, 0);
      if (refusals.length > 0) return { messages: refusals.map(withoutPlace), repeated };
      if (step === 'update') updated = result.affectedRows;
      else inserted = result.affectedRows;
    }
  } catch (error) {
    if (!(error instanceof StatementError) || serverErrorMeaning(error.errno) !== 'content')
      throw error;
    const message = { errno: error.errno, text: error.serverText(), rowsBefore: 0 };
    return { messages: [withoutPlace(message)], repeated };
  }
  if (updated + inserted !== load.rowsAccepted) {
    throw new HopperError('load_count_mismatch', {
      message: `Table ${target.table} took ${inserted} new rows and ${updated} changed ones of ${load.rowsAccepted}.`,
      details: { table: target.table, inserted, updated, rowsAccepted: load.rowsAccepted },
    });
  }
  await connection.execute(`UPDATE ${LEDGER_TABLE} SET rows_updated = ? WHERE load_id = ?`, [
    updated,
    load.loadId,
  ]);
  return { messages, repeated };
}

/** The connection counts rows that are found (CLIENT_FOUND_ROWS), also those that have the values already. */
function updateSql(
  { table, columns, hasLoadId }: LoadTarget,
  key: readonly string[],
  loadId: string,
): string {
  const changed = columns.filter((column) => !key.includes(column));
  const sets = changed.map(
    (column) => `t.${quoteIdentifier(column)} = s.${quoteIdentifier(column)}`,
  );
  if (hasLoadId) sets.push(`t.${quoteIdentifier(LOAD_ID_COLUMN)} = '${loadId}'`);
  // Where there is nothing to change, the rows are counted all the same.
  const [first = ''] = key.map((column) => `t.${quoteIdentifier(column)}`);
  if (sets.length === 0) sets.push(`${first} = ${first}`);
  return `UPDATE ${joined(table, key, 'JOIN')} SET ${sets.join(', ')}`;
}

function insertSql(
  { table, columns, hasLoadId }: LoadTarget,
  key: readonly string[],
  loadId: string,
): string {
  const names = columns.map(quoteIdentifier);
  const into = hasLoadId ? [...names, quoteIdentifier(LOAD_ID_COLUMN)] : names;
  const values = names.map((name) => `s.${name}`);
  if (hasLoadId) values.push(`'${loadId}'`);
  const [first = ''] = key;
  return (
    `INSERT INTO ${quoteIdentifier(table)} (${into.join(', ')}) SELECT ${values.join(', ')}` +
    ` FROM ${joined(table, key, 'RIGHT JOIN')} WHERE t.${quoteIdentifier(first)} IS NULL`
  );
}

function joined(table: string, key: readonly string[], join: 'JOIN' | 'RIGHT JOIN'): string {
  const equal = key.map((column) => `t.${quoteIdentifier(column)} = s.${quoteIdentifier(column)}`);
  return `${quoteIdentifier(table)} AS t ${join} ${STAGING_TABLE} AS s ON ${equal.join(' AND ')}`;
}

/** The row that the server counts is one of the statement, and not of the file. */
function withoutPlace(message: ServerMessage): ServerMessage {
  return { ...message, text: message.text.replace(/ at row \d+$/, '') };
}
