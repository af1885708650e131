import { LOAD_ID_COLUMN } from '../schema/column-name.ts';
import type { DatabaseConnection } from './connection.ts';
import { sqlLiteral, sqlRow, statementBytesMax } from './insert-rows.ts';
import { keepWarnings } from './keep-warnings.ts';
import { showWarnings, type LoadTarget, type ServerMessage } from './load-target.ts';
import { quoteIdentifier } from './quote-identifier.ts';
import type { RowSieve, SievedRow } from './row-sieve.ts';
import { serverErrorMeaning } from './server-error.ts';
import { StatementError } from './statement-error.ts';

/** The session's limit on warnings, which is 64 as servers come; each row may have one. */
const WARNINGS_MAX = 65_535;

const VARIABLE = '@csv_hopper_row';

/**
 * Tells in one statement which of many rows a table refuses for a key, a check or a foreign key. INSERT IGNORE passes over such a row
 * with one warning and goes on, so each row is held against those before it that are taken. Which rows were passed over is sure where
 * every row was, and where a server says which it took (INSERT ... RETURNING, MariaDB from 10.5 on). Warnings come in the order of
 * the rows. A value that does not fit is changed by IGNORE, with a warning: then there are more warnings than rows passed over, and
 * nothing is told.
 */
export class InsertedRowSieve implements RowSieve {
  readonly #connection: DatabaseConnection;
  readonly #target: LoadTarget;
  readonly #loadId: string;
  readonly #statementBytesMax: number;
  readonly #returns: boolean;
  readonly #formerWarningsMax: number;
  /** Of the last row that was marked: no two have the same number, so a number of an earlier statement is known as such. */
  #lastMark = 0;

  private constructor(
    connection: DatabaseConnection,
    target: LoadTarget,
    loadId: string,
    settings: Record<string, unknown>,
  ) {
    this.#connection = connection;
    this.#target = target;
    this.#loadId = loadId;
    this.#statementBytesMax = statementBytesMax(Number(settings['packet']));
    this.#returns = hasReturning(String(settings['version']));
    this.#formerWarningsMax = Number(settings['warnings']);
  }

  static async open(
    connection: DatabaseConnection,
    target: LoadTarget,
    loadId: string,
  ): Promise<InsertedRowSieve> {
    const [settings = {}] = await connection.rows(
      'SELECT VERSION() AS version, @@max_allowed_packet AS packet, @@max_error_count AS warnings',
    );
    await keepWarnings(connection, WARNINGS_MAX);
    // What is not set before a statement is NULL throughout it.
    await connection.execute(`SET ${VARIABLE} = 0`);
    return new InsertedRowSieve(connection, target, loadId, settings);
  }

  async close(): Promise<void> {
    await keepWarnings(this.#connection, this.#formerWarningsMax);
  }

  async refusedOf(lines: readonly string[]): Promise<SievedRow[] | null> {
    const sql = this.#statement(lines);
    if (Buffer.byteLength(sql) > this.#statementBytesMax) return null;
    try {
      const taken = this.#returns ? await this.#takenOf(sql, lines.length) : await this.#all(sql);
      if (taken === null) return null;
      const messages = await showWarnings(this.#connection, 0);
      return pairs(lines.length, taken, messages);
    } catch (error) {
      // A view, a missing right, a trigger that raises an error: the rows are then written as they are loaded.
      if (error instanceof StatementError && error.errno !== 0) {
        if (serverErrorMeaning(error.errno) !== 'try_again') return null;
      }
      throw error;
    }
  }

  #statement(lines: readonly string[]): string {
    const { table, columns, hasLoadId } = this.#target;
    const names = hasLoadId ? [...columns, LOAD_ID_COLUMN] : columns;
    const rows = lines.map((line) => sqlRow(line, hasLoadId ? this.#loadId : null));
    const values = this.#returns ? rows.map((row, at) => this.#marked(row, lines[at] ?? '')) : rows;
    return (
      `INSERT IGNORE INTO ${quoteIdentifier(table)} (${names.map(quoteIdentifier).join(', ')})` +
      ` VALUES ${values.join(',')}${this.#returns ? ` RETURNING ${VARIABLE} AS mark` : ''}`
    );
  }

  /** The row's first value sets the variable, and is the same value. */
  #marked(row: string, line: string): string {
    const [field = ''] = line.split('\t', 1);
    const first = sqlLiteral(field);
    const others = row.slice(1 + first.length);
    return `(IF((${VARIABLE} := ${++this.#lastMark}) > 0, ${first}, NULL)${others}`;
  }

  /** Places of the rows that were taken. */
  async #takenOf(sql: string, rows: number): Promise<ReadonlySet<number> | null> {
    const first = this.#lastMark - rows + 1;
    const found = await this.#connection.rows(sql);
    const taken = new Set(found.map(({ mark }) => Number(mark) - first));
    const areOurs = [...taken].every((row) => Number.isInteger(row) && row >= 0 && row < rows);
    return areOurs && taken.size === found.length ? taken : null;
  }

  /** Null unless none was. */
  async #all(sql: string): Promise<ReadonlySet<number> | null> {
    const { affectedRows } = await this.#connection.execute(sql);
    return affectedRows === 0 ? new Set() : null;
  }
}

/** Each row that was not taken with its warning; null unless each has exactly one, and no other row has any. */
function pairs(
  rows: number,
  taken: ReadonlySet<number>,
  messages: readonly ServerMessage[],
): SievedRow[] | null {
  const isContent = messages.every(({ errno }) => serverErrorMeaning(errno) === 'content');
  if (!isContent || messages.length !== rows - taken.size) return null;
  const refused: SievedRow[] = [];
  for (let row = 0; row < rows; row++) {
    const message = messages[refused.length];
    if (!taken.has(row) && message !== undefined) refused.push({ row, message });
  }
  return refused;
}

/** Spec: MariaDB 10.5.0 release notes. MySQL has none. */
function hasReturning(version: string): boolean {
  const [, major, minor] = /(\d+)\.(\d+)\.\d+-MariaDB/.exec(version) ?? [];
  return major !== undefined && (Number(major) > 10 || Number(minor) >= 5);
}
