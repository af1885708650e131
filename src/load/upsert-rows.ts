import { counted } from '../core/counted.ts';
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

  const write: KeyedWrite = { target, key, loadId: load.loadId };
  const taken = await takeStaged(connection, write, timeoutMs);
  if (taken.messages.length > 0) return { messages: taken.messages, repeated };
  const { updated, inserted } = taken;
  if (updated + inserted !== load.rowsAccepted) {
    throw new HopperError('load_count_mismatch', {
      message: `Table ${target.table} took ${counted(inserted, 'new row')} and ${counted(updated, 'changed one')} of ${load.rowsAccepted}.`,
      details: { table: target.table, inserted, updated, rowsAccepted: load.rowsAccepted },
    });
  }
  await connection.execute(`UPDATE ${LEDGER_TABLE} SET rows_updated = ? WHERE load_id = ?`, [
    updated,
    load.loadId,
  ]);
  return { messages, repeated };
}

/** Which rows of the staging table are written by which key. */
export interface KeyedWrite {
  target: LoadTarget;
  key: readonly string[];
  loadId: string;
  /** A condition that they meet, in SQL, of the staging table as `s`; left out: all. */
  where?: string;
}

/**
 * Writes the rows of the staging table by key: how many are changed and added, or what the server says against them, of which no
 * row of the file is named.
 */
export async function takeStaged(
  connection: DatabaseConnection,
  write: KeyedWrite,
  timeoutMs: number,
): Promise<{ updated: number; inserted: number; messages: ServerMessage[] }> {
  const affected = [0, 0];
  try {
    for (const [step, sql] of [updateSql(write), insertSql(write)].entries()) {
      const result = await connection.execute(sql, [], timeoutMs);
      const refusals = await refusalsIn(connection, result, 0);
      if (refusals.length > 0)
        return { updated: 0, inserted: 0, messages: refusals.map(withoutPlace) };
      affected[step] = result.affectedRows;
    }
  } catch (error) {
    if (!(error instanceof StatementError) || serverErrorMeaning(error.errno) !== 'content')
      throw error;
    const message = { errno: error.errno, text: error.serverText(), rowsBefore: 0 };
    return { updated: 0, inserted: 0, messages: [withoutPlace(message)] };
  }
  const [updated = 0, inserted = 0] = affected;
  return { updated, inserted, messages: [] };
}

/** The connection counts rows that are found (CLIENT_FOUND_ROWS), also those that have the values already. */
export function updateSql({ target, key, loadId, where }: KeyedWrite): string {
  const { table, columns, hasLoadId } = target;
  const changed = columns.filter((column) => !key.includes(column));
  const sets = changed.map(
    (column) => `t.${quoteIdentifier(column)} = s.${quoteIdentifier(column)}`,
  );
  if (hasLoadId) sets.push(`t.${quoteIdentifier(LOAD_ID_COLUMN)} = '${loadId}'`);
  // Where there is nothing to change, the rows are counted all the same.
  const [first = ''] = key.map((column) => `t.${quoteIdentifier(column)}`);
  if (sets.length === 0) sets.push(`${first} = ${first}`);
  const condition = where === undefined ? '' : ` WHERE ${where}`;
  return `UPDATE ${joined(table, key, 'JOIN')} SET ${sets.join(', ')}${condition}`;
}

/** To be run behind the former: rows whose keys are not in the table. */
export function insertSql({ target, key, loadId, where }: KeyedWrite): string {
  const { table, columns, hasLoadId } = target;
  const names = columns.map(quoteIdentifier);
  const into = hasLoadId ? [...names, quoteIdentifier(LOAD_ID_COLUMN)] : names;
  const values = names.map((name) => `s.${name}`);
  if (hasLoadId) values.push(`'${loadId}'`);
  const [first = ''] = key;
  return (
    `INSERT INTO ${quoteIdentifier(table)} (${into.join(', ')}) SELECT ${values.join(', ')}` +
    ` FROM ${joined(table, key, 'RIGHT JOIN')} WHERE t.${quoteIdentifier(first)} IS NULL` +
    (where === undefined ? '' : ` AND ${where}`)
  );
}

function joined(table: string, key: readonly string[], join: 'JOIN' | 'RIGHT JOIN'): string {
  const equal = key.map((column) => `t.${quoteIdentifier(column)} = s.${quoteIdentifier(column)}`);
  return `${quoteIdentifier(table)} AS t ${join} ${STAGING_TABLE} AS s ON ${equal.join(' AND ')}`;
}

/** The row that the server counts is one of the statement, and not of the file. */
export function withoutPlace(message: ServerMessage): ServerMessage {
  return { ...message, text: message.text.replace(/ at row \d+$/, '') };
}
