import type { ServerMessage } from './load-target.ts';

/** A row by its place in what was sieved, from 0 on, with what the server says against it. */
export interface SievedRow {
  row: number;
  message: ServerMessage;
}

/** Tells of many rows at a time which of them a table refuses, each held against those before it that it takes. */
export interface RowSieve {
  /**
   * The rows of these lines that the table refuses, in their order; null where that cannot be told. Whatever it writes the caller takes
   * back to a savepoint. Throws a StatementError where another transaction or the connection is in the way.
   */
  refusedOf(lines: readonly string[]): Promise<SievedRow[] | null>;
  /** Gives the session back as it was. */
  close(): Promise<void>;
}
