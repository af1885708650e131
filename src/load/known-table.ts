import type { Dataset } from '../schema/dataset.ts';
import { mayCompleteLedgerRows } from './complete-ledger-row.ts';
import type { DatabaseConnection } from './connection.ts';
import { LEDGER_TABLE } from './create-ledger.ts';
import type { LoadTarget } from './load-target.ts';
import { prepareTable } from './prepare-table.ts';
import { serverErrorMeaning } from './server-error.ts';
import { StatementError } from './statement-error.ts';
import type { WriteMethod } from './write-rows.ts';

/**
 * What is known of a dataset's table and of its server: that the table is there and fits, and how rows may be sent. Each is
 * asked once, and again when a statement shows that it may have changed.
 */
export class KnownTable {
  readonly #dataset: Dataset;
  readonly #onNotice: (message: string, hint: string) => void;
  readonly #noticed = new Set<string>();
  #target: LoadTarget | null = null;
  #localInfileForbidden = false;
  /** On which LOAD DATA LOCAL was allowed: it is asked once, and a statement that fails tells of a change. */
  readonly #allowedOn = new WeakSet<DatabaseConnection>();

  /** `onNotice` is told once about each thing that works but should be changed. */
  constructor(dataset: Dataset, onNotice: (message: string, hint: string) => void) {
    this.#dataset = dataset;
    this.#onNotice = onNotice;
  }

  /** Null where it has to be prepared. */
  get target(): LoadTarget | null {
    return this.#target;
  }

  /** Creates the ledger and the table where they are missing and compares the table where it is there. */
  async prepare(connection: DatabaseConnection): Promise<LoadTarget> {
    if (this.#target !== null) return this.#target;
    const { target, warnings } = await prepareTable(connection, this.#dataset);
    for (const { message, hint } of warnings) {
      this.#notice(`Table ${target.table}: ${message}.`, hint);
    }
    this.#target = target;
    return target;
  }

  /** It may have been altered: prepare() compares it once more. */
  forget(): void {
    this.#target = null;
  }

  async writeMethod(connection: DatabaseConnection): Promise<WriteMethod> {
    if (this.#allowedOn.has(connection) && !this.#localInfileForbidden)
      return { kind: 'load_data' };
    const [row] = await connection.rows(
      'SELECT @@local_infile AS allowed, @@max_allowed_packet AS packet',
    );
    if (Number(row?.['allowed']) === 1 && !this.#localInfileForbidden) {
      this.#allowedOn.add(connection);
      return { kind: 'load_data' };
    }
    this.#notice(
      'The server forbids LOAD DATA LOCAL INFILE; rows are inserted instead, which takes about three times as long.',
      'Allow it: SET GLOBAL local_infile = 1, and local_infile = 1 in the server configuration.',
    );
    return { kind: 'insert', maxAllowedPacket: Number(row?.['packet']) };
  }

  async mayCompleteLedger(connection: DatabaseConnection): Promise<boolean> {
    if (await mayCompleteLedgerRows(connection)) return true;
    this.#notice(
      `The user may not update the table ${LEDGER_TABLE}; large files are loaded only when they are converted, which takes longer.`,
      `Grant the right: GRANT UPDATE ON <database>.${LEDGER_TABLE} TO the user.`,
    );
    return false;
  }

  /** Whether to try again without waiting after an error; what it tells of the table or the server is known from then on. */
  mayRetryNow(error: unknown): boolean {
    if (!(error instanceof StatementError)) return false;
    switch (serverErrorMeaning(error.errno)) {
      case 'try_again':
        return true;
      case 'table_changed':
        this.forget();
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

  #notice(message: string, hint: string): void {
    if (this.#noticed.has(message)) return;
    this.#noticed.add(message);
    this.#onNotice(message, hint);
  }
}
