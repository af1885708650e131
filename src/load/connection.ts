import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import mysql, {
  type Connection,
  type QueryError,
  type ResultSetHeader,
  type RowDataPacket,
} from 'mysql2';
import type { DatabaseConfig } from '../config/config.ts';
import { FILE_REQUESTED, StatementError, statementError } from './statement-error.ts';
import { keepWarnings } from './keep-warnings.ts';
import { setSessionSql, WARNINGS_KEPT } from './set-session.ts';

/** What a statement that writes reports: rows written, and warnings (0 to 65535) that SHOW WARNINGS explains. */
export interface StatementResult {
  affectedRows: number;
  warningCount: number;
}

/**
 * What mysql2 (3.24) keeps of a query to itself. It leaves its listeners on the socket where the server answers a LOAD DATA with an
 * error, each with the stream that was sent: a search for refused rows may meet thousands of those on one connection.
 */
interface QueryInside {
  _unpipeStream: () => void;
}

/** How far a statement is. */
interface Progress {
  /** Sent so far. */
  bytes: number;
  /** Whether the server has been sent all that there is, and waits for more. */
  oursToMove: boolean;
}

/** Of a statement that was sent whole. */
const answerAwaited: Progress = { bytes: 0, oursToMove: false };

/** The longest wait for a server's goodbye. No transaction is open then, so there is no outcome to wait for. */
const GOODBYE_MS_MAX = 1000;

type Callback<T> = (error: QueryError | null, result: T) => void;

/**
 * One connection to the server. In: SQL text, or SQL text with a stream for LOAD DATA LOCAL. Out: results, or a
 * StatementError. Guarantees that each call ends: mysql2 has no timeout of its own for a statement, and its destroy()
 * waits for a server that has stopped, so the socket is held here and destroyed when an answer does not come in time.
 * After that the outcome of the statement is unknown.
 */
export class DatabaseConnection {
  readonly #connection: Connection;
  readonly #socket: Socket;
  readonly #timeoutMs: number;

  private constructor(connection: Connection, socket: Socket, timeoutMs: number) {
    this.#connection = connection;
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
  }

  /** Connects and sets the session up. `onSocket` gets the socket at once, so that an attempt can be cut off. */
  static async open(
    database: DatabaseConfig,
    onSocket: (socket: Socket) => void,
  ): Promise<DatabaseConnection> {
    const socket = connect(database.port, database.host);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    onSocket(socket);
    const { tls } = database;
    const connection = mysql.createConnection({
      stream: () => socket,
      // Not connected to, but what a certificate must prove.
      host: database.host,
      ...(tls === null
        ? {}
        : {
            ssl: {
              ...(tls.ca === null ? {} : { ca: tls.ca }),
              ...{ rejectUnauthorized: true, verifyIdentity: true, minVersion: 'TLSv1.2' },
            },
          }),
      user: database.user,
      password: database.password,
      database: database.database,
      connectTimeout: database.connectTimeoutMs,
      charset: 'utf8mb4',
      supportBigNumbers: true,
      bigNumberStrings: false,
      dateStrings: true,
    });
    // Every failure reaches the statement that runs; between statements the destroyed socket says it.
    connection.on('error', () => {
      socket.destroy();
    });
    const opened = new DatabaseConnection(connection, socket, database.queryTimeoutMs);
    try {
      await new Promise<void>((resolve, reject) => {
        connection.connect((error) => {
          if (error === null) resolve();
          else reject(statementError(error));
        });
      });
      for (const sql of setSessionSql(database.queryTimeoutMs)) await opened.execute(sql);
      await keepWarnings(opened, WARNINGS_KEPT);
      return opened;
    } catch (error) {
      opened.destroy();
      throw error;
    }
  }

  /** The longest that a statement may take which goes through so many rows, a thousand a second at least. */
  timeoutFor(rows: number): number {
    return this.#timeoutMs + rows;
  }

  get usable(): boolean {
    return !this.#socket.destroyed && this.#socket.writable && this.#socket.readable;
  }

