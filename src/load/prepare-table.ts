import { refuseNewerLedger } from '../core/state-format.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { type Dataset, keyOf } from '../schema/dataset.ts';
import { compareTable, declarationDifferences } from './compare-table.ts';
import type { DatabaseConnection } from './connection.ts';
import { createLedgerSql, LEDGER_TABLE } from './create-ledger.ts';
import { createTableSql } from './create-table.ts';
import { LOAD_ID_COLUMN } from '../schema/column-name.ts';
import type { LoadTarget } from './load-target.ts';
import { readTable } from './read-table.ts';
import { StatementError } from './statement-error.ts';
import { missingInLedger, missingNeeds } from './write-mode-needs.ts';

const TABLE_ACCESS_DENIED = 1142;
/** Of a server that takes no table without a primary key: MySQL's sql_require_primary_key, MariaDB's innodb_force_primary_key. */
const PRIMARY_KEY_REQUIRED: ReadonlySet<number> = new Set([3750, 1173]);

/** A table that is ready to be loaded, and what is worth telling the operator about it. */
export interface PreparedTable {
  target: LoadTarget;
  warnings: { message: string; hint: string }[];
}

/**
 * Creates the ledger and the dataset's table where they are missing, and compares the table where it is there. Runs outside
 * transactions, which CREATE TABLE would commit. Throws table_mismatch with every difference, or a StatementError.
 */
export async function prepareTable(
  connection: DatabaseConnection,
  dataset: Dataset,
): Promise<PreparedTable> {
  const declared = declarationDifferences(dataset);
  if (declared.length > 0) throw mismatch(dataset, declared);

  // CREATE is asked for only where something is missing: a user without that right can load into tables that are there.
  const ledger = await readTable(connection, LEDGER_TABLE);
  if (ledger === null) await connection.execute(createLedgerSql);
  else refuseNewerLedger(LEDGER_TABLE, ledger.comment);
  const missing = await missingInLedger(connection, dataset);
  const ledgerWarnings = missing === null ? [] : await addToLedger(connection, dataset, missing);
  let existing = await readTable(connection, dataset.table.name);
  if (existing === null) {
    await createTable(connection, dataset);
    existing = await readTable(connection, dataset.table.name);
  }
  if (existing === null) throw mismatch(dataset, ['it was created and is not there']);
  const { differences, warnings } = compareTable(dataset, existing);
  const needs = await missingNeeds(connection, dataset, existing);
  const all = [...differences, ...needs.differences];
  if (all.length > 0) throw mismatch(dataset, all);

  return {
    target: {
      table: dataset.table.name,
      columns: dataset.columns.map(({ name }) => name),
      hasLoadId: existing.columns.some(({ name }) => name.toLowerCase() === LOAD_ID_COLUMN),
      ...(needs.keyName !== undefined && {
        key: { name: needs.keyName, columns: keyOf(dataset.write) },
      }),
    },
    warnings: [
      ...warnings.map((message) => ({ message, hint: 'Convert the column to utf8mb4.' })),
      ...needs.warnings,
      ...ledgerWarnings,
    ],
  };
}

async function createTable(
  connection: DatabaseConnection,
  { name, table, write }: Dataset,
): Promise<void> {
  try {
    await connection.execute(createTableSql(table, write));
  } catch (error) {
    if (!(error instanceof StatementError) || !PRIMARY_KEY_REQUIRED.has(error.errno)) throw error;
    throw new HopperError('table_mismatch', {
      message: `Table ${table.name} of dataset ${name} is missing, has no primary key by its schema, and the server takes no table without one.`,
      hint: 'Create it yourself with a column for the key besides, such as line_number BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, or have MySQL add one by itself: SET PERSIST sql_generate_invisible_primary_key = ON.',
      details: { table: table.name, dataset: name },
    });
  }
}

/**
 * A ledger from before a write mode was used lacks what it needs. The column is indispensable; without the index the ledger is
 * read from end to end for each file, which is only slow.
 */
async function addToLedger(
  connection: DatabaseConnection,
  { write }: Dataset,
  sql: string,
): Promise<{ message: string; hint: string }[]> {
  try {
    await connection.execute(sql);
    return [];
  } catch (error) {
    if (!(error instanceof StatementError) || error.errno !== TABLE_ACCESS_DENIED) throw error;
    if (write.mode === 'upsert') {
      throw new HopperError('table_mismatch', {
        message: `The ledger lacks a column that write: upsert needs, and the user may not add it.`,
        hint: `Add it: ${sql}`,
        details: { table: LEDGER_TABLE },
      });
    }
    return [
      { message: 'each file is looked up in the ledger without an index', hint: `Add it: ${sql}` },
    ];
  }
}

function mismatch(dataset: Dataset, differences: string[]): HopperError {
  return new HopperError('table_mismatch', {
    message: `Table ${dataset.table.name} does not fit the schema of dataset ${dataset.name}: ${differences.join('; ')}.`,
    details: { table: dataset.table.name, dataset: dataset.name, differences },
  });
}
