import type { DatabaseConnection } from './connection.ts';

/** A table as the server describes it. */
export interface ExistingTable {
  /** `BASE TABLE` or `VIEW`. */
  kind: string;
  /** Storage engine; null for a view. */
  engine: string | null;
  comment: string;
  columns: ExistingColumn[];
}

export interface ExistingColumn {
  name: string;
  /** In MySQL's own words, such as `int(11) unsigned`. */
  mysqlType: string;
  nullable: boolean;
  /** Whether a row that leaves the column out gets a value for it, NULL included. */
  hasDefault: boolean;
  autoIncrement: boolean;
  /** Computed from other columns, so nothing can be written to it. */
  generated: boolean;
  /** Character set of a text column; else null. */
  characterSet: string | null;
}

/** Describes a table of the current database; null where there is none. */
export async function readTable(
  connection: DatabaseConnection,
  table: string,
): Promise<ExistingTable | null> {
  const [found] = await connection.rows(
    'SELECT TABLE_TYPE AS kind, ENGINE AS engine, TABLE_COMMENT AS comment FROM information_schema.TABLES' +
      ' WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?',
    [table],
  );
  if (found === undefined) return null;
  const columns = await connection.rows(
    'SELECT COLUMN_NAME AS name, COLUMN_TYPE AS mysqlType, IS_NULLABLE AS nullable, COLUMN_DEFAULT AS preset,' +
      ' EXTRA AS extra, GENERATION_EXPRESSION AS expression, CHARACTER_SET_NAME AS characterSet' +
      ' FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION',
    [table],
  );
  return {
    kind: String(found['kind']),
    engine: textOrNull(found['engine']),
    comment: textOrNull(found['comment']) ?? '',
    columns: columns.map(existingColumn),
  };
}

function existingColumn(row: Record<string, unknown>): ExistingColumn {
  const nullable = row['nullable'] === 'YES';
  const autoIncrement = String(row['extra']).toLowerCase().includes('auto_increment');
  // NULL in MariaDB and empty in MySQL where the column is not computed.
  const generated = (textOrNull(row['expression']) ?? '') !== '';
  return {
    name: String(row['name']),
    mysqlType: String(row['mysqlType']),
    nullable,
    hasDefault: nullable || autoIncrement || generated || row['preset'] !== null,
    autoIncrement,
    generated,
    characterSet: textOrNull(row['characterSet']),
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
