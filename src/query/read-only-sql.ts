import type { DuckDBConnection } from '@duckdb/node-api';

import { HopperError } from '../errors/hopper-error.ts';

/** What a query reads, as its syntax tree says. */
export interface QueryReads {
  /** Lower-cased names of the tables it names, those of its WITH clauses among them. */
  tables: Set<string>;
  /** Whether it asks for the list of tables (SHOW TABLES), and so for all of them. */
  allTables: boolean;
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

/**
 * Refuses SQL that is not one or several SELECT statements (SHOW, DESCRIBE, SUMMARIZE and VALUES are such), and SQL that
 * calls a table function with effects or one that reads files. Says which tables the rest reads.
 *
 * The tree comes from DuckDB's own parser, so there is no second reading of SQL that could differ from the first.
 *
 * @throws HopperError query_invalid
 */
export async function checkReadOnly(
  connection: DuckDBConnection,
  sql: string,
): Promise<QueryReads> {
  const reader = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql]);
  const serialized = JSON.parse(String(reader.getRows()[0]?.[0])) as SerializedSql;
  if (serialized.error) throw refusal(serialized, sql);
  if (serialized.statements.length === 0) {
    throw new HopperError('query_invalid', { message: 'The query is empty.' });
  }
  return readsOf(serialized.statements);
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
  const reads: QueryReads = { tables: new Set(), allTables: false };
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
  switch (node['type']) {
    case 'BASE_TABLE':
      reads.tables.add(String(node['table_name']).toLowerCase());
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
