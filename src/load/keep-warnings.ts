import type { StatementResult } from './connection.ts';
import { StatementError } from './statement-error.ts';

const ACCESS_DENIED = 1227;

/**
 * Has the server keep up to so many warnings of each statement of the session, 0 to 65535. MySQL lets only users with a right of
 * administrators do so: for others the number stays as it is, which is 1024 where nobody has changed it.
 */
export async function keepWarnings(
  connection: { execute: (sql: string) => Promise<StatementResult> },
  count: number,
): Promise<void> {
  try {
    await connection.execute(`SET SESSION max_error_count = ${count}`);
  } catch (error) {
    if (!(error instanceof StatementError) || error.errno !== ACCESS_DENIED) throw error;
  }
}
