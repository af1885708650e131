import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { systemCode } from '../core/environment-error.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { columnTypes } from '../schema/column-types.ts';
import type { ColumnType } from '../schema/column-type.ts';
import type { Dataset } from '../schema/dataset.ts';

/**
 * The published Parquet files of a dataset, sorted: those with a final name. Temporary and hidden names are left out,
 * and what is not a plain file, because opening a FIFO would wait for ever. A folder that does not exist yet has none.
 *
 * @throws HopperError folder_unusable
 */
export async function listParquetFiles(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter(({ name }) => name.endsWith('.parquet') && !name.startsWith('.'))
      .filter((entry) => entry.isFile())
      .map(({ name }) => join(folder, name))
      .sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw new HopperError('folder_unusable', {
      message: `The folder ${folder} cannot be listed.`,
      cause: error,
    });
  }
}

/**
 * SQL that makes a temporary view of a dataset over its files: exactly the columns of its schema, in their order. A
 * column that a file lacks is NULL there. A column whose type has changed since a file was written gets the type that
 * holds both, so that older files stay readable.
 */
export function datasetViewSql(
  dataset: Pick<Dataset, 'name' | 'columns'>,
  files: readonly string[],
): string {
  const names = dataset.columns.map(({ name }) => quoteName(name));
  const typed = dataset.columns.map(
    ({ type }, i) => `CAST(NULL AS ${sqlTypeOf(type)}) AS ${names[i] ?? ''}`,
  );
  let rows = `SELECT ${typed.join(', ')} WHERE false`;
  if (files.length > 0) {
    // A path with glob characters is taken for a pattern only where no file has it as its name (DuckDB 1.5).
    const list = files.map(quoteText).join(', ');
    // Without hive_partitioning=false a folder named like a=b would become a column.
    rows += ` UNION ALL BY NAME SELECT * FROM read_parquet([${list}], union_by_name=true, hive_partitioning=false)`;
  }
  return `CREATE TEMP VIEW ${quoteName(dataset.name)} AS SELECT ${names.join(', ')} FROM (${rows})`;
}

/** Text as a literal of SQL. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as SQL has it, whatever is in it. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

const integerTypes = { 8: 'TINYINT', 16: 'SMALLINT', 32: 'INTEGER', 64: 'BIGINT' } as const;

/** The type that DuckDB gives to the Parquet column of a type. */
function sqlTypeOf(type: ColumnType): string {
  const { storage, logicalType } = columnTypes[type.name];
  const logical = logicalType(type);
  switch (logical.kind) {
    case 'none':
      return storage(type).toUpperCase(); // BOOLEAN, FLOAT and DOUBLE are named like their storage.
    case 'string':
      return 'VARCHAR';
    case 'json':
      return 'JSON';
    case 'integer':
      return integerTypes[logical.bits];
    case 'decimal':
      return `DECIMAL(${logical.precision}, ${logical.scale})`;
    case 'date':
      return 'DATE';
    case 'time':
      return 'TIME';
    case 'timestamp':
      return logical.utc ? 'TIMESTAMP WITH TIME ZONE' : 'TIMESTAMP';
  }
}
