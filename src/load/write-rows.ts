import { counted } from '../core/counted.ts';
import type { ConvertedLoad } from '../core/load.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { DatabaseConnection, StatementResult } from './connection.ts';
import { insertRows, insertStatements } from './insert-rows.ts';
import { loadData } from './load-data.ts';
import { showWarnings, type LoadTarget, type ServerMessage } from './load-target.ts';
import { serverErrorMeaning } from './server-error.ts';
import { StatementError } from './statement-error.ts';

/** How rows get into the table: LOAD DATA LOCAL, or INSERTs in packets of at most this many bytes. */
export type WriteMethod = { kind: 'load_data' } | { kind: 'insert'; maxAllowedPacket: number };

/**
 * Writes the rows of some loads inside the caller's transaction. Returns what the server says against the rows; empty:
 * each row is in the table as it is in the load file. LOAD DATA LOCAL ignores strict mode (a value that does not fit is cut
 * and a duplicate key skipped, with a warning), so a warning counts as a refusal and the number of rows must be exact.
 * Throws a StatementError or HopperError for everything else. The caller rolls back unless the result is empty.
 */
export async function writeRows(
  connection: DatabaseConnection,
  target: LoadTarget,
  loads: readonly ConvertedLoad[],
  method: WriteMethod,
): Promise<ServerMessage[]> {
  const expected = loads.reduce((sum, load) => sum + load.rowsAccepted, 0);
  let written = 0;
  let sent = 0;
  try {
    if (method.kind === 'load_data') {
      const result = await loadData(connection, target, loads);
      const refusals = await refusalsIn(connection, result, 0);
      if (refusals.length > 0) return refusals;
      written = result.affectedRows;
    } else {
      for await (const statement of insertStatements(target, loads, method.maxAllowedPacket)) {
        const result = await insertRows(connection, statement);
        const refusals = await refusalsIn(connection, result, sent);
        if (refusals.length > 0) return refusals;
        sent += statement.rows;
        written += result.affectedRows;
      }
    }
  } catch (error) {
    if (error instanceof StatementError && serverErrorMeaning(error.errno) === 'content') {
      return [{ errno: error.errno, text: error.serverText(), rowsBefore: sent }];
    }
    throw error;
  }
  if (written !== expected) {
    throw new HopperError('load_count_mismatch', {
      message: `Table ${target.table} took ${counted(written, 'row')} of ${expected}.`,
      details: { table: target.table, rowsWritten: written, rowsAccepted: expected },
    });
  }
  return [];
}

/** What the server says against rows that the last statement wrote, `rowsBefore` having been sent before it. */
export async function refusalsIn(
  connection: DatabaseConnection,
  result: StatementResult,
  rowsBefore: number,
): Promise<ServerMessage[]> {
  if (result.warningCount === 0) return [];
  const messages = await showWarnings(connection, rowsBefore);
  const grave = messages.filter(({ errno }) => serverErrorMeaning(errno) !== 'harmless');
  const environment = grave.find(({ errno }) => serverErrorMeaning(errno) !== 'content');
  if (environment !== undefined) {
    throw new StatementError(environment.errno, `WARNING_${environment.errno}`, environment.text);
  }
  if (grave.length === 0 && result.warningCount > messages.length) {
    throw new HopperError('database_failed', {
      message: `The server gave ${counted(result.warningCount, 'warning')} and does not say which.`,
    });
  }
  return grave;
}
