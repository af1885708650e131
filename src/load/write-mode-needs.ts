import { LOAD_ID_COLUMN } from '../schema/column-name.ts';
import { type Dataset, keyOf } from '../schema/dataset.ts';
import type { DatabaseConnection } from './connection.ts';
import { LEDGER_TABLE } from './create-ledger.ts';
import { quoteIdentifier } from './quote-identifier.ts';
import type { ExistingTable } from './read-table.ts';

/** An index of a table: its columns in their order, all of them whole. */
export interface ExistingKey {
  name: string;
  unique: boolean;
  columns: string[];
}

/** What a write mode lacks of a table. `differences`: nothing can be loaded so; `warnings`: it works, and costs more. */
export interface MissingNeeds {
  differences: string[];
  warnings: { message: string; hint: string }[];
  /** Name of the unique key over the columns of the dataset's, where one is wanted and there. */
  keyName?: string;
}

/** Holds a table that is there against what the dataset's write mode needs of it. Nothing is asked for `append` without a key. */
export async function missingNeeds(
  connection: DatabaseConnection,
  dataset: Dataset,
  existing: ExistingTable,
): Promise<MissingNeeds> {
  const { write } = dataset;
  if (write.mode === 'append' && write.key === undefined) return { differences: [], warnings: [] };
  return compareNeeds(dataset, existing, await readKeys(connection, dataset.table.name));
}

export function compareNeeds(
  { write, table }: Dataset,
  existing: ExistingTable,
  keys: readonly ExistingKey[],
): MissingNeeds {
  const name = quoteIdentifier(table.name);
  const loadId = quoteIdentifier(LOAD_ID_COLUMN);
  switch (write.mode) {
    case 'append':
    case 'upsert': {
      const wanted = keyOf(write);
      if (wanted.length === 0) return { differences: [], warnings: [] };
      const there = keys.find((key) => key.unique && sameColumns(key.columns, wanted));
      if (there !== undefined) return { differences: [], warnings: [], keyName: there.name };
      const columns = wanted.map(quoteIdentifier).join(', ');
      const who = write.mode === 'upsert' ? 'write: upsert' : 'its key';
      const difference = `${who} needs a unique key over exactly (${wanted.join(', ')}), which it does not have: ALTER TABLE ${name} ADD UNIQUE KEY (${columns})`;
      return { differences: [difference], warnings: [] };
    }
    case 'replace': {
      if (!existing.columns.some(({ name: column }) => column.toLowerCase() === LOAD_ID_COLUMN)) {
        const difference = `write: replace needs the column ${LOAD_ID_COLUMN}, by which the rows of a former version are found, and rows from before it stay: ALTER TABLE ${name} ADD COLUMN ${loadId} CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '', ADD KEY (${loadId})`;
        return { differences: [difference], warnings: [] };
      }
      if (keys.some(({ columns: [first] }) => first?.toLowerCase() === LOAD_ID_COLUMN))
        return { differences: [], warnings: [] };
      const message = `${LOAD_ID_COLUMN} has no index, so the whole table is read to replace a file`;
      const hint = `Add it: ALTER TABLE ${name} ADD KEY (${loadId})`;
      return { differences: [], warnings: [{ message, hint }] };
    }
  }
}

/** Keys over parts of a column, or over expressions, are left out. */
export async function readKeys(
  connection: DatabaseConnection,
  table: string,
): Promise<ExistingKey[]> {
  const rows = await connection.rows(
    'SELECT INDEX_NAME AS name, NON_UNIQUE AS many, COLUMN_NAME AS col, SUB_PART AS part FROM information_schema.STATISTICS' +
      ' WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? ORDER BY INDEX_NAME, SEQ_IN_INDEX',
    [table],
  );
  const keys = new Map<string, ExistingKey>();
  const partial = new Set<string>();
  for (const row of rows) {
    const name = String(row['name']);
    const key = keys.get(name) ?? { name, unique: Number(row['many']) === 0, columns: [] };
    keys.set(name, key);
    if (typeof row['col'] === 'string' && row['part'] === null) key.columns.push(row['col']);
    else partial.add(name);
  }
  return [...keys].flatMap(([name, key]) => (partial.has(name) ? [] : [key]));
}

function sameColumns(columns: readonly string[], key: readonly string[]): boolean {
  const names = new Set(columns.map((column) => column.toLowerCase()));
  return names.size === key.length && key.every((column) => names.has(column));
}

/** What the ledger needs besides, for a write mode; the statement that adds it, or null where it is there. */
export async function missingInLedger(
  connection: DatabaseConnection,
  { write }: Dataset,
): Promise<string | null> {
  if (write.mode === 'append') return null;
  const [asked, sql] =
    write.mode === 'upsert'
      ? [
          "SELECT 1 FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND COLUMN_NAME = 'rows_updated'",
          'ADD COLUMN rows_updated BIGINT UNSIGNED NULL',
        ]
      : [
          "SELECT 1 FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND COLUMN_NAME = 'file_name' AND SEQ_IN_INDEX = 1",
          'ADD KEY by_file_name (file_name(64))',
        ];
  const found = await connection.rows(asked, [LEDGER_TABLE]);
  return found.length > 0 ? null : `ALTER TABLE ${LEDGER_TABLE} ${sql}`;
}
