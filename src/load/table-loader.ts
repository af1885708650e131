import { counted } from '../core/counted.ts';
import type { DatabaseConfig } from '../config/config.ts';
import type { ConvertedLoad, EarlyLoad } from '../core/load.ts';
import type { Problem } from '../core/problem.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { Dataset } from '../schema/dataset.ts';
import type { DatabaseConnection } from './connection.ts';
import type { ConnectionSlot } from './connection-slot.ts';
import { findLoaded } from './find-loaded.ts';
import { findRefusedRows } from './find-refused-rows.ts';
import { KnownTable } from './known-table.ts';
import { Lanes } from './lanes.ts';
import { loadAhead } from './load-ahead.ts';
import { loadEarly } from './load-early.ts';
import type { LoadTarget } from './load-target.ts';
import { loadInTransaction } from './load-transaction.ts';
import { refusedRows } from './refused-rows.ts';
import { repeatedKeyProblems } from './repeated-keys.ts';
import { databaseError, mayBeOfOneLoad, serverErrorMeaning } from './server-error.ts';
import { StatementError } from './statement-error.ts';

export type LoadOutcome =
  /** `replaced`: load ids of former versions of the file whose rows went, where this attempt has taken any out. */
  | { loadId: string; status: 'loaded'; replaced?: string[] }
  | { loadId: string; status: 'already_loaded' }
  /** `fails`: no row may be left out for it, also where rows are diverted that a table refuses. */
  | { loadId: string; status: 'refused'; problems: Problem[]; fails?: boolean };

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
 * A load may be begun before its conversion ends, and a group before the group ahead of it is committed. That is an attempt like
 * others, and only one: whatever keeps it from being committed, load() then does the work, from `absent` or `undecided` as after
 * any lost connection.
 */
export class TableLoader {
  readonly #dataset: Dataset;
  readonly #table: KnownTable;
  readonly #lanes: Lanes;
  /** Settles when no early load is under way. */
  #early: Promise<unknown> = Promise.resolve();

  constructor(options: TableLoaderOptions) {
    this.#dataset = options.dataset;
    this.#table = new KnownTable(options.dataset, options.onNotice);
    this.#lanes = new Lanes(options.database);
  }

