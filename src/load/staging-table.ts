import type { DatabaseConnection } from './connection.ts';
import type { LoadTarget } from './load-target.ts';
import { quoteIdentifier } from './quote-identifier.ts';

/** Holds the rows of a load by key until they are compared with the table. Of one session, with which it ends at the latest. */
export const STAGING_TABLE = 'csv_hopper_staging';

/**
 * Makes the staging table anew, with the columns of the target in its own types and collations, and none of its keys. Call it
 * outside of a transaction: some servers refuse it there.
 */
export async function makeStagingTable(
  connection: DatabaseConnection,
  { table, columns }: LoadTarget,
): Promise<void> {
  await dropStagingTable(connection);
  await connection.execute(
    `CREATE TEMPORARY TABLE ${STAGING_TABLE}` +
      ` (${ordinalColumn(columns)} BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB` +
      ` SELECT ${columns.map(quoteIdentifier).join(', ')} FROM ${quoteIdentifier(table)} LIMIT 0`,
  );
}

export async function dropStagingTable(connection: DatabaseConnection): Promise<void> {
  await connection.execute(`DROP TEMPORARY TABLE IF EXISTS ${STAGING_TABLE}`);
}

/** The column that goes up from row to row as they came, under a name that no other column has. */
export function ordinalColumn(columns: readonly string[]): string {
  let name = '_row';
  while (columns.includes(name)) name = `_${name}`;
  return quoteIdentifier(name);
}
