import type { DatabaseConfig } from '../config/config.ts';
import type { ConvertedLoad, EarlyLoad } from '../core/load.ts';
import type { Problem } from '../core/problem.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { Dataset } from '../schema/dataset.ts';
import { mayCompleteLedgerRows } from './complete-ledger-row.ts';
import type { DatabaseConnection } from './connection.ts';
import { ConnectionSlot } from './connection-slot.ts';
import { LEDGER_TABLE } from './create-ledger.ts';
import { findLoaded } from './find-loaded.ts';
import { loadEarly } from './load-early.ts';
import type { LoadTarget } from './load-target.ts';
import { loadInTransaction } from './load-transaction.ts';
import { prepareTable } from './prepare-table.ts';
import { refusedRows } from './refused-rows.ts';
import { repeatedKeyProblems } from './repeated-keys.ts';
import { databaseError, mayBeOfOneLoad, serverErrorMeaning } from './server-error.ts';
import { StatementError } from './statement-error.ts';
import type { WriteMethod } from './write-rows.ts';

export type LoadOutcome =
  /** `replaced`: load ids of former versions of the file whose rows went, where this attempt has taken any out. */
  | { loadId: string; status: 'loaded'; replaced?: string[] }
  | { loadId: string; status: 'already_loaded' }
  | { loadId: string; status: 'refused'; problems: Problem[] };

/** A load that could not be loaded with its group for a trouble of its own; its outcome is open. */
export interface HeldUpLoad {
  loadId: string;
  status: 'held_up';
  error: HopperError;
}

export interface TableLoaderOptions {
  database: DatabaseConfig;
  dataset: Dataset;
  /** Told once about each thing that works but should be changed. */
  onNotice: (message: string, hint: string) => void;
}

const ATTEMPTS_MAX = 4;
const DEADLOCK = 1213;

/**
 * Loads the files of one dataset into its table, each exactly once.
 *
 * A load is in one of three states, and only the ledger row, written in the transaction of its rows, tells which:
 *
 *     absent --BEGIN, insert ledger row--> undecided --rows, checks, COMMIT--> loaded
 *        ^                                     |
 *        +--ROLLBACK, lost connection, crash---+
 *
 * After a lost connection or a timeout nobody here knows whether the COMMIT arrived. load() then throws an error of the
 * environment, and the caller calls it again with the same loads, in the same or in other groups: the insert of the ledger
 * row waits until the server has decided the old transaction, and then is either a duplicate (already_loaded) or the start
 * of a new attempt. There is no other recovery: the retry, the start after a crash and a second process are this one path.
 *
 * A group shares one transaction and one stream. When the server refuses rows of it, or fails in a way that may be due to
 * one load alone, it is rolled back and each load of it is tried on its own, in order, so that the good ones are loaded,
 * the guilty ones named, and those that have to wait wait alone (held_up).
 *
 * A load may be begun before its conversion ends. That is an attempt like others, and only one: whatever keeps it from
 * being committed, load() then does the work, from `absent` or `undecided` as after any lost connection.
 */
export class TableLoader {
  readonly #dataset: Dataset;
  readonly #onNotice: TableLoaderOptions['onNotice'];
  readonly #slot: ConnectionSlot;
  readonly #noticed = new Set<string>();
  #target: LoadTarget | null = null;
  #localInfileForbidden = false;
  /** On which LOAD DATA LOCAL was allowed: it is asked once, and a statement that fails tells of a change. */
  #allowedOn: DatabaseConnection | null = null;
  /** Settles when no early load is under way. */
  #early: Promise<unknown> = Promise.resolve();

  constructor(options: TableLoaderOptions) {
    this.#dataset = options.dataset;
    this.#onNotice = options.onNotice;
    this.#slot = new ConnectionSlot(options.database);
  }

