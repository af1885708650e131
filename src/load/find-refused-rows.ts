import type { ConvertedLoad } from '../core/load.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { Dataset, WriteMode } from '../schema/dataset.ts';
import type { DatabaseConnection } from './connection.ts';
import { insertLedgerRows } from './insert-ledger-rows.ts';
import { beginTransaction, dropAfterwards } from './load-transaction.ts';
import type { LoadTarget, ServerMessage } from './load-target.ts';
import { refusedRowProblems } from './refused-rows.ts';
import { RefusedRowsSearch, type WritePart } from './refused-rows-search.ts';
import type { RowSieve } from './row-sieve.ts';
import { InsertedRowSieve } from './sieve-inserted-rows.ts';
import { KeyedRowSieve } from './sieve-keyed-rows.ts';
import { ordinalColumn, STAGING_TABLE } from './staging-table.ts';
import { StatementError } from './statement-error.ts';
import { takeOutFormer } from './take-out-former.ts';
import { takeStaged } from './upsert-rows.ts';
import { writeRows, type WriteMethod } from './write-rows.ts';

const DUPLICATE_KEY = 1062;
const DEADLOCK = 1213;
/** Spec: MariaDB 10.11, ER_CHECK_NOT_IMPLEMENTED: a trigger, say, writes to a table whose engine has none. */
const NO_SAVEPOINT = 1178;

/**
 * Finds which rows of a load its table refuses, and gives them to the load's `refusals`, as many as it wants. Words of the server
 * do not tell: those on a key, a check or a foreign key name no row, and only so many are kept. So the rows are
 * written again in parts, each behind a savepoint. What was taken stays
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
  const { write } = dataset;
  refusals.begin();
  try {
    const sieve = await openSieve(connection, target, load.loadId, write);
    const writePart = await partWriter(connection, target, method, write);
    await beginTransaction(connection, target, write.mode);
    await insertLedgerRow(connection, target, load);
    if (write.mode === 'replace') await takeOutFormer(connection, target, load);
    let left = refusals.rowsMax;
    const search = new RefusedRowsSearch(connection, load, writePart, sieve, (row, messages) => {
      refusals.add(row, refusedRowProblems(dataset, target, messages));
      return --left > 0;
    });
    await search.run();
    await connection.execute('ROLLBACK');
    await sieve?.close();
    if (write.mode === 'upsert') await dropAfterwards(connection);
  } catch (error) {
    // The server rolls back when the connection ends, whatever state the statement left it in.
    connection.destroy();
    if (!(error instanceof StatementError) || error.errno !== NO_SAVEPOINT) throw error;
    refusals.begin();
  }
}

function openSieve(
  connection: DatabaseConnection,
  target: LoadTarget,
  loadId: string,
  write: WriteMode,
): Promise<RowSieve | null> {
  if (write.mode !== 'upsert') return InsertedRowSieve.open(connection, target, loadId);
  return KeyedRowSieve.open(connection, { target, key: write.key, loadId });
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

async function partWriter(
  connection: DatabaseConnection,
  target: LoadTarget,
  method: WriteMethod,
  write: WriteMode,
): Promise<WritePart> {
  const [row] = await connection.rows('SELECT @@max_allowed_packet AS packet');
  const insert: WriteMethod = { kind: 'insert', maxAllowedPacket: Number(row?.['packet']) };
  const methodFor = ({ rowsAccepted, loadFiles }: ConvertedLoad): WriteMethod => {
    const bytes = loadFiles.reduce((sum, loadFile) => sum + loadFile.bytes, 0);
    return rowsAccepted <= INSERT_ROWS_MAX && bytes < INSERT_BYTES_MAX ? insert : method;
  };
  if (write.mode !== 'upsert')
    return (part) => writeRows(connection, target, [part], methodFor(part));
  const staging = { table: STAGING_TABLE, columns: target.columns, hasLoadId: false };
  const ordinal = ordinalColumn(target.columns);
  const last = `SELECT MAX(${ordinal}) AS last FROM ${STAGING_TABLE}`;
  // Rows of parts that were taken stay: deleted ones would be looked at by each statement until the transaction ends.
  let after = 0;
  return async (part) => {
    const messages = await writeRows(connection, staging, [part], methodFor(part));
    if (messages.length > 0) return messages;
    const { rowsAccepted, loadId } = part;
    const timeoutMs = connection.timeoutFor(rowsAccepted);
    const { key } = write;
    const where = `s.${ordinal} > ${after}`;
    const taken = await takeStaged(connection, { target, key, loadId, where }, timeoutMs);
    if (taken.messages.length > 0) return taken.messages;
    if (taken.updated + taken.inserted !== rowsAccepted) return [repeatsKey(target, part)];
    const [found] = await connection.rows(last);
    after = Number(found?.['last']);
    return [];
  };
}

/** What is said of a part in which rows have one key, which is no refusal of any of them: where they are parted, all are taken. */
function repeatsKey({ table }: LoadTarget, { rowsAccepted }: ConvertedLoad): ServerMessage {
  if (rowsAccepted > 1) return { errno: DUPLICATE_KEY, text: '', rowsBefore: 0 };
  throw new HopperError('load_count_mismatch', {
    message: `Table ${table} took another number of rows than the one that it was sent.`,
    details: { table, rowsAccepted },
  });
}
