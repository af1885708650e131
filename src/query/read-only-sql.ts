import type { DuckDBConnection } from '@duckdb/node-api';

import { visibleText } from '../core/visible-text.ts';
import { HopperError } from '../errors/hopper-error.ts';

/** What a query reads, as its syntax tree says. */
export interface QueryReads {
  /** Lower-cased names of the tables it names, those of its WITH clauses among them. */
  tables: Set<string>;
  /** Whether it asks for the list of tables (SHOW TABLES), and so for all of them. */
  allTables: boolean;
  /** Whether it gives the same answer as long as the tables are the same: it calls no clock and no chance. */
  isStable: boolean;
}

/** The answer of DuckDB's json_serialize_sql. */
type SerializedSql =
  | { error: false; statements: unknown[] }
  | { error: true; error_type: string; error_message: string; position?: string };

// A table function runs when it is planned, whatever the statement is: FROM enable_logging(...) writes log files into
// every folder that may be read, although DuckDB takes the statement for a SELECT. So only those that make rows out of
// their arguments are let through.
const harmlessTableFunctions: ReadonlySet<string> = new Set([
  'generate_series',
  'json_each',
  'json_tree',
  'range',
  'repeat',
  'repeat_row',
  'unnest',
]);

// What gives another answer each time. Some are names to the parser, as columns are.
const unstableNames: readonly string[] = [
  ...['current_date', 'current_time', 'current_timestamp', 'localtime', 'localtimestamp'],
  ...['current_localtime', 'current_localtimestamp'],
];
const unstableFunctions: ReadonlySet<string> = new Set([
  ...unstableNames,
  ...['now', 'today', 'get_current_time', 'get_current_timestamp', 'transaction_timestamp', 'age'],
  ...['ago', 'pg_conf_load_time', 'pg_postmaster_start_time', 'current_connection_id', 'stats'],
  ...['random', 'setseed', 'uuid', 'gen_random_uuid', 'uuidv4', 'uuidv7', 'nextval', 'currval'],
  ...['txid_current', 'current_transaction_id', 'current_setting', 'current_query'],
  ...['current_query_id'],
]);

/**
 * Refuses SQL that is not one or several SELECT statements (SHOW, DESCRIBE, SUMMARIZE and VALUES are such), and SQL that
 * calls a table function with effects or one that reads files, or that names a file other than a Parquet file as a table: beside a
 * dataset's Parquet files lie receipts, profiles and lists of refused rows, which are not its rows. Says which tables the rest reads.
 *
 * The tree comes from DuckDB's own parser, so there is no second reading of SQL that could differ from the first.
 *
 * @throws HopperError query_invalid
 */
export async function checkReadOnly(
  connection: DuckDBConnection,
  sql: string,
  datasets: readonly string[],
): Promise<QueryReads> {
  const reader = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql]);
  const serialized = JSON.parse(String(reader.getRows()[0]?.[0])) as SerializedSql;
  if (serialized.error) throw refusal(serialized, sql);
  if (serialized.statements.length === 0) {
    throw new HopperError('query_invalid', { message: 'The query is empty.' });
  }
  const reads = readsOf(serialized.statements);
  const known = new Set(datasets.map((name) => name.toLowerCase()));
  for (const table of reads.tables) {
    if (known.has(table) || !table.includes('.')) continue;
    if (!table.endsWith('.parquet')) throw notATable(table);
    // A file that is named itself is of no dataset that is known to change.
    reads.isStable = false;
  }
  return reads;
}

/**
 * The table that is named, lower-cased. DuckDB looks for a file of the name of a table that is not there, and puts dots between the parts
 * of the name before: FROM "/folder/orders"."csv" is a file. So there are no schemas but its own.
 */
function tableIn(node: Record<string, unknown>): string {
  const part = (key: string): string => {
    const name = node[key];
    return typeof name === 'string' ? name.toLowerCase() : '';
  };
  const [catalog, schema, table] = [part('catalog_name'), part('schema_name'), part('table_name')];
  if (ownCatalogs.has(catalog) && ownSchemas.has(schema)) return table;
  throw notATable([catalog, schema, table].filter((one) => one !== '').join('.'));
}

const ownCatalogs: ReadonlySet<string> = new Set(['', 'memory', 'system', 'temp']);
const ownSchemas: ReadonlySet<string> = new Set([
  ...ownCatalogs,
  ...['main', 'information_schema', 'pg_catalog'],
]);

function notATable(table: string): HopperError {
  return new HopperError('query_invalid', {
    message: `The query cannot be run: ${visibleText(table)} is no dataset.`,
    hint: 'Query the datasets by their names; files and settings cannot be reached.',
  });
}

function refusal(error: SerializedSql & { error: true }, sql: string): HopperError {
  if (error.error_type !== 'parser') {
    return new HopperError('query_invalid', {
      message: 'The query cannot be run: only SELECT, SHOW, DESCRIBE and SUMMARIZE are allowed.',
      hint: 'Queries only read. Remove the other statements.',
    });
  }
  return new HopperError('query_invalid', {
    message: `The query cannot be run: ${error.error_message}${placeIn(sql, error.position)}.`,
  });
}

/** " (line 2, column 5)" for an offset in code points, or nothing where the parser names none. */
function placeIn(sql: string, position: string | undefined): string {
  if (position === undefined) return '';
  const lines = Array.from(sql).slice(0, Number(position)).join('').split('\n');
  const column = (lines.at(-1) ?? '').length + 1;
  return ` (line ${lines.length}, column ${column})`;
}

function readsOf(statements: unknown[]): QueryReads {
  const reads: QueryReads = { tables: new Set(), allTables: false, isStable: true };
  // A stack of its own: a tree as deep as SQL may nest would overflow that of the language.
  const open: unknown[] = [...statements];
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== 'object' || node === null) continue;
    note(node as Record<string, unknown>, reads);
    for (const child of Object.values(node)) open.push(child);
  }
  return reads;
}

function note(node: Record<string, unknown>, reads: QueryReads): void {
  if (isUnstable(node)) reads.isStable = false;
  switch (node['type']) {
    case 'BASE_TABLE':
      reads.tables.add(tableIn(node));
      break;
    case 'SHOW_REF':
      // DESCRIBE has a query that names its table; SHOW TABLES has none.
      if (node['query'] === null) reads.allTables = true;
      break;
    case 'TABLE_FUNCTION': {
      const name = String((node['function'] as Record<string, unknown>)['function_name']);
      if (harmlessTableFunctions.has(name.toLowerCase())) break;
      throw new HopperError('query_invalid', {
        message: `The query cannot be run: the table function ${name} is not allowed.`,
        hint: 'Query the datasets by their names; files and settings cannot be reached.',
      });
    }
  }
}

function isUnstable(node: Record<string, unknown>): boolean {
  // TABLESAMPLE, and USING SAMPLE.
  if (node['sample'] !== undefined && node['sample'] !== null) return true;
  if (node['class'] === 'FUNCTION') {
    return unstableFunctions.has(String(node['function_name']).toLowerCase());
  }
  if (node['class'] !== 'COLUMN_REF') return false;
  const names = node['column_names'];
  return (
    Array.isArray(names) &&
    names.length === 1 &&
    unstableNames.includes(String(names[0]).toLowerCase())
  );
}
