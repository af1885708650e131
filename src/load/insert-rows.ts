import type { ConvertedLoad } from '../core/load.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { DatabaseConnection } from './connection.ts';
import { readLoadFiles } from './read-load-files.ts';
import { LOAD_ID_COLUMN } from '../schema/column-name.ts';
import type { LoadTarget } from './load-target.ts';
import { quoteIdentifier } from './quote-identifier.ts';

/** Larger statements gain nothing and cost memory on both sides. */
const STATEMENT_BYTES_MAX = 1024 * 1024;

/** A statement's text and the rows in it. */
export interface InsertStatement {
  sql: string;
  rows: number;
}

/** The longest statement to build, for a server that takes packets of this size. */
export function statementBytesMax(maxAllowedPacket: number): number {
  return Math.min(STATEMENT_BYTES_MAX, maxAllowedPacket - 1024);
}

/**
 * The rows of all loads as multi-row INSERTs, for servers that forbid LOAD DATA LOCAL. The load file's escapes are those
 * of SQL strings, so its bytes need no decoding, and both ways store the same values.
 */
export async function* insertStatements(
  target: LoadTarget,
  loads: readonly ConvertedLoad[],
  maxAllowedPacket: number,
): AsyncGenerator<InsertStatement> {
  const limit = statementBytesMax(maxAllowedPacket);
  const head = insertHead(target);
  const headBytes = Buffer.byteLength(head);
  let rows: string[] = [];
  let bytes = headBytes;
  for (const load of loads) {
    for await (const block of readLoadFiles(load)) {
      for (const line of block.toString('utf8', 0, block.length - 1).split('\n')) {
        const row = sqlRow(line, target.hasLoadId ? load.loadId : null);
        const rowBytes = Buffer.byteLength(row) + 1;
        if (rows.length > 0 && bytes + rowBytes > limit) {
          yield { sql: head + rows.join(','), rows: rows.length };
          rows = [];
          bytes = headBytes;
        }
        if (headBytes + rowBytes > maxAllowedPacket - 1024)
          throw tooLarge(load, rowBytes, maxAllowedPacket);
        rows.push(row);
        bytes += rowBytes;
      }
    }
  }
  if (rows.length > 0) yield { sql: head + rows.join(','), rows: rows.length };
}

function insertHead({ table, columns, hasLoadId }: LoadTarget): string {
  const names = hasLoadId ? [...columns, LOAD_ID_COLUMN] : columns;
  return `INSERT INTO ${quoteIdentifier(table)} (${names.map(quoteIdentifier).join(', ')}) VALUES `;
}

/** Lines of a load file as one statement, for a table whose rows do not name their load. */
export function insertLines(target: LoadTarget, lines: readonly string[]): string {
  return insertHead(target) + lines.map((line) => sqlRow(line, null)).join(',');
}

/** Sends one of the statements. */
export function insertRows(
  connection: DatabaseConnection,
  statement: InsertStatement,
): ReturnType<DatabaseConnection['execute']> {
  return connection.execute(statement.sql);
}

/** One line of a load file as a row of SQL literals. */
export function sqlRow(line: string, loadId: string | null): string {
  const literals = line.split('\t').map(sqlLiteral);
  if (loadId !== null) literals.push(`'${loadId}'`);
  return `(${literals.join(',')})`;
}

/** One field of a line. */
export function sqlLiteral(field: string): string {
  return field === String.raw`\N` ? 'NULL' : `'${field.replaceAll("'", String.raw`\'`)}'`;
}

function tooLarge(load: ConvertedLoad, rowBytes: number, maxAllowedPacket: number): HopperError {
  return new HopperError('database_failed', {
    message: `A row of ${load.file} takes ${rowBytes} bytes, and the server takes packets of ${maxAllowedPacket} bytes.`,
    hint: 'Raise max_allowed_packet on the server, or allow LOAD DATA LOCAL: SET GLOBAL local_infile = 1.',
  });
}
