import { randomBytes } from 'node:crypto';
import type { DatabaseConfig } from '../../src/config/config.ts';
import type { RowsByLoad } from './exactly-once.ts';
import type { Mariadb } from './mariadb.ts';

/** An empty database of its own on a server that several tests share. */
export class TestDatabase {
  readonly name = `hopper_${randomBytes(4).toString('hex')}`;
  readonly #server: Mariadb;

  private constructor(server: Mariadb) {
    this.#server = server;
  }

  static async create(server: Mariadb): Promise<TestDatabase> {
    const database = new TestDatabase(server);
    await server.query(`CREATE DATABASE ${database.name} CHARACTER SET utf8mb4`);
    return database;
  }

  config(more: Partial<DatabaseConfig> = {}): DatabaseConfig {
    return { ...this.#server.rootConfig, database: this.name, ...more };
  }

  /** Runs a statement in which `$` in front of a table name stands for this database. */
  query(sql: string): Promise<Record<string, unknown>[]> {
    return this.#server.query(sql.replaceAll('$', () => `${this.name}.`));
  }

  /** For tests that make hundreds. */
  async drop(): Promise<void> {
    await this.#server.query(`DROP DATABASE ${this.name}`);
  }

  /** Rows in the table of a dataset. */
  tableRows(table: string): Promise<RowsByLoad> {
    return this.#rowsByLoad(
      `SELECT _load_id AS id, COUNT(*) AS n FROM $${table} GROUP BY _load_id`,
    );
  }

  /** Accepted rows as the ledger has them. */
  ledgerRows(dataset: string): Promise<RowsByLoad> {
    return this.#rowsByLoad(
      `SELECT load_id AS id, rows_accepted AS n FROM $csv_hopper_ledger WHERE dataset = '${dataset}'`,
    );
  }

  async #rowsByLoad(sql: string): Promise<RowsByLoad> {
    const rows = await this.query(sql);
    return Object.fromEntries(rows.map(({ id, n }) => [String(id), Number(n)]));
  }
}
