import { columnTypes } from '../schema/column-types.ts';
import type { Dataset } from '../schema/dataset.ts';
import { LOAD_ID_COLUMN } from '../schema/column-name.ts';
import { lossBetween, mysqlTypeOf } from './mysql-type.ts';
import type { ExistingColumn, ExistingTable } from './read-table.ts';

/** What keeps a dataset from being loaded into a table, and what is only worth knowing; a sentence each. */
export interface TableComparison {
  differences: string[];
  warnings: string[];
}

/**
 * The columns of the declared table that would change values of the schema without a warning of the server. Where the
 * server does warn (a value too long), the load is refused then, so a table may be declared narrower than the schema.
 */
export function declarationDifferences(dataset: Dataset): string[] {
  const declared = new Map(dataset.table.columns.map((column) => [column.name, column.mysqlType]));
  return dataset.columns.flatMap(({ name, type }) => {
    const schemaType = columnTypes[type.name].mysqlType(type);
    const tableType = declared.get(name);
    if (tableType === undefined)
      return [`column ${name} of the schema is not declared for the table`];
    const loss = lossBetween(mysqlTypeOf(schemaType), mysqlTypeOf(tableType));
    if (loss?.silent !== true) return [];
    return [
      `column ${name} is ${schemaType} in the schema but declared ${tableType} for the table: ${loss.reason}`,
    ];
  });
}

/** Compares the table that is there with the one that the dataset declares. */
export function compareTable(dataset: Dataset, existing: ExistingTable): TableComparison {
  if (existing.kind !== 'BASE TABLE') {
    return { differences: [`it is a ${existing.kind.toLowerCase()}, not a table`], warnings: [] };
  }
  const differences: string[] = [];
  if (existing.engine?.toLowerCase() !== 'innodb') {
    differences.push(
      `its engine is ${existing.engine ?? 'unknown'}, which cannot roll back: it must be InnoDB`,
    );
  }
  // Column names are equal whatever their letter case, in MySQL as in the schema.
  const columns = new Map(existing.columns.map((column) => [column.name.toLowerCase(), column]));
  for (const { name, mysqlType } of dataset.table.columns) {
    const column = columns.get(name.toLowerCase());
    if (column === undefined) differences.push(`column ${name} (${mysqlType}) is missing`);
    else differences.push(...columnDifferences(dataset, name, mysqlType, column));
  }
  const declared = new Set(dataset.table.columns.map(({ name }) => name.toLowerCase()));
  for (const column of existing.columns) {
    if (column.name.toLowerCase() === LOAD_ID_COLUMN)
      differences.push(...loadIdDifferences(column));
    else if (!declared.has(column.name.toLowerCase()) && !column.hasDefault) {
      differences.push(
        `column ${column.name} is not in the schema, and has no default and takes no NULL`,
      );
    }
  }
  const warnings = existing.columns.flatMap(({ name, characterSet }) =>
    declared.has(name.toLowerCase()) && characterSet !== null && characterSet !== 'utf8mb4'
      ? [
          `column ${name} has the character set ${characterSet}: files with other characters are refused`,
        ]
      : [],
  );
  return { differences, warnings };
}

function columnDifferences(
  dataset: Dataset,
  name: string,
  mysqlType: string,
  column: ExistingColumn,
): string[] {
  if (column.generated) return [`column ${name} is generated, so nothing can be loaded into it`];
  const differences: string[] = [];
  const actual = mysqlTypeOf(column.mysqlType);
  const loss = lossBetween(mysqlTypeOf(mysqlType), actual);
  if (loss !== null) {
    differences.push(
      `column ${name} is ${column.mysqlType} instead of ${mysqlType}: ${loss.reason}`,
    );
  }
  const mayBeNull =
    dataset.clean.nullRows !== 'drop_any' &&
    dataset.columns.some((candidate) => candidate.name === name && candidate.nullable);
  if (mayBeNull && column.autoIncrement) {
    differences.push(`column ${name} is AUTO_INCREMENT: a missing value would become a number`);
  }
  if (mayBeNull && actual.kind === 'timestamp' && !column.nullable) {
    differences.push(
      `column ${name} is a TIMESTAMP NOT NULL: a missing value could become the current time`,
    );
  }
  return differences;
}

function loadIdDifferences(column: ExistingColumn): string[] {
  const loss = lossBetween(mysqlTypeOf('char(32)'), mysqlTypeOf(column.mysqlType));
  return loss === null && !column.generated
    ? []
    : [`column ${column.name} is ${column.mysqlType}: it must be CHAR(32), or absent`];
}
