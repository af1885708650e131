import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { cli } from './project.ts';
import { repository } from './shape.ts';

/** What the figures depend on besides the code, in words by name. */
export type Machine = Record<string, string>;

/** `server`: kind and version of the database server where one is used. */
export async function describeMachine(server: Machine | null): Promise<Machine> {
  return {
    'csv-hopper': hopperVersion(),
    'Node.js': process.version,
    DuckDB: await duckdbVersion(),
    ...server,
    'csv-parse': packageVersion('csv-parse'),
    'parquetjs-lite': packageVersion('parquetjs-lite'),
    mysql2: packageVersion('mysql2'),
    cores: String(availableParallelism()),
    CPU: cpus()[0]?.model.trim() ?? 'unknown',
    memory: `${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    // Above 0, others used the cores too, and ratios say more than times.
    'load before': (loadavg()[0] ?? 0).toFixed(1),
  };
}

/** Its version, and the commit where git knows it. */
function hopperVersion(): string {
  const version = spawnSync(process.execPath, [cli, '--version'], { encoding: 'utf8' }).stdout;
  const words = ['describe', '--always', '--dirty'];
  const commit = spawnSync('git', words, { cwd: repository, encoding: 'utf8' }).stdout;
  return commit === '' ? version.trim() : `${version.trim()} (${commit.trim()})`;
}

async function duckdbVersion(): Promise<string> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const [row] = (await connection.runAndReadAll('SELECT version()')).getRows();
  connection.closeSync();
  instance.closeSync();
  return String(row?.[0]);
}

function packageVersion(name: string): string {
  const path = join(repository, 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}
