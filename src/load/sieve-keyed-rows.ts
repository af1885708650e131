import type { DatabaseConnection } from './connection.ts';
import { insertLines, statementBytesMax } from './insert-rows.ts';
import type { LoadTarget } from './load-target.ts';
import { contentErrors, serverErrorMeaning } from './server-error.ts';
import type { RowSieve, SievedRow } from './row-sieve.ts';
import { ordinalColumn, STAGING_TABLE } from './staging-table.ts';
import { StatementError } from './statement-error.ts';
import { insertSql, updateSql, withoutPlace, type KeyedWrite } from './upsert-rows.ts';

/** Of one session, as the staging table is. */
const REFUSED_TABLE = 'csv_hopper_refused';

/**
 * Tells in two statements which of many rows a table refuses that they are written to by key. They are put into the staging table, and
 * the server itself then writes one after the other as a part of one row is written, going on behind an error that is one of the
 * row's content. So what is found, and in which order rows are held against one another, is the same as if each was sent for itself: 40,000
 * refused rows took 35 to 40 s so, a millisecond each. Any other error ends the statement, lest something is written behind
 * a transaction that the server has ended.
 */
export class KeyedRowSieve implements RowSieve {
  readonly #connection: DatabaseConnection;
  readonly #target: LoadTarget;
  readonly #statementBytesMax: number;
  readonly #writeOneByOne: string;

  private constructor(connection: DatabaseConnection, write: KeyedWrite, packet: number) {
    this.#connection = connection;
    this.#target = write.target;
    this.#statementBytesMax = statementBytesMax(packet);
    this.#writeOneByOne = oneByOneSql(write);
  }

  /** Null where the server cannot. Call it outside of a transaction, as it makes a table. */
  static async open(
    connection: DatabaseConnection,
    write: KeyedWrite,
  ): Promise<KeyedRowSieve | null> {
    const [settings = {}] = await connection.rows(
      'SELECT VERSION() AS version, @@max_allowed_packet AS packet',
    );
    // Spec: MariaDB 10.1.1 release notes, BEGIN NOT ATOMIC. MySQL has no compound statements outside of stored programs.
    const [, major, minor] = /(\d+)\.(\d+)\.\d+-MariaDB/.exec(String(settings['version'])) ?? [];
    if (major === undefined || (major === '10' && minor === '0')) return null;
    await connection.execute(
      `CREATE OR REPLACE TEMPORARY TABLE ${REFUSED_TABLE} (place INT NOT NULL PRIMARY KEY, errno INT NOT NULL,` +
        ' message TEXT CHARACTER SET utf8mb4) ENGINE=InnoDB',
    );
    return new KeyedRowSieve(connection, write, Number(settings['packet']));
  }

  async close(): Promise<void> {
    await this.#connection.execute(`DROP TEMPORARY TABLE IF EXISTS ${REFUSED_TABLE}`);
  }

  async refusedOf(lines: readonly string[]): Promise<SievedRow[] | null> {
    const { columns } = this.#target;
    const staging = { table: STAGING_TABLE, columns, hasLoadId: false };
    const sql = insertLines(staging, lines);
    if (Buffer.byteLength(sql) > this.#statementBytesMax) return null;
    const timeoutMs = this.#connection.timeoutFor(lines.length);
    try {
      const { warningCount } = await this.#connection.execute(sql);
      if (warningCount > 0) return null;
      await this.#connection.execute(this.#writeOneByOne, [], timeoutMs);
    } catch (error) {
      // A value that the staging table refuses too, or something that the block gave up for: the rows are then written as they are loaded.
      if (error instanceof StatementError && error.errno !== 0) {
        if (serverErrorMeaning(error.errno) !== 'try_again') return null;
      }
      throw error;
    }
    const found = await this.#connection.rows(
      `SELECT place, errno, message FROM ${REFUSED_TABLE} ORDER BY place`,
    );
    return found.map(({ place, errno, message }) => ({
      row: Number(place),
      message: withoutPlace({ errno: Number(errno), text: String(message), rowsBefore: 0 }),
    }));
  }
}

/**
 * Writes the rows that the last statement has put into the staging table, each by itself. A warning, and a row that is neither changed nor
 * added, raise an error: of these the block can tell nothing.
 */
function oneByOneSql({ target, key, loadId }: KeyedWrite): string {
  const ordinal = ordinalColumn(target.columns);
  const write = { target, key, loadId, where: `s.${ordinal} = csv_hopper_row` };
  return `BEGIN NOT ATOMIC
  DECLARE csv_hopper_row BIGINT UNSIGNED DEFAULT LAST_INSERT_ID();
  DECLARE csv_hopper_place, csv_hopper_taken, csv_hopper_warnings INT DEFAULT 0;
  WHILE csv_hopper_row IS NOT NULL DO
    BEGIN
      DECLARE EXIT HANDLER FOR SQLEXCEPTION
      BEGIN
        DECLARE csv_hopper_errno INT;
        DECLARE csv_hopper_text TEXT CHARACTER SET utf8mb4;
        GET DIAGNOSTICS CONDITION 1 csv_hopper_errno = MYSQL_ERRNO, csv_hopper_text = MESSAGE_TEXT;
        IF csv_hopper_errno NOT IN (${contentErrors.join(', ')}) THEN RESIGNAL; END IF;
        INSERT INTO ${REFUSED_TABLE} VALUES (csv_hopper_place, csv_hopper_errno, csv_hopper_text);
        SET csv_hopper_taken = 1;
      END;
      ${updateSql(write)};
      SET csv_hopper_taken = ROW_COUNT(), csv_hopper_warnings = @@warning_count;
      IF csv_hopper_taken = 0 THEN
        ${insertSql(write)};
        SET csv_hopper_taken = ROW_COUNT(), csv_hopper_warnings = csv_hopper_warnings + @@warning_count;
      END IF;
    END;
    IF csv_hopper_taken <> 1 OR csv_hopper_warnings > 0 THEN SIGNAL SQLSTATE '45000'; END IF;
    SET csv_hopper_place = csv_hopper_place + 1;
    SET csv_hopper_row = (SELECT MIN(${ordinal}) FROM ${STAGING_TABLE} WHERE ${ordinal} > csv_hopper_row);
  END WHILE;
END`;
}
