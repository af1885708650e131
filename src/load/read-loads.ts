import type { DatabaseConfig } from '../config/config.ts';
import { refuseNewerLedger } from '../core/state-format.ts';
import { LOAD_ID_COLUMN } from '../schema/column-name.ts';
import type { DatabaseConnection } from './connection.ts';
import { ConnectionSlot } from './connection-slot.ts';
import { LEDGER_TABLE } from './create-ledger.ts';
import { entryOf, type LedgerEntry } from './ledger.ts';
import { quoteIdentifier } from './quote-identifier.ts';
import { readTable } from './read-table.ts';
import { databaseError } from './server-error.ts';
import { StatementError } from './statement-error.ts';

/**
 * Counting the rows of each load reads the whole table, because the load id has no index: 20 minutes for a thousand million
 * rows, at the rate of a million a second.
 */
const COUNT_MS_MAX = 6 * 3_600_000;

/** What the database has of the loads. */
export interface LoadsInDatabase {
  ledger: LedgerEntry[];
  /** By table and load id; null for a table without the column _load_id. A table that is missing has no rows. */
  rows: ReadonlyMap<string, ReadonlyMap<string, number> | null>;
}

/**
 * Reads the ledger and counts the rows of each load, both as they are at one moment, while loads may go on. Writes nothing
 * and locks nothing. Throws a HopperError of the environment.
 */
export async function readLoads(
  database: DatabaseConfig,
  tables: ReadonlySet<string>,
): Promise<LoadsInDatabase> {
  const queryTimeoutMs = Math.max(database.queryTimeoutMs, COUNT_MS_MAX);
  const slot = new ConnectionSlot({ ...database, queryTimeoutMs });
  try {
    return await readSnapshot(await slot.take(), tables);
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    throw databaseError(error, `Reading the loads in database ${database.database}`);
  } finally {
    await slot.close().catch(() => undefined);
  }
}

async function readSnapshot(
  connection: DatabaseConnection,
  tables: ReadonlySet<string>,
): Promise<LoadsInDatabase> {
  const existingLedger = await readTable(connection, LEDGER_TABLE);
  if (existingLedger !== null) refuseNewerLedger(LEDGER_TABLE, existingLedger.comment);
  const described = new Map<string, 'missing' | 'without_load_id' | 'countable'>();
  for (const table of tables) {
    const existing = await readTable(connection, table);
    const hasLoadId = existing?.columns.some(({ name }) => name.toLowerCase() === LOAD_ID_COLUMN);
    const kind = hasLoadId === true ? 'countable' : 'without_load_id';
    described.set(table, existing === null ? 'missing' : kind);
  }
  // The snapshot is one in this isolation only, which a server may not have as its default.
  await connection.execute('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  await connection.execute('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
  const ledger =
    existingLedger === null ? [] : await connection.rows(`SELECT * FROM ${LEDGER_TABLE}`);
  const rows = new Map<string, Map<string, number> | null>();
  for (const [table, kind] of described) {
    if (kind === 'missing') rows.set(table, new Map());
    else rows.set(table, kind === 'countable' ? await countRows(connection, table) : null);
  }
  await connection.execute('COMMIT');
  return { ledger: ledger.map(entryOf), rows };
}

async function countRows(
  connection: DatabaseConnection,
  table: string,
): Promise<Map<string, number>> {
  const column = quoteIdentifier(LOAD_ID_COLUMN);
  const found = await connection.rows(
    `SELECT ${column} AS id, COUNT(*) AS n FROM ${quoteIdentifier(table)} GROUP BY ${column}`,
  );
  return new Map(found.map(({ id, n }) => [String(id), Number(n)]));
}
