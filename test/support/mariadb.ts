import { spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { describe } from 'vitest';
import type { DatabaseConfig } from '../../src/config/config.ts';
import { asRoot, emptyDataFolder, type ServerProgram, serverProgram } from './server-program.ts';

/** A private server: its own folder under the temp folder, a free port on the loopback address, an own socket. */
export interface Mariadb {
  readonly kind: ServerProgram['kind'];
  readonly port: number;
  readonly socket: string;
  /** Process id of the server that runs now. */
  readonly pid: number;
  /** The empty database `hopper_test` (utf8mb4) and a user with every right. */
  readonly rootConfig: DatabaseConfig;
  /** Runs one statement as that user, on a connection of its own. */
  query: (sql: string, values?: unknown[]) => Promise<Record<string, unknown>[]>;
  kill: (signal: NodeJS.Signals) => Promise<void>;
  /** Starts the server again after kill(), on the same port with the same data. */
  restart: () => Promise<void>;
  stop: () => Promise<void>;
}

const PASSWORD = 'hopper password';

/**
 * describe() for tests that need a server. Where there is none they are reported as skipped with the reason in their
 * title; under CI=true they run, and fail.
 */
export function describeWithMariadb(title: string, body: () => void): void {
  if (serverProgram === null && process.env['CI'] !== 'true') {
    describe.skip(
      `${title} (skipped: no mariadbd on this machine, scripts/provide-mariadb.mjs tells how to get one)`,
      body,
    );
  } else {
    describe(title, body);
  }
}

/** `parent`: the folder for all that it writes; otherwise that of temporary files. */
export async function startMariadb(
  options: { config?: readonly string[]; parent?: string } = {},
): Promise<Mariadb> {
  const program = serverProgram;
  if (program === null) throw new Error('There is no database server on this machine.');
  const folder = await mkdtemp(join(options.parent ?? tmpdir(), 'hopper-server-'));
  const dataFolder = join(folder, 'data');
  const socket = join(folder, 'socket');
  const errorLog = join(folder, 'error.log');
  const initFile = join(folder, 'init.sql');
  await cp(await emptyDataFolder(program), dataFolder, { recursive: true });
  await writeFile(initFile, initSql);
  // One of its own: a server that starts removes what it takes for left behind, and others run beside it.
  const temporary = join(folder, 'tmp');
  await mkdir(temporary);
  const port = await freePort();
  const rootConfig: DatabaseConfig = {
    host: '127.0.0.1',
    port,
    user: 'hopper',
    password: PASSWORD,
    database: 'hopper_test',
    tls: null,
    connectTimeoutMs: 5_000,
    queryTimeoutMs: 30_000,
  };
  const serverArguments = [
    '--no-defaults',
    ...asRoot,
    `--datadir=${dataFolder}`,
    `--tmpdir=${temporary}`,
    `--socket=${socket}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--log-error=${errorLog}`,
    `--pid-file=${join(folder, 'pid')}`,
    `--init-file=${initFile}`,
    '--skip-name-resolve',
    '--local-infile=1',
    '--innodb-buffer-pool-size=32M',
    ...ofKind[program.kind],
    '--innodb-flush-log-at-trx-commit=1',
    ...(options.config ?? []),
  ];

  let child = await launch(program, serverArguments, rootConfig, errorLog);

  return {
    kind: program.kind,
    port,
    socket,
    rootConfig,
    get pid() {
      return child.pid ?? 0;
    },
    query: (sql, values) => query(rootConfig, sql, values),
    async kill(signal) {
      child.kill(signal);
      if (signal === 'SIGKILL' || signal === 'SIGTERM') await ended(child);
    },
    async restart() {
      child = await launch(program, serverArguments, rootConfig, errorLog);
    },
    async stop() {
      // The data is thrown away, so there is nothing that an orderly stop could save; it also ends a stopped process.
      child.kill('SIGKILL');
      await ended(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const initSql = [
  'CREATE DATABASE IF NOT EXISTS hopper_test CHARACTER SET utf8mb4;',
  `CREATE USER IF NOT EXISTS hopper@'%' IDENTIFIED BY '${PASSWORD}';`,
  "GRANT ALL ON *.* TO hopper@'%' WITH GRANT OPTION;",
  '',
].join('\n');

/** A MySQL keeps its binary log, with global transaction ids, as it comes. */
const ofKind: Readonly<Record<ServerProgram['kind'], readonly string[]>> = {
  MariaDB: ['--skip-log-bin', '--innodb-log-file-size=16M'],
  // The protocol X would listen on a port of its own, and the folder for files of a distribution need not be there.
  MySQL: ['--mysqlx=0', '--secure-file-priv=', '--innodb-redo-log-capacity=16M'],
};

async function launch(
  program: ServerProgram,
  serverArguments: string[],
  config: DatabaseConfig,
  errorLog: string,
): Promise<ChildProcess> {
  const child = spawn(program.path, serverArguments, { stdio: 'ignore' });
  // A test process that ends early must not leave a server behind.
  const killChild = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', killChild);
  child.once('exit', () => process.off('exit', killChild));
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      const log = await readFile(errorLog, 'utf8').catch(() => '');
      throw new Error(`${program.path} ended while starting:\n${log.slice(-2000)}`);
    }
    try {
      await query(config, 'SELECT 1');
      return child;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function query(
  config: DatabaseConfig,
  sql: string,
  values: unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const { host, port, user, password, database } = config;
  const connection = await mysql.createConnection({
    host,
    port,
    user,
    password,
    database,
    timezone: 'Z',
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: false,
  });
  try {
    const [rows] = await connection.query(sql, values);
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
  } finally {
    connection.destroy();
  }
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('The system gave no port.'));
      });
    });
  });
}