  /**
   * Loads a group, one call at a time; an empty one only has the table created or compared. Returns the outcome of each
   * load, in the group's order; those behind one that is refused and comes again are left as they are and have none. Throws a HopperError when the outcome of some is open, table_mismatch among them; the
   * same loads can then be handed over again, and so can those that are held_up.
   */
  load(
    group: readonly ConvertedLoad[],
    onRows: () => void = () => undefined,
  ): Promise<(LoadOutcome | HeldUpLoad)[]> {
    return this.#lanes.run(async (slot) => {
      const outcomes = new Map<string, LoadOutcome | HeldUpLoad>();
      try {
        await this.#loadOpen(slot, group, outcomes, onRows);
      } catch (error) {
        if (group.length < 2 || !mayBeOfOneLoad(error)) throw error;
        for (const load of group) {
          await this.#loadAlone(slot, load, outcomes);
          if (isWaitedFor(load, outcomes)) break;
        }
      }
      return group.flatMap(({ loadId }) => outcomes.get(loadId) ?? []);
    });
  }

  /**
   * Loads a group while one other call runs, for the group before it: its COMMIT waits until `earlier` resolves with true. Returns
   * null where nothing is committed; load() it then, in its turn. Throws as load() does where that is open.
   */
  loadAhead(
    group: readonly ConvertedLoad[],
    earlier: Promise<boolean>,
    onRows: () => void,
  ): Promise<LoadOutcome[] | null> {
    return this.#lanes.run(async (slot) => {
      const { target } = this.#table;
      if (target === null) return null;
      try {
        const connection = await this.#connectionAhead(slot);
        if (connection === null) return null;
        if (!(await loadAhead(connection, target, group, earlier, onRows))) return null;
        return group.map(({ loadId }) => ({ loadId, status: 'loaded' }));
      } catch (error) {
        throw this.#hopperError(error, this.#loading(group));
      }
    });
  }

  /**
   * Loads one whose source is still being converted, while no other call runs; an abort of the signal rolls it back. Returns
   * null where nothing of it is committed, or where that is open: load() it then, when it is converted.
   */
  loadEarly(load: EarlyLoad, signal: AbortSignal): Promise<LoadOutcome | null> {
    const loading = this.#lanes.run((slot) => this.#tryEarly(slot, load, signal));
    this.#early = Promise.allSettled([loading]);
    return loading;
  }

  /** Closes the connections in good order. Not while load() runs: abort() is for that. */
  async close(): Promise<void> {
    await this.#early;
    await this.#lanes.close();
  }

  /** Drops the connections at once. A load that runs throws; its outcome is for the next start to find out. */
  abort(): void {
    this.#lanes.abort();
  }

  /** Null where what is the matter is for load() to find out, or to tell. */
  async #connectionAhead(slot: ConnectionSlot): Promise<DatabaseConnection | null> {
    try {
      const connection = await slot.take();
      const { kind } = await this.#table.writeMethod(connection);
      return kind === 'load_data' ? connection : null;
    } catch (error) {
      if (!(error instanceof StatementError)) throw error;
      slot.renew();
      return null;
    }
  }

  async #tryEarly(
    slot: ConnectionSlot,
    load: EarlyLoad,
    signal: AbortSignal,
  ): Promise<LoadOutcome | null> {
    const cut = (): void => {
      slot.renew();
    };
    signal.addEventListener('abort', cut);
    try {
      const connection = await slot.take();
      const target = await this.#table.prepare(connection);
      const { kind } = await this.#table.writeMethod(connection);
      if (kind !== 'load_data' || !(await this.#table.mayCompleteLedger(connection))) return null;
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

  async #loadAlone(
    slot: ConnectionSlot,
    load: ConvertedLoad,
    outcomes: Map<string, LoadOutcome | HeldUpLoad>,
  ): Promise<void> {
    const { loadId } = load;
    try {
      await this.#loadOpen(slot, [load], outcomes);
    } catch (error) {
      if (!mayBeOfOneLoad(error)) throw error;
      outcomes.set(loadId, { loadId, status: 'held_up', error });
    }
  }

  /** Loads those that have no outcome yet, with new attempts where a connection or another transaction is in the way. */
  async #loadOpen(
    slot: ConnectionSlot,
    group: readonly ConvertedLoad[],
    outcomes: Map<string, LoadOutcome | HeldUpLoad>,
    onRows: () => void = () => undefined,
  ): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const connection = await slot.take();
        const target = await this.#table.prepare(connection);
        const open = group.filter(({ loadId }) => !outcomes.has(loadId));
        await this.#loadGroup(connection, target, open, outcomes, onRows);
        return;
      } catch (error) {
        if (attempt === ATTEMPTS_MAX || !this.#table.mayRetryNow(error)) {
          // MariaDB looks at a user's rights on a database only when a session enters it.
          slot.renew();
          throw this.#hopperError(error, this.#loading(group));
        }
      }
    }
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
    onRows: () => void,
  ): Promise<void> {
    const [first] = group;
    if (first === undefined) return;
    const method = await this.#table.writeMethod(connection);
    const { write } = this.#dataset;
    const result = await loadInTransaction(connection, target, group, method, write, onRows);
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
        return this.#loadGroup(connection, target, rest, outcomes, onRows);
      }
      case 'refused':
        if (group.length === 1) {
          // Where the table was altered after it was compared, the file is not at fault: this throws table_mismatch then.
          this.#table.forget();
          const compared = await this.#table.prepare(connection);
          if (result.messages.length > 0)
            await findRefusedRows(connection, compared, first, method, this.#dataset);
          const problems = [
            ...refusedRows(this.#dataset, result.messages),
            ...repeatedKeyProblems(this.#dataset, result.repeated, first.refusals),
          ];
          const fails = result.repeated.length > 0;
          outcomes.set(first.loadId, { loadId: first.loadId, status: 'refused', problems, fails });
          return;
        }
        for (const load of group) {
          await this.#loadGroup(connection, target, [load], outcomes, () => undefined);
          if (isWaitedFor(load, outcomes)) return;
        }
    }
  }

  #loading(group: readonly ConvertedLoad[]): string {
    const [first] = group;
    const what =
      first !== undefined && group.length === 1 ? first.file : counted(group.length, 'file');
    return `Loading ${what} into table ${this.#dataset.table.name}`;
  }

  #hopperError(error: unknown, what: string): unknown {
    if (!(error instanceof StatementError)) return error;
    if (serverErrorMeaning(error.errno) !== 'load_file') return databaseError(error, what);
    return new HopperError('load_file_unusable', {
      message: `${what} failed: a line of a load file has another number of values than the table's columns.`,
      details: { errno: error.errno },
    });
  }
}

/** Whether a load goes before those behind it once more: they might take its keys. */
function isWaitedFor(
  { loadId, comesAgain }: ConvertedLoad,
  outcomes: ReadonlyMap<string, LoadOutcome | HeldUpLoad>,
): boolean {
  return comesAgain === true && outcomes.get(loadId)?.status === 'refused';
}
