/** The code of a server that asks for a file which it was not offered. */
export const FILE_REQUESTED = 'FILE_REQUESTED';

/**
 * A statement or a connection that failed. Its message names the server's error by number and symbol only: the server's
 * own words may quote a cell, and the statement may hold whole rows, so neither is kept where a logger would find it.
 */
export class StatementError extends Error {
  override readonly name = 'StatementError';
  /** The server's error number; 0 where the connection failed instead. */
  readonly errno: number;
  /** The server's symbol (`ER_DUP_ENTRY`) or the system's (`ECONNREFUSED`), or `TIMEOUT`. */
  readonly code: string;
  readonly #serverText: string;

  constructor(errno: number, code: string, serverText: string) {
    super(
      errno === 0
        ? `The connection failed (${code}).`
        : `The server answered error ${errno} (${code}).`,
    );
    this.errno = errno;
    this.code = code;
    this.#serverText = serverText;
  }

  /** The server's own words, which may quote a cell. */
  serverText(): string {
    return this.#serverText;
  }
}

/** What mysql2 rejects with, taken down to what may be kept. */
export function statementError(error: unknown): StatementError {
  if (error instanceof StatementError) return error;
  const { errno, code } = error as { errno?: unknown; code?: unknown };
  const message = error instanceof Error ? error.message : '';
  // System errors bear a negative errno. Those of the server begin at 1000, but for a few of a table's engine, such as 167.
  const number = typeof errno === 'number' && errno > 0 ? errno : 0;
  return new StatementError(number, typeof code === 'string' ? code : 'UNKNOWN', message);
}
