import type { Column } from './column-type.ts';
import { columnTypes } from './column-types.ts';
import type { TableDefinition } from './dataset.ts';

/** The table of a dataset that has no table_schema: each column with the MySQL type that follows from its own. */
export function deriveTable(name: string, columns: readonly Column[]): TableDefinition {
  return {
    name,
    columns: columns.map((column) => ({
      name: column.name,
      mysqlType: columnTypes[column.type.name].mysqlType(column.type),
      nullable: column.nullable,
    })),
  };
}
