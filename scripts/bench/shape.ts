import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';

export const repository = join(import.meta.dirname, '../..');

/** A kind of file: what csv-hopper and DuckDB are told about it. */
export interface Shape {
  /** Of the dataset, and of its table. */
  name: string;
  delimiter: string;
  /** Column names in the order of the file, with their types in the words of schema.yaml. */
  columns: Record<string, string>;
  /** Conditions on several columns. */
  checks?: readonly string[];
  /** The entry in config.yaml. */
  dataset: Dataset;
  /** SQL for the same cleaning in DuckDB: of a text column, and of the words that are null. */
  cleanText: (column: string) => string;
  nullWords: readonly string[];
  dropsNullRows: boolean;
}

interface Dataset {
  name: string;
  match: string;
  schema: string;
  clean: Record<string, unknown>;
}

function yamlFile(path: string): unknown {
  return load(readFileSync(join(repository, path), 'utf8'));
}

const { datasets } = yamlFile('config/config.yaml') as { datasets: [Dataset] };
const [studentDataset] = datasets;

/** The entry that csv-hopper is shipped with: everything lower-cased, rows with a null and duplicate rows dropped. */
export const students: Shape = {
  name: studentDataset.name,
  delimiter: ';',
  columns: yamlFile('schema/schema.yaml') as Record<string, string>,
  dataset: studentDataset,
  cleanText: (column) => `lower(trim(${column}))`,
  nullWords: studentDataset.clean['null_words'] as string[],
  dropsNullRows: true,
};

export const orders: Shape = {
  name: 'orders',
  delimiter: ',',
  columns: {
    order_id: 'BIGINT',
    customer_id: 'INTEGER',
    email: 'VARCHAR(80)',
    status: 'VARCHAR(20)',
    ordered_at: 'DATETIME',
    shipped_at: 'DATETIME',
    amount: 'DECIMAL(10,2)',
    discount: 'DECIMAL(5,2)',
    quantity: 'SMALLINT',
    note: 'TEXT',
  },
  dataset: {
    name: 'orders',
    match: '*.csv',
    schema: 'schema/orders.yaml',
    clean: { trim: true, duplicate_rows: 'drop' },
  },
  cleanText: (column) => `trim(${column})`,
  nullWords: [],
  dropsNullRows: false,
};