  /**
   * Loads a group, one call at a time; an empty one only has the table created or compared. Returns the outcome of each
   * load, in the group's order. Throws a HopperError when the outcome of some is open, table_mismatch among them; the
   * same loads can then be handed over again, and so can those that are held_up.
   */
  async load(group: readonly ConvertedLoad[]): Promise<(LoadOutcome | HeldUpLoad)[]> {
    const outcomes = new Map<string, LoadOutcome | HeldUpLoad>();
    try {
      await this.#loadOpen(group, outcomes);
    } catch (error) {
      if (group.length < 2 || !mayBeOfOneLoad(error)) throw error;
      for (const load of group) await this.#loadAlone(load, outcomes);
    }
    return group.flatMap(({ loadId }) => outcomes.get(loadId) ?? []);
  }

  /**
   * Loads one whose source is still being converted, while no other call runs; an abort of the signal rolls it back. Returns
   * null where nothing of it is committed, or where that is open: load() it then, when it is converted.
   */
  loadEarly(load: EarlyLoad, signal: AbortSignal): Promise<LoadOutcome | null> {
    const loading = this.#tryEarly(load, signal);
    this.#early = Promise.allSettled([loading]);
    return loading;
  }

  /** Closes the connection in good order. Not while load() runs: abort() is for that. */
  async close(): Promise<void> {
    await this.#early;
    await this.#slot.close();
  }

  /** Drops the connection at once. A load that runs throws; its outcome is for the next start to find out. */
  abort(): void {
    this.#slot.abort();
  }