  /** Runs a statement that returns no rows. `timeoutMs`: where it may take longer than others. */
  async execute(
    sql: string,
    values: readonly unknown[] = [],
    timeoutMs = this.#timeoutMs,
  ): Promise<StatementResult> {
    const header = await this.#ask<ResultSetHeader>(sql, values, timeoutMs);
    return { affectedRows: header.affectedRows, warningCount: header.warningStatus };
  }

  async rows(
    sql: string,
    values: readonly unknown[] = [],
    timeoutMs = this.#timeoutMs,
  ): Promise<Record<string, unknown>[]> {
    return this.#ask<RowDataPacket[]>(sql, values, timeoutMs);
  }

  /**
   * Runs LOAD DATA LOCAL with the stream as its file. Where the stream fails the server takes what came before for the
   * whole file; the stream's error is thrown, and the caller rolls back. The timeout counts time in which no
   * bytes moved, except where the server has asked for the file, and the stream has nothing to give yet.
   */
  async upload(sql: string, source: Readable): Promise<StatementResult> {
    const sourceErrors: Error[] = [];
    source.on('error', (error: Error) => sourceErrors.push(error));
    let asked = false;
    const infileStreamFactory = (): Readable => {
      asked = true;
      return source;
    };
    let query: Partial<QueryInside> | undefined;
    try {
      const header = await this.#run<ResultSetHeader>(
        (callback) => {
          query = this.#connection.query({ sql, infileStreamFactory }, callback) as object;
        },
        () => ({
          bytes: this.#socket.bytesWritten,
          // A stream that has failed is destroyed; the server is told of its end all the same.
          oursToMove:
            asked &&
            !source.readableEnded &&
            !source.destroyed &&
            this.#socket.writableLength === 0,
        }),
      );
      return { affectedRows: header.affectedRows, warningCount: header.warningStatus };
    } catch (error) {
      throw sourceErrors[0] ?? error;
    } finally {
      query?._unpipeStream?.();
      source.destroy();
    }
  }

  /** Says goodbye to the server and waits until the socket is closed, for a second at most. */
  async close(): Promise<void> {
    if (!this.usable) return;
    const closed = new Promise<void>((resolve) =>
      this.#socket.once('close', () => {
        resolve();
      }),
    );
    const limit = setTimeout(
      () => {
        this.destroy();
      },
      Math.min(GOODBYE_MS_MAX, this.#timeoutMs),
    );
    this.#connection.end();
    await closed;
    clearTimeout(limit);
  }

  /** Drops the connection at once; a statement that runs fails, its outcome unknown. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** A statement to which a server must not answer by asking for a file. */
  async #ask<T extends ResultSetHeader | RowDataPacket[]>(
    sql: string,
    values: readonly unknown[],
    timeoutMs: number,
  ): Promise<T> {
    const infileStreamFactory = (): Readable => new Readable().destroy(fileRequested());
    const options = { sql, values: [...values], infileStreamFactory };
    try {
      return await this.#run<T>(
        (callback) => this.#connection.query(options, callback),
        () => answerAwaited,
        timeoutMs,
      );
    } catch (error) {
      if (error instanceof StatementError && error.code === FILE_REQUESTED) this.destroy();
      throw error;
    }
  }

  #run<T>(
    start: (callback: Callback<T>) => unknown,
    progress: () => Progress,
    timeoutMs = this.#timeoutMs,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.usable) {
        reject(new StatementError(0, 'PROTOCOL_CONNECTION_LOST', 'The connection is closed.'));
        return;
      }
      let seen = progress().bytes;
      const look = (): void => {
        const { bytes, oursToMove } = progress();
        if (bytes !== seen || oursToMove) {
          seen = bytes;
          timer = setTimeout(look, timeoutMs);
          return;
        }
        reject(new StatementError(0, 'TIMEOUT', ''));
        this.destroy();
      };
      let timer = setTimeout(look, timeoutMs);
      start((error, result) => {
        clearTimeout(timer);
        if (error === null) resolve(result);
        else reject(statementError(error));
      });
    });
  }
}

/** Of a server that is not what it seems: no statement but LOAD DATA LOCAL has a file to be asked for. */
function fileRequested(): StatementError {
  const text = 'The server asked for a file that it was not offered; none was read.';
  return new StatementError(0, FILE_REQUESTED, text);
}
