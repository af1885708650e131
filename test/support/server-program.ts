import { execFile, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** A database server that the tests can start. */
export interface ServerProgram {
  kind: 'MariaDB' | 'MySQL';
  path: string;
  /** As it says itself: three numbers. */
  version: string;
  /** MariaDB's program that makes a data folder; of a MySQL the server does that itself. */
  installer: string | null;
}

const run = promisify(execFile);
export const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];

/** The program that HOPPER_TEST_SERVER names, else the one that is installed; null where there is none. */
export const serverProgram = findServerProgram();

function findServerProgram(): ServerProgram | null {
  const wanted = process.env['HOPPER_TEST_SERVER'];
  const path = findProgram(wanted === undefined ? ['mariadbd', 'mysqld'] : [wanted]);
  if (path === null) {
    if (wanted === undefined) return null;
    throw new Error(`There is no program ${wanted}, which HOPPER_TEST_SERVER names.`);
  }
  const { stdout } = spawnSync(path, ['--no-defaults', '--version'], { encoding: 'utf8' });
  const [, version, maker] = / (\d+\.\d+\.\d+)(-MariaDB)?/.exec(stdout) ?? [];
  if (version === undefined) throw new Error(`${path} does not say its version: ${stdout}`);
  if (maker === undefined) return { kind: 'MySQL', path, version, installer: null };
  const installer = findProgram(['mariadb-install-db', 'mysql_install_db']);
  return installer === null ? null : { kind: 'MariaDB', path, version, installer };
}

/** What a server says of a row that repeats a key: MySQL names the table of the key too. */
export function duplicateEntry(value: string, table: string, key: string): string {
  const name = serverProgram?.kind === 'MySQL' ? `${table}.${key}` : key;
  return `Duplicate entry '${value}' for key '${name}'`;
}

/** A data folder with the system tables only. Made once per server version and kept: it takes seconds to make. */
export async function emptyDataFolder(program: ServerProgram): Promise<string> {
  const cache = join(import.meta.dirname, '../../node_modules/.cache/csv-hopper');
  const folder = join(cache, `${program.kind.toLowerCase()}-${program.version}`);
  if (await exists(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const making = await mkdtemp(join(cache, 'making-'));
  await makeDataFolder(program, making);
  try {
    await rename(making, folder);
  } catch (error) {
    // Another test process made it meanwhile.
    await rm(making, { recursive: true, force: true });
    if (!(await exists(folder))) throw error;
  }
  return folder;
}

async function makeDataFolder({ path, installer }: ServerProgram, folder: string): Promise<void> {
  const words = ['--no-defaults', ...asRoot, `--datadir=${folder}`];
  if (installer === null)
    await run(path, [...words, '--initialize-insecure', '--innodb-redo-log-capacity=16M']);
  else
    await run(installer, [
      ...words,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--innodb-log-file-size=16M',
    ]);
}

/** The first of these programs that there is, by its path or in one of the folders of programs. */
function findProgram(names: string[]): string | null {
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/libexec',
    '/usr/local/sbin',
  ];
  const paths = names.flatMap((name) =>
    name.includes('/') ? [name] : folders.map((folder) => join(folder, name)),
  );
  return paths.find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