  async #tryEarly(load: EarlyLoad, signal: AbortSignal): Promise<LoadOutcome | null> {
    const cut = (): void => {
      this.#slot.renew();
    };
    signal.addEventListener('abort', cut);
    try {
      const connection = await this.#slot.take();
      const target = await this.#prepare(connection);
      const { kind } = await this.#writeMethod(connection);
      if (kind !== 'load_data' || !(await this.#mayCompleteLedger(connection))) return null;
      if (!(await loadEarly(connection, target, load))) return null;
      return { loadId: load.loadId, status: 'loaded' };
    } catch (error) {
      // What is wrong is told by load(), which meets it again.
      const isTrouble = error instanceof StatementError || error instanceof HopperError;
      if (isTrouble || signal.aborted) return null;
      throw error;
    } finally {
      signal.removeEventListener('abort', cut);
    }
  }

  async #mayCompleteLedger(connection: DatabaseConnection): Promise<boolean> {
    if (await mayCompleteLedgerRows(connection)) return true;
    this.#notice(
      `The user may not update the table ${LEDGER_TABLE}; large files are loaded only when they are converted, which takes longer.`,
      `Grant the right: GRANT UPDATE ON <database>.${LEDGER_TABLE} TO the user.`,
    );
    return false;
  }

  async #loadAlone(
    load: ConvertedLoad,
    outcomes: Map<string, LoadOutcome | HeldUpLoad>,
  ): Promise<void> {
    const { loadId } = load;
    try {
      await this.#loadOpen([load], outcomes);
    } catch (error) {
      if (!mayBeOfOneLoad(error)) throw error;
      outcomes.set(loadId, { loadId, status: 'held_up', error });
    }
  }

  /** Loads those that have no outcome yet, with new attempts where a connection or another transaction is in the way. */
  async #loadOpen(
    group: readonly ConvertedLoad[],
    outcomes: Map<string, LoadOutcome | HeldUpLoad>,
  ): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const connection = await this.#slot.take();
        const target = await this.#prepare(connection);
        const open = group.filter(({ loadId }) => !outcomes.has(loadId));
        await this.#loadGroup(connection, target, open, outcomes);
        return;
      } catch (error) {
        if (attempt === ATTEMPTS_MAX || !this.#mayRetryNow(error)) {
          // MariaDB looks at a user's rights on a database only when a session enters it.
          this.#slot.renew();
          throw this.#hopperError(
            error,
            `Loading ${nameOf(group)} into table ${this.#dataset.table.name}`,
          );
        }
      }
    }
  }

  /**
   * Creates the ledger and the table where they are missing and compares the table where it is there. Remembered once it
   * succeeded, until a statement shows that the table may have changed.
   */
  async #prepare(connection: DatabaseConnection): Promise<LoadTarget> {
    if (this.#target !== null) return this.#target;
    const { target, warnings } = await prepareTable(connection, this.#dataset);
    for (const { message, hint } of warnings) {
      this.#notice(`Table ${target.table}: ${message}.`, hint);
    }
    this.#target = target;
    return target;
  }

  /**
   * Loads what the ledger does not have, all or nothing; where rows are refused, each load on its own. Each outcome is
   * entered as soon as it is certain, so that what is tried again after an error is not taken for a load of before.
   */
  async #loadGroup(
    connection: DatabaseConnection,
    target: LoadTarget,
    group: readonly ConvertedLoad[],
    outcomes: Map<string, LoadOutcome | HeldUpLoad>,
  ): Promise<void> {
    const [first] = group;
    if (first === undefined) return;
    const method = await this.#writeMethod(connection);
    const { write } = this.#dataset;
    const result = await loadInTransaction(connection, target, group, method, write);
    switch (result.kind) {
      case 'committed': {
        const { replaced } = result;
        for (const { loadId } of group)
          outcomes.set(loadId, {
            loadId,
            status: 'loaded',
            ...(replaced.length > 0 ? { replaced } : {}),
          });
        return;
      }
      case 'duplicate': {
        const ids = group.map(({ loadId }) => loadId);
        const loaded = await findLoaded(connection, ids);
        // A duplicate that is gone again was taken back in between: a lost race, not an error.
        if (loaded.size === 0) throw new StatementError(DEADLOCK, 'LEDGER_ROW_GONE', '');
        for (const loadId of loaded) outcomes.set(loadId, { loadId, status: 'already_loaded' });
        const rest = group.filter(({ loadId }) => !loaded.has(loadId));
        return this.#loadGroup(connection, target, rest, outcomes);
      }
      case 'refused':
        if (group.length === 1) {
          // Where the table was altered after it was compared, the file is not at fault: this throws table_mismatch then.
          this.#target = null;
          await this.#prepare(connection);
          const problems = [
            ...refusedRows(this.#dataset, result.messages),
            ...repeatedKeyProblems(this.#dataset, result.repeated),
          ];
          outcomes.set(first.loadId, { loadId: first.loadId, status: 'refused', problems });
          return;
        }
        for (const load of group) await this.#loadGroup(connection, target, [load], outcomes);
    }
  }

  async #writeMethod(connection: DatabaseConnection): Promise<WriteMethod> {
    if (connection === this.#allowedOn && !this.#localInfileForbidden) return { kind: 'load_data' };
    const [row] = await connection.rows(
      'SELECT @@local_infile AS allowed, @@max_allowed_packet AS packet',
    );
    if (Number(row?.['allowed']) === 1 && !this.#localInfileForbidden) {
      this.#allowedOn = connection;
      return { kind: 'load_data' };
    }
    this.#notice(
      'The server forbids LOAD DATA LOCAL INFILE; rows are inserted instead, which takes about three times as long.',
      'Allow it: SET GLOBAL local_infile = 1, and local_infile = 1 in the server configuration.',
    );
    return { kind: 'insert', maxAllowedPacket: Number(row?.['packet']) };
  }

  /** Whether to try again without waiting, and what to do otherwise then. */
  #mayRetryNow(error: unknown): boolean {
    if (!(error instanceof StatementError)) return false;
    switch (serverErrorMeaning(error.errno)) {
      case 'try_again':
        return true;
      case 'table_changed':
        this.#target = null;
        return true;
      case 'local_infile_forbidden':
        this.#localInfileForbidden = true;
        return true;
      case 'content':
      case 'load_file':
      case 'harmless':
      case 'environment':
        return false;
    }
  }

  #hopperError(error: unknown, what: string): unknown {
    if (!(error instanceof StatementError)) return error;
    if (serverErrorMeaning(error.errno) !== 'load_file') return databaseError(error, what);
    return new HopperError('load_file_unusable', {
      message: `${what} failed: a line of a load file has another number of values than the table's columns.`,
      details: { errno: error.errno },
    });
  }

  #notice(message: string, hint: string): void {
    if (this.#noticed.has(message)) return;
    this.#noticed.add(message);
    this.#onNotice(message, hint);
  }
}

function nameOf(group: readonly ConvertedLoad[]): string {
  const [first] = group;
  return first !== undefined && group.length === 1 ? first.file : `${group.length} files`;
}
