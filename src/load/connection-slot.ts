import type { Socket } from 'node:net';
import type { DatabaseConfig } from '../config/config.ts';
import { DatabaseConnection } from './connection.ts';
import { IDLE_MS_MAX } from './set-session.ts';
import { StatementError } from './statement-error.ts';

/** Keeps one connection, and opens another when it is lost or was unused for so long that it may be. */
export class ConnectionSlot {
  readonly #database: DatabaseConfig;
  #connection: Promise<DatabaseConnection> | null = null;
  #socket: Socket | null = null;
  #usedAtMs = 0;
  #closed = false;

  constructor(database: DatabaseConfig) {
    this.#database = database;
  }

  /** A connection that was usable just now. Throws a StatementError. */
  async take(): Promise<DatabaseConnection> {
    for (;;) {
      if (this.#closed) throw new StatementError(0, 'CLOSED', 'csv-hopper is stopping.');
      const idle = performance.now() - this.#usedAtMs > IDLE_MS_MAX;
      this.#usedAtMs = performance.now();
      const kept = this.#connection;
      if (kept !== null && idle) (await kept).destroy();
      const current = (this.#connection ??= this.#open());
      const connection = await current;
      if (connection.usable) return connection;
      if (this.#connection === current) this.#connection = null;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#connection === null) return;
    const connection = await this.#connection;
    await connection.close();
  }

  /** The next one gets a new connection: what kept this one from working may be settled by then, such as a missing right. */
  renew(): void {
    this.#socket?.destroy();
  }

  /** Drops the connection, or the attempt to get one, at once. */
  abort(): void {
    this.#closed = true;
    this.#socket?.destroy();
  }

  #open(): Promise<DatabaseConnection> {
    const opening = DatabaseConnection.open(this.#database, (socket) => {
      this.#socket = socket;
    });
    opening.catch(() => {
      // Whoever waits for the connection gets the error; the next one tries anew.
      if (this.#connection === opening) this.#connection = null;
    });
    return opening;
  }
}
