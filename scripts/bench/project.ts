// A folder as a user of csv-hopper has one. All settings but those that a case is about keep their defaults.
import {
  closeSync,
  cpSync,
  existsSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { DatabaseConfig } from '../../src/config/config.ts';
import { repository, type Shape } from './shape.ts';

export const cli = join(repository, 'dist/cli.js');

const LOG_BYTES_MAX = 2 ** 30;

export interface ProjectOptions {
  shape: Shape;
  /** Default: what csv-hopper itself takes. */
  workers?: number;
  codec?: 'zstd' | 'snappy';
  database?: DatabaseConfig | null;
}

/** A line of conversion_log.jsonl. */
export interface LogLine {
  time: string;
  event: string;
  file?: string;
  rowsRead?: number;
  rowsAccepted?: number;
  reason?: string;
}

export class Project {
  readonly root: string;
  readonly input: string;
  readonly #shape: Shape;

  /** `root` exists and is empty. */
  constructor(root: string, { shape, workers, codec = 'zstd', database = null }: ProjectOptions) {
    this.#shape = shape;
    this.root = root;
    this.input = join(root, 'input_csv');
    mkdirSync(this.input);
    mkdirSync(join(root, 'config'));
    cpSync(join(repository, 'schema'), join(root, 'schema'), { recursive: true });
    const { columns, checks = [] } = shape;
    const schema = Object.entries(columns).map(([name, type]) => `${name}: ${type}\n`);
    if (checks.length > 0) schema.push(`$checks: ${JSON.stringify(checks)}\n`);
    if (!existsSync(join(root, shape.dataset.schema))) {
      writeFileSync(join(root, shape.dataset.schema), schema.join(''));
    }
    const config = {
      datasets: [shape.dataset],
      parquet: { codec },
      ...(workers === undefined ? {} : { convert: { workers } }),
      // Not rotated, because it is read on from where the last look ended.
      log: { rotate_bytes: LOG_BYTES_MAX },
      // Two daemons may run at a time.
      serve: { listen: '127.0.0.1:0' },
      ...(database === null ? {} : { database: databaseKey(database) }),
    };
    // JSON is YAML.
    writeFileSync(join(root, 'config/config.yaml'), JSON.stringify(config));
  }

  /** Lays a file into the input folder, at once and without copying: the archive takes this name of it, the data stays. */
  drop(path: string, name: string): void {
    linkSync(path, join(this.input, name));
  }

  /** The Parquet files that are published. */
  parquetFiles(): string[] {
    const folder = join(this.root, 'output_parquet', this.#shape.name);
    const names = readdirSync(folder).filter((name) => name.endsWith('.parquet'));
    return names.map((name) => join(folder, name));
  }

  /** What one file has left in both logs and in the journal of receipts. */
  get logBytes(): number {
    const journal = join(this.root, 'output_parquet', this.#shape.name, '.receipts.jsonl');
    const logs = ['jsonl', 'txt'].map((end) => join(this.root, 'logs', `conversion_log.${end}`));
    return [...logs, journal].reduce((sum, path) => sum + statSync(path).size, 0);
  }

  /** The log from this byte on, whole lines only, and where the next look begins. Reads no more than that. */
  logSince(from: number): { lines: LogLine[]; next: number } {
    const path = join(this.root, 'logs/conversion_log.jsonl');
    if (!existsSync(path)) return { lines: [], next: 0 };
    const added = readFrom(path, from);
    const end = added.lastIndexOf('\n') + 1;
    const texts = added.toString('utf8', 0, end).split('\n').slice(0, -1);
    return { lines: texts.map((text) => JSON.parse(text) as LogLine), next: from + end };
  }
}

function readFrom(path: string, from: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const added = Buffer.alloc(fstatSync(file).size - from);
    return added.subarray(0, readSync(file, added, 0, added.length, from));
  } finally {
    closeSync(file);
  }
}

function databaseKey(config: DatabaseConfig): Record<string, unknown> {
  const { host, port, user, password, database } = config;
  return { host, port, user, password, database };
}
