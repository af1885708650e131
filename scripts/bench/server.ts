import { spawnSync } from 'node:child_process';
import type { DatabaseConfig } from '../../src/config/config.ts';
import { type Mariadb, startMariadb } from '../../test/support/mariadb.ts';
import { serverProgram } from '../../test/support/server-program.ts';
import type { Cleanup } from './cleanup.ts';
import { type Measurement, cpuMs, measureProcess } from './measured-process.ts';

/** A server for the bench alone, in a folder under the temp folder. */
export interface Server {
  kind: Mariadb['kind'];
  config: DatabaseConfig;
  query: (sql: string) => Promise<Record<string, unknown>[]>;
  /** Removes all tables, so that a case begins with none. */
  dropTables: () => Promise<void>;
  /** Empties all tables, so that each run begins alike, and csv-hopper takes the file for a new one. */
  emptyTables: () => Promise<void>;
  countRows: (table: string) => Promise<number>;
  /** What a table and its indexes take on the disk. */
  tableBytes: (table: string) => Promise<number>;
  /** One statement by the command-line client, which may read local files. */
  runClient: (sql: string, cwd: string, cleanup: Cleanup) => Promise<Measurement>;
  /** CPU time that the server has used so far. */
  cpuMs: () => number;
}

/** The sizes that a server itself has as defaults; the tests' server is smaller. Each commit is flushed to disk. */
const settings = {
  MariaDB: ['--innodb-log-file-size=96M'],
  MySQL: ['--innodb-redo-log-capacity=100M'],
};
/** Where a server tells what its tables take on the disk. */
const tablespaces = { MariaDB: 'INNODB_SYS_TABLESPACES', MySQL: 'INNODB_TABLESPACES' };

export async function startServer(cleanup: Cleanup): Promise<Server> {
  const client = findClient();
  const ofKind = settings[serverProgram?.kind ?? 'MariaDB'];
  const server = await startMariadb({ config: ['--innodb-buffer-pool-size=128M', ...ofKind] });
  cleanup.add(() => server.stop());
  const { kind, rootConfig: config, query } = server;
  const tables = async (): Promise<string[]> =>
    (await query('SHOW TABLES')).map((row) => String(Object.values(row)[0]));
  const forEachTable = async (verb: string): Promise<void> => {
    for (const table of await tables()) await query(`${verb} TABLE \`${table}\``);
  };
  return {
    kind,
    config,
    query: (sql) => query(sql),
    dropTables: () => forEachTable('DROP'),
    emptyTables: () => forEachTable('TRUNCATE'),
    countRows: async (table) => {
      const [row] = await query(`SELECT COUNT(*) AS n FROM ${table}`);
      return Number(row?.['n']);
    },
    tableBytes: async (table) => {
      const [row] = await query(
        `SELECT FILE_SIZE AS n FROM information_schema.${tablespaces[kind]} WHERE NAME = '${config.database}/${table}'`,
      );
      return Number(row?.['n']);
    },
    runClient: (sql, cwd, cleanup) =>
      measureProcess(client, [...clientWords(config), '-e', sql], {
        ...{ cwd, cleanup },
        env: { MYSQL_PWD: config.password },
      }),
    cpuMs: () => cpuMs(server.pid),
  };
}

function clientWords({ host, port, user, database }: DatabaseConfig): string[] {
  return [
    '--no-defaults',
    '--protocol=tcp',
    `--host=${host}`,
    `--port=${port}`,
    `--user=${user}`,
    '--default-character-set=utf8mb4',
    '--local-infile=1',
    `--database=${database}`,
  ];
}

function findClient(): string {
  const found = ['mariadb', 'mysql'].find(
    (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0,
  );
  if (found !== undefined) return found;
  throw new Error(
    'There is no mariadb client on this machine: install mariadb-client-core, or leave the cases with a database out with --only convert.',
  );
}
