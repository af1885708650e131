import type { ConvertedLoad, LoadFile } from '../core/load.ts';
import type { Dataset } from '../schema/dataset.ts';
import type { DatabaseConnection } from './connection.ts';
import { insertLedgerRows } from './insert-ledger-rows.ts';
import type { LoadTarget, ServerMessage } from './load-target.ts';
import { lineEnds, readLoadFiles } from './read-load-files.ts';
import { refusedRowProblems } from './refused-rows.ts';
import { beginTransaction, dropAfterwards } from './load-transaction.ts';
import { STAGING_TABLE } from './staging-table.ts';
import { StatementError } from './statement-error.ts';
import { takeOutFormer } from './take-out-former.ts';
import { writeRows, type WriteMethod } from './write-rows.ts';

const DUPLICATE_KEY = 1062;
const DEADLOCK = 1213;
/** Spec: MariaDB 10.11, ER_CHECK_NOT_IMPLEMENTED: a trigger, say, writes to a table whose engine has none. */
const NO_SAVEPOINT = 1178;

/**
 * Finds which rows of a load its table refuses, and gives them to the load's `refusals`, as many as it wants. Words of the server
 * do not tell: those on a key, a check or a foreign key name no row, and only so many are kept. So the rows are
 * written again in parts, each behind a savepoint; a part that is refused is taken back and halved. What was taken stays
 * until the end, so a row is held against exactly those before it that can be loaded: of two with one key the first is good, unless
 * that is refused for something else. All is rolled back. None are
 * found where the server cannot set savepoints. Throws a StatementError or HopperError, the connection destroyed; one that says
 * to try again where another transaction has loaded the load meanwhile.
 */
export async function findRefusedRows(
  connection: DatabaseConnection,
  target: LoadTarget,
  load: ConvertedLoad,
  method: WriteMethod,
  dataset: Dataset,
): Promise<void> {
  const { refusals } = load;
  if (refusals === undefined) return;
  const { mode } = dataset.write;
  refusals.begin();
  try {
    await beginTransaction(connection, target, mode);
    await insertLedgerRow(connection, target, load);
    if (mode === 'replace') await takeOutFormer(connection, target, load);
    // Of what is refused on the way from the staging table into the table the server names no row of the file.
    const into = mode === 'upsert' ? { ...target, table: STAGING_TABLE, hasLoadId: false } : target;
    let left = refusals.rowsMax;
    const search = new RefusedRowsSearch(connection, into, load, method, (row, messages) => {
      refusals.add(row, refusedRowProblems(dataset, target, messages));
      return --left > 0;
    });
    await search.run();
    await connection.execute('ROLLBACK');
    if (mode === 'upsert') await dropAfterwards(connection);
  } catch (error) {
    // The server rolls back when the connection ends, whatever state the statement left it in.
    connection.destroy();
    if (!(error instanceof StatementError) || error.errno !== NO_SAVEPOINT) throw error;
    refusals.begin();
  }
}

async function insertLedgerRow(
  connection: DatabaseConnection,
  { table }: LoadTarget,
  load: ConvertedLoad,
): Promise<void> {
  try {
    await insertLedgerRows(connection, table, [load]);
  } catch (error) {
    if (!(error instanceof StatementError) || error.errno !== DUPLICATE_KEY) throw error;
    throw new StatementError(DEADLOCK, 'LEDGER_ROW_THERE', '');
  }
}

/**
 * Parts of up to so many rows are inserted: LOAD DATA takes four trips to the server and back where a part is refused, INSERT two.
 * Both refuse the same rows.
 */
const INSERT_ROWS_MAX = 64;
/** Of longer ones a single row may be too much for a packet of the server. */
const INSERT_BYTES_MAX = 1 << 16;

/** Told of each row that is refused; false where no more are wanted. */
type OnRefused = (row: number, messages: ServerMessage[]) => boolean;

class RefusedRowsSearch {
  readonly #connection: DatabaseConnection;
  readonly #target: LoadTarget;
  readonly #load: ConvertedLoad;
  readonly #method: WriteMethod;
  readonly #onRefused: OnRefused;
  /** Lines of the load files, where each ends, and the place of the first. */
  #block: Buffer = Buffer.alloc(0);
  #ends: readonly number[] = [];
  #firstRow = 0;
  #isOver = false;
  /** Whether nothing has been written since the last savepoint, or it has been taken back. */
  #isSaved = false;
  #insert: WriteMethod = { kind: 'insert', maxAllowedPacket: 0 };

  constructor(
    connection: DatabaseConnection,
    target: LoadTarget,
    load: ConvertedLoad,
    method: WriteMethod,
    onRefused: OnRefused,
  ) {
    this.#connection = connection;
    this.#target = target;
    this.#load = load;
    this.#method = method;
    this.#onRefused = onRefused;
  }

  async run(): Promise<void> {
    const [row] = await this.#connection.rows('SELECT @@max_allowed_packet AS packet');
    this.#insert = { kind: 'insert', maxAllowedPacket: Number(row?.['packet']) };
    let rowsMax = Infinity;
    for await (const block of readLoadFiles(this.#load)) {
      this.#block = block;
      this.#ends = lineEnds(block);
      for (let from = 0; from < this.#ends.length;) {
        const to = Math.min(this.#ends.length, from + rowsMax);
        const found = await this.#search(from, to, false);
        if (this.#isOver) return;
        // Where many are refused, parts of about as many rows as there is one of them in.
        rowsMax = found === 0 ? (to - from) * 2 : Math.ceil((to - from) / (found + 1));
        from = to;
      }
      this.#firstRow += this.#ends.length;
    }
  }

  /** Writes the rows [from, to) but for those that are refused, and returns how many these are. `isRefused`: known to have some. */
  async #search(from: number, to: number, isRefused: boolean): Promise<number> {
    if (!isRefused || to - from === 1) {
      const messages = await this.#write(from, to);
      if (messages.length === 0) return 0;
      if (to - from === 1) {
        this.#isOver = !this.#onRefused(this.#firstRow + from, messages);
        return 1;
      }
    }
    const middle = (from + to) >> 1;
    const found = await this.#search(from, middle, false);
    if (this.#isOver) return found;
    return found + (await this.#search(middle, to, found === 0));
  }

  /** Writes these rows, all or none; returns what the server says against them. */
  async #write(from: number, to: number): Promise<ServerMessage[]> {
    const content = this.#block.subarray(this.#ends[from - 1] ?? 0, this.#ends[to - 1]);
    const rows = to - from;
    const loadFile: LoadFile = { path: '', content, bytes: content.length, rows };
    const part = { ...this.#load, rowsAccepted: rows, loadFiles: [loadFile] };
    if (!this.#isSaved) await this.#connection.execute('SAVEPOINT csv_hopper_part');
    const isSmall = rows <= INSERT_ROWS_MAX && content.length < INSERT_BYTES_MAX;
    const method = isSmall ? this.#insert : this.#method;
    const messages = await writeRows(this.#connection, this.#target, [part], method);
    this.#isSaved = messages.length > 0;
    if (this.#isSaved) await this.#connection.execute('ROLLBACK TO SAVEPOINT csv_hopper_part');
    return messages;
  }
}
