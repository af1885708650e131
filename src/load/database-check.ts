import type { DatabaseConfig } from '../config/config.ts';
import { refuseNewerLedger } from '../core/state-format.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { Dataset } from '../schema/dataset.ts';
import { compareTable, declarationDifferences } from './compare-table.ts';
import type { DatabaseConnection } from './connection.ts';
import { ConnectionSlot } from './connection-slot.ts';
import { LEDGER_TABLE } from './create-ledger.ts';
import { missingRights } from './missing-rights.ts';
import { readTable } from './read-table.ts';
import { databaseError } from './server-error.ts';
import { StatementError } from './statement-error.ts';
import { missingNeeds } from './write-mode-needs.ts';

/** One thing that was looked at. `error`: nothing can be loaded so; `warning`: it works, with a risk or a cost. */
export interface DatabaseFinding {
  level: 'ok' | 'warning' | 'error';
  message: string;
  /** What to do; empty where there is nothing to do. */
  hint: string;
}

/**
 * Looks at the server, the user's rights and the table of each dataset, and writes nothing. Does not throw for what it
 * finds: a server that cannot be reached is a finding too.
 */
export async function checkDatabase(
  database: DatabaseConfig,
  datasets: readonly Dataset[],
): Promise<DatabaseFinding[]> {
  const slot = new ConnectionSlot(database);
  const findings: DatabaseFinding[] = [];
  try {
    const connection = await slot.take();
    findings.push(...(await checkServer(connection)));
    const ledger = await readTable(connection, LEDGER_TABLE);
    if (ledger !== null) refuseNewerLedger(LEDGER_TABLE, ledger.comment);
    let somethingIsMissing = ledger === null;
    for (const dataset of datasets) {
      const { missing, finding } = await checkTable(connection, dataset);
      somethingIsMissing ||= missing;
      findings.push(...finding);
    }
    findings.push(await checkRights(connection, database, rightsFor(datasets, somethingIsMissing)));
  } catch (error) {
    const failed = `Looking at database ${database.database}`;
    const reason = error instanceof StatementError ? databaseError(error, failed) : error;
    if (!(reason instanceof HopperError)) throw reason;
    findings.push({ level: 'error', message: reason.message, hint: reason.hint });
  } finally {
    await slot.close();
  }
  return findings;
}

async function checkServer(connection: DatabaseConnection): Promise<DatabaseFinding[]> {
  const [row] = await connection.rows(
    'SELECT VERSION() AS version, @@local_infile AS allowed, @@innodb_flush_log_at_trx_commit AS flushing,' +
      ' @@log_bin AS logging, @@sync_binlog AS syncing',
  );
  const findings = [versionFinding(String(row?.['version']))];
  findings.push(
    Number(row?.['allowed']) === 1
      ? ok('LOAD DATA LOCAL INFILE is allowed.')
      : {
          level: 'warning',
          message:
            'The server forbids LOAD DATA LOCAL INFILE; rows are inserted instead, which takes about three times as long.',
          hint: 'Allow it: SET GLOBAL local_infile = 1, and local_infile = 1 in the server configuration.',
        },
  );
  findings.push(...durabilityFindings(row ?? {}));
  return findings;
}

/** Whether a commit outlives a power cut. A server with a binary log takes back at its start what that log does not have. */
function durabilityFindings(row: Record<string, unknown>): DatabaseFinding[] {
  const wanted = [['innodb_flush_log_at_trx_commit', Number(row['flushing'])]] as [
    string,
    number,
  ][];
  if (Number(row['logging']) === 1) wanted.push(['sync_binlog', Number(row['syncing'])]);
  const wrong = wanted.filter(([, value]) => value !== 1);
  if (wrong.length === 0) {
    const settings = wanted.map(([name]) => `${name} = 1`).join(', ');
    return [ok(`The server writes each commit to its disk (${settings}).`)];
  }
  return wrong.map(([name, value]) => ({
    level: 'warning',
    message: `${name} is ${value}: a power cut on the server loses loads that it has confirmed.`,
    hint: `Set ${name} = 1 on the server.`,
  }));
}

/** Spec: `8.0.36`, `10.11.6-MariaDB-1`, and `5.5.5-10.11.6-MariaDB` where a proxy keeps the replication prefix. */
export function versionFinding(version: string): DatabaseFinding {
  const isMariadb = /mariadb/i.test(version);
  const numbers = /^(?:5\.5\.5-)?(\d+)\.(\d+)/.exec(version);
  const rank = Number(numbers?.[1] ?? 0) * 1000 + Number(numbers?.[2] ?? 0);
  const name = isMariadb ? `MariaDB ${version}` : `MySQL ${version}`;
  if (rank >= (isMariadb ? 10_006 : 8000)) return ok(`The server is ${name}.`);
  return {
    level: 'warning',
    message: `The server is ${name}, older than those that csv-hopper is made for.`,
    hint: 'Use MySQL 8.0 or MariaDB 10.6, or later.',
  };
}

async function checkTable(
  connection: DatabaseConnection,
  dataset: Dataset,
): Promise<{ missing: boolean; finding: DatabaseFinding[] }> {
  const name = `Table ${dataset.table.name} of dataset ${dataset.name}`;
  const declared = declarationDifferences(dataset);
  const existing = await readTable(connection, dataset.table.name);
  const { differences, warnings } =
    existing === null ? { differences: [], warnings: [] } : compareTable(dataset, existing);
  const needs =
    existing === null
      ? { differences: [], warnings: [] }
      : await missingNeeds(connection, dataset, existing);
  const all = [...declared, ...differences, ...needs.differences];
  if (all.length > 0) {
    const { hint } = new HopperError('table_mismatch');
    return {
      missing: false,
      finding: [
        { level: 'error', message: `${name} does not fit its schema: ${all.join('; ')}.`, hint },
      ],
    };
  }
  if (existing === null) {
    return { missing: true, finding: [ok(`${name} is missing and will be created.`)] };
  }
  const notes = warnings.map((warning): DatabaseFinding => ({
    level: 'warning',
    message: `${name}: ${warning}.`,
    hint: 'Convert the column to utf8mb4.',
  }));
  for (const { message, hint } of needs.warnings)
    notes.push({ level: 'warning', message: `${name}: ${message}.`, hint: `${hint}.` });
  return { missing: false, finding: [ok(`${name} fits its schema.`), ...notes] };
}

function rightsFor(datasets: readonly Dataset[], somethingIsMissing: boolean): string[] {
  const modes = new Set(datasets.map(({ write }) => write.mode));
  return [
    ...['SELECT', 'INSERT'],
    ...(somethingIsMissing ? ['CREATE'] : []),
    ...(modes.has('replace') ? ['DELETE'] : []),
    ...(modes.has('upsert') ? ['UPDATE', 'CREATE TEMPORARY TABLES'] : []),
  ];
}

async function checkRights(
  connection: DatabaseConnection,
  database: DatabaseConfig,
  wanted: readonly string[],
): Promise<DatabaseFinding> {
  const { rights, byRole } = await missingRights(connection, wanted);
  if (rights.length === 0) return ok(`User ${database.user} has the rights that are needed.`);
  return {
    level: byRole ? 'warning' : 'error',
    message: `User ${database.user} has no ${rights.join(', ')} right on database ${database.database}${byRole ? ' of its own; its role may have it' : ''}.`,
    hint: `Grant it: GRANT ${rights.join(', ')} ON ${database.database}.* TO the user.`,
  };
}

function ok(message: string): DatabaseFinding {
  return { level: 'ok', message, hint: '' };
}
