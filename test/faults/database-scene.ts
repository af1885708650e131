import mysql from 'mysql2/promise';
import type { DatabaseConfig } from '../../src/config/config.ts';
import type { HopperProcess } from '../support/hopper-process.ts';
import type { LogLine } from '../support/hopper-project.ts';
import type { Mariadb } from '../support/mariadb.ts';
import type { TestDatabase } from '../support/test-database.ts';
import { until } from '../support/until.ts';
import type { Trial } from './trial.ts';

const NO_SUCH_THREAD = 1094;

/** A user with every right may write where all is read only, and connect where nobody else may. */
export const plainUser = { user: 'plain', password: 'a plain word' };

/** What a trouble with the database befalls. */
export interface Scene {
  trial: Trial;
  daemon: HopperProcess;
  server: Mariadb;
  database: TestDatabase;
  /** Longer waits where the long form is wanted. */
  isLong: boolean;
}

/** Where files change rows of others each is loaded alone, and the last may wait behind one that does. */
export async function lastFileWaits(trial: Trial): Promise<LogLine> {
  const { project, journal, mode } = trial;
  const meant = mode === 'append' ? journal.slice(-1) : journal;
  return until(
    () => {
      const waiting = meant.filter((delivery) => !trial.hasEnded(delivery));
      const ids = new Set(waiting.map(({ loadId }) => loadId));
      return project
        .events()
        .find(({ event, loadId = '' }) => event === 'parked' && ids.has(loadId));
    },
    () => `None waits: ${JSON.stringify(project.events().slice(-15))}`,
  );
}

/** Waits until rows are being sent; the id of their connection. */
export async function loadUnderWay(server: Mariadb): Promise<number> {
  return until(
    async () => {
      const [row] = await server.query(
        "SELECT ID AS id FROM information_schema.PROCESSLIST WHERE INFO LIKE 'LOAD DATA%'",
      );
      return row === undefined ? null : Number(row['id']);
    },
    () => 'No rows are sent.',
  );
}

export async function deadlocks(server: Mariadb): Promise<number> {
  const [row] = await server.query(
    "SELECT COUNT AS n FROM information_schema.INNODB_METRICS WHERE NAME = 'lock_deadlocks'",
  );
  return Number(row?.['n']);
}

/** Ends the connections of the plain user, as MariaDB's KILL USER does. */
export async function killPlainUser(server: Mariadb): Promise<void> {
  const found = await server.query(
    `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER = '${plainUser.user}'`,
  );
  for (const { id } of found) await server.query(`KILL ${String(id)}`).catch(ignoreGone);
}

/** It ended by itself meanwhile. */
function ignoreGone(error: unknown): void {
  if ((error as { errno?: unknown }).errno !== NO_SUCH_THREAD) throw error;
}

/** A setting of the server for as long as `body` takes. `own`: by this connection, where none may be had meanwhile. */
export async function withGlobal(
  server: Mariadb,
  name: string,
  value: number,
  body: () => Promise<void>,
  own: Pick<mysql.Connection, 'query'> | Mariadb = server,
): Promise<void> {
  const [row] = await server.query(`SELECT @@GLOBAL.${name} AS former`);
  await own.query(`SET GLOBAL ${name} = ${value}`);
  try {
    await body();
  } finally {
    await own.query(`SET GLOBAL ${name} = ${String(row?.['former'])}`);
  }
}

export async function withConnection(
  config: DatabaseConfig,
  body: (connection: mysql.Connection) => Promise<void>,
): Promise<void> {
  const connection = await connect(config);
  try {
    await body(connection);
  } finally {
    connection.destroy();
  }
}

export async function connect(config: DatabaseConfig): Promise<mysql.Connection> {
  const { host, port, user, password, database } = config;
  return mysql.createConnection({ host, port, user, password, database });
}
