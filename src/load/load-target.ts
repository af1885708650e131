import type { DatabaseConnection } from './connection.ts';

/** Where the rows go: a table, its columns in the load file's order, and whether each row names its load. */
export interface LoadTarget {
  table: string;
  columns: readonly string[];
  /** Whether the table has the column _load_id; tables that csv-hopper creates have it. */
  hasLoadId: boolean;
  /** The unique key over the columns by which the dataset wants no row twice. Left out: there is none, or another mode looks after it. */
  key?: UniqueKey;
}

/** A unique key of a table by its name, with the columns in the dataset's spelling. */
export interface UniqueKey {
  name: string;
  columns: readonly string[];
}

/** What the server says about rows: an error, or a warning that must not be overlooked. */
export interface ServerMessage {
  errno: number;
  /** The server's own words, which may quote a cell. */
  text: string;
  /** Rows of the group that were sent before the statement that the message is about. */
  rowsBefore: number;
}

/** The warnings of the last statement, as many as the server keeps. */
export async function showWarnings(
  connection: DatabaseConnection,
  rowsBefore: number,
): Promise<ServerMessage[]> {
  const rows = await connection.rows('SHOW WARNINGS');
  return rows.map((row) => ({
    errno: Number(row['Code']),
    text: String(row['Message']),
    rowsBefore,
  }));
}
