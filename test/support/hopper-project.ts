import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseConfig } from '../../src/config/config.ts';
import { rotatedFiles } from '../../src/log/rotated-files.ts';
import type { LogEvent } from '../../src/log/log-event.ts';
import { HopperProcess, type HopperProcessOptions, repository } from './hopper-process.ts';
import { until } from './until.ts';

/** A line of conversion_log.jsonl. */
export interface LogLine extends Record<string, unknown> {
  time: string;
  level: string;
  event: LogEvent;
  msg: string;
  file?: string;
  loadId?: string;
  reason?: string;
}

export interface ProjectSettings {
  database?: DatabaseConfig | null;
  /** YAML of the key; otherwise that of the shipped configuration. */
  folders?: string;
  datasets?: string;
  /** YAML of further keys. */
  more?: string;
  /** The folder to make it in; otherwise that of temporary files. */
  parent?: string;
}

/** The dataset that most tests use: two columns, nothing cleaned. */
export const peopleDataset = `datasets:
  - { name: people, match: '*.csv', schema: schema/people.yaml }
`;

/**
 * A folder as a user of csv-hopper has one, under the temp folder: the shipped configuration and schemas, changed where a
 * test says so, and the processes that run there.
 */
export class HopperProject {
  readonly root: string;
  readonly input: string;
  readonly processing: string;
  readonly failed: string;
  readonly archive: string;
  readonly output: string;
  readonly logs: string;
  readonly #processes: HopperProcess[] = [];
  #settings: ProjectSettings = {};

  constructor(settings: ProjectSettings = {}) {
    this.root = mkdtempSync(join(settings.parent ?? tmpdir(), 'csv-hopper-project-'));
    this.input = join(this.root, 'input_csv');
    this.processing = join(this.input, '.processing');
    this.failed = join(this.input, 'output_failed');
    this.archive = join(this.input, 'archive');
    this.output = join(this.root, 'output_parquet');
    this.logs = join(this.root, 'logs');
    mkdirSync(join(this.root, 'config'));
    mkdirSync(this.input);
    cpSync(join(repository, 'schema'), join(this.root, 'schema'), { recursive: true });
    writeFileSync(join(this.root, 'schema/people.yaml'), 'id: INTEGER\nname: VARCHAR(40)\n');
    this.configure(settings);
  }

  /** Changes the configuration for the next start. */
  configure(settings: ProjectSettings): void {
    this.#settings = { ...this.#settings, ...settings };
    const { database, folders, datasets, more } = this.#settings;
    const shipped = readFileSync(join(repository, 'config/config.yaml'), 'utf8');
    const parts = [
      folders ?? keyOf(shipped, 'folders'),
      datasets ?? keyOf(shipped, 'datasets'),
      // Shorter than the default, so that no test waits for a second.
      more ?? 'intake: { quiet_ms: 100, sweep_ms: 300 }\nconvert: { workers: 2 }',
      database === undefined || database === null ? '' : databaseKey(database),
      // Many run at a time, and only tests of the port want one.
      more?.includes('serve:') === true ? '' : 'serve: { listen: null }',
    ];
    writeFileSync(join(this.root, 'config/config.yaml'), `${parts.join('\n')}\n`);
  }

  /** Starts the daemon and waits until it is ready. */
  async start(options: Omit<HopperProcessOptions, 'cwd'> = {}): Promise<HopperProcess> {
    const started = this.run(['start'], options);
    await started.ready();
    return started;
  }

  /** Starts a command. */
  run(words: string[], options: Omit<HopperProcessOptions, 'cwd'> = {}): HopperProcess {
    const started = new HopperProcess(words, { cwd: this.root, ...options });
    this.#processes.push(started);
    return started;
  }

  /** Puts a file into the input folder under its final name at once. */
  drop(name: string, content: string | Uint8Array): void {
    const temporary = join(this.input, '.drop.tmp');
    writeFileSync(temporary, content);
    renameSync(temporary, join(this.input, name));
  }

  /** The events of the log so far; the last line may be half written and is left out then. */
  events(): LogLine[] {
    return eventsIn(join(this.logs, 'conversion_log.jsonl'));
  }

  /** With those of logs that were rotated since. */
  allEvents(): LogLine[] {
    const rotated = existsSync(this.logs) ? rotatedFiles(this.logs, 'jsonl') : [];
    return [...rotated.flatMap(eventsIn), ...this.events()];
  }

  /** The events of one file, by name and in their order. */
  stepsOf(file: string): LogEvent[] {
    return this.events().flatMap((line) => (line.file === file ? line.event : []));
  }

  /** Waits until the log has the event, of this file if one is named, for the nth time. */
  event(event: LogEvent, file?: string, nth = 1): Promise<LogLine> {
    const isMeant = (line: LogLine): boolean =>
      line.event === event && (file === undefined || line.file === file);
    return until(
      () => this.events().filter(isMeant)[nth - 1],
      () => `No ${event} of ${file ?? 'any file'}. ${this.#state()}`,
    );
  }

  /** Waits until so many files have ended: finished, failed or skipped. */
  async ends(count: number): Promise<void> {
    const isEnd = ({ event }: LogLine): boolean =>
      event === 'finished' || event === 'failed' || event === 'skipped';
    await until(
      () => this.events().filter(isEnd).length >= count,
      () => `Not ${count} files ended. ${this.#state()}`,
    );
  }

  /** Kills all that it has started. */
  async stopAll(): Promise<void> {
    for (const { child, ended } of this.#processes) {
      child.kill('SIGKILL');
      await ended;
    }
  }

  async remove(): Promise<void> {
    await this.stopAll();
    rmSync(this.root, { recursive: true, force: true });
  }

  #state(): string {
    const said = this.#processes.map((process) => process.said).join('\n');
    const last = this.events().slice(-15);
    return `${last.map((line) => JSON.stringify(line)).join('\n')}\n${said}`;
  }
}

function eventsIn(path: string): LogLine[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as LogLine);
}

/** Names of the regular files in a folder, sorted; none where there is no folder. Dot files are left out. */
export function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  // One may be gone by now.
  const isFile = (name: string): boolean =>
    statSync(join(folder, name), { throwIfNoEntry: false })?.isFile() === true;
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.') && isFile(name))
    .sort();
}

/** A file for the people dataset: `rows` people with ids from `first` on. */
export function people(first: number, rows: number, name = 'person'): string {
  const lines = Array.from({ length: rows }, (_, i) => `${first + i};${name} ${first + i}\n`);
  return `id;name\n${lines.join('')}`;
}

function keyOf(yaml: string, key: string): string {
  const found = new RegExp(`^${key}:.*\\n(?:[ #].*\\n|\\n)*`, 'm').exec(yaml);
  if (found === null) throw new Error(`The shipped configuration has no ${key}.`);
  return found[0];
}

/** `tlsCa`: path of the file that `config.tls.ca` came from. */
export function databaseKey(config: DatabaseConfig, tlsCa?: string): string {
  const { host, port, user, password, database, connectTimeoutMs, queryTimeoutMs } = config;
  const timeouts = { connect_timeout_ms: connectTimeoutMs, query_timeout_ms: queryTimeoutMs };
  const tls = config.tls === null ? {} : { tls: true, tls_ca: tlsCa };
  return `database: ${JSON.stringify({ host, port, user, password, database, ...tls, ...timeouts })}`;
}
