import type { LoadIdentity, RowCounts } from '../core/load.ts';
import type { DatabaseConfig } from '../config/config.ts';
import { ConnectionSlot } from './connection-slot.ts';
import { LEDGER_TABLE } from './create-ledger.ts';
import { databaseError, serverErrorMeaning } from './server-error.ts';
import { statementError } from './statement-error.ts';

/** A load whose rows are in its table. */
export interface LedgerEntry extends LoadIdentity, RowCounts {
  table: string;
  /** File name of the Parquet file, without a folder. */
  parquet: string;
  /** ISO 8601, UTC, in microseconds. */
  loadedAt: string;
  /** Of a load by key: how many of its rows took the place of others. Null for one that has only added rows. */
  rowsUpdated: number | null;
}

/**
 * Reads the ledger, for the check of files that are dropped again. What it does not find may still be loaded by a
 * transaction that is not decided: only TableLoader's insert tells for certain.
 */
export class Ledger {
  readonly #slot: ConnectionSlot;

  constructor(database: DatabaseConfig) {
    this.#slot = new ConnectionSlot(database);
  }

  /** The load with this id; null where it has not been loaded. Throws a HopperError of the environment. */
  findLoad(loadId: string): Promise<LedgerEntry | null> {
    return this.#find(loadId, '');
  }

  /** The same for certain: a transaction that has written the load's row and is not decided yet is waited for. */
  findDecidedLoad(loadId: string): Promise<LedgerEntry | null> {
    return this.#find(loadId, ' LOCK IN SHARE MODE');
  }

  /** The loads whose ids begin with these hexadecimal digits. */
  findLoads(digits: string): Promise<LedgerEntry[]> {
    return this.#select('load_id LIKE ?', `${digits}%`);
  }

  async #find(loadId: string, lock: string): Promise<LedgerEntry | null> {
    const [entry] = await this.#select(`load_id = ?${lock}`, loadId);
    return entry ?? null;
  }

  async #select(condition: string, value: string): Promise<LedgerEntry[]> {
    try {
      const connection = await this.#slot.take();
      const sql = `SELECT * FROM ${LEDGER_TABLE} WHERE ${condition}`;
      return (await connection.rows(sql, [value])).map(entryOf);
    } catch (error) {
      const failure = statementError(error);
      // The first load creates the ledger, so without one nothing has been loaded.
      if (serverErrorMeaning(failure.errno) === 'table_changed') return [];
      throw databaseError(failure, `Looking a load up in ${LEDGER_TABLE}`);
    }
  }

  close(): Promise<void> {
    return this.#slot.close();
  }

  abort(): void {
    this.#slot.abort();
  }
}

/** A row of the ledger. */
export function entryOf(row: Record<string, unknown>): LedgerEntry {
  return {
    loadId: String(row['load_id']),
    dataset: String(row['dataset']),
    table: String(row['table_name']),
    file: String(row['file_name']),
    sha256: String(row['sha256']),
    bytes: Number(row['bytes']),
    rowsRead: Number(row['rows_read']),
    rowsAccepted: Number(row['rows_accepted']),
    rowsRejected: Number(row['rows_rejected']),
    rowsDroppedNull: Number(row['rows_dropped_null']),
    rowsDroppedDuplicate: Number(row['rows_dropped_duplicate']),
    parquet: String(row['parquet']),
    loadedAt: `${String(row['loaded_at']).replace(' ', 'T')}Z`,
    rowsUpdated: typeof row['rows_updated'] === 'number' ? row['rows_updated'] : null,
  };
}
