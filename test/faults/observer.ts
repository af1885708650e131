import { closeSync, existsSync, fstatSync, openSync, readdirSync } from 'node:fs';
import { readSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import type { DatabaseConfig } from '../../src/config/config.ts';
import { claimsIn } from '../support/exactly-once.ts';
import { filesIn, type HopperProject } from '../support/hopper-project.ts';
import { Ends, isLoaded } from './ends.ts';
import { DATASET, type Delivery, type Mode } from './producer.ts';

const LOOK_EVERY_MS = 5;
/** A pause between two looks at the tables is so many times as long as the look: a server with many rows has more to do. */
const PAUSE_PER_LOOK = 10;
const MAGIC = Buffer.from('PAR1');

const NO_SUCH_TABLE = 1146;

/**
 * Looks on while the daemon works, is killed and works again, and keeps what must never be seen: a Parquet file under its
 * final name that is not complete, rows without their ledger row or the other way, a source that is gone while its rows
 * are not safe.
 */
export class Observer {
  readonly #project: HopperProject;
  readonly #journal: readonly Delivery[];
  readonly #database: DatabaseConfig | null;
  readonly #mode: Mode;
  readonly #ends: Ends;
  readonly #seen = new Set<string>();
  readonly #findings = new Set<string>();
  /** Names of files of which a version has been in the lake. */
  readonly #inLake = new Set<string>();
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>;
  looks = 0;

  /** `database`: reached directly, also where the daemon is led through a proxy. */
  constructor(
    project: HopperProject,
    journal: readonly Delivery[],
    database: DatabaseConfig | null,
    mode: Mode = 'append',
    ends = new Ends(project),
  ) {
    this.#project = project;
    this.#journal = journal;
    this.#database = database;
    this.#mode = mode;
    this.#ends = ends;
    this.#running = Promise.all([this.#watchFolders(), this.#watchTables()]);
  }

  /** Ends the looking; what was found, which should be nothing. */
  async end(): Promise<string[]> {
    this.#stop.abort();
    await this.#running;
    return [...this.#findings];
  }

  /** Whether to look on. A look that a lock held up has a pause of minutes behind it, which the end does not wait for. */
  #pause(ms = LOOK_EVERY_MS): Promise<boolean> {
    const { signal } = this.#stop;
    // It is rejected where it is stopped, and for nothing else.
    return delay(Math.max(ms, LOOK_EVERY_MS), true, { signal }).catch(() => false);
  }

  async #watchFolders(): Promise<void> {
    do {
      this.looks++;
      this.#lookAtParquet();
      this.#lookAtSources();
    } while (await this.#pause());
  }

  #lookAtParquet(): void {
    const folder = join(this.#project.output, DATASET);
    const names = filesIn(folder);
    for (const name of names) this.#lookAtFile(folder, name);
    if (this.#mode === 'replace') this.#lookForVersions(folder, names);
  }

  #lookAtFile(folder: string, name: string): void {
    const descriptor =
      this.#mode === 'replace'
        ? openIfThere(join(folder, name))
        : openSync(join(folder, name), 'r');
    if (descriptor === null) return;
    try {
      const { ino, size, mtimeNs } = fstatSync(descriptor, { bigint: true });
      const version = [name, ino, size, mtimeNs].join(' ');
      if (this.#seen.has(version)) return;
      this.#seen.add(version);
      if (!isComplete(descriptor, Number(size))) {
        this.#findings.add(`${name} was visible with ${size} bytes and not complete`);
      }
    } finally {
      closeSync(descriptor);
    }
  }

  /** Of a file that has been in the lake some version is there at any time. */
  #lookForVersions(folder: string, names: readonly string[]): void {
    const there = new Set(names.map(sourceName));
    const gone = [...this.#inLake].filter((name) => !there.has(name));
    for (const name of there) this.#inLake.add(name);
    // One that came while the folder was listed is in the next list.
    const now = gone.length > 0 ? new Set(filesIn(folder).map(sourceName)) : there;
    for (const name of gone.filter((one) => !now.has(one)))
      this.#findings.add(`no version of ${name} was in the lake`);
  }

  /** Files go from the input folder by way of a claim to their end, so looking in that order does not miss one on its way. */
  #lookAtSources(): void {
    const missing = this.#missing(this.#journal);
    // At a stop a file goes back, against the order; what is missing twice is missing.
    for (const { name } of missing.length > 0 ? this.#missing(missing) : []) {
      this.#findings.add(`${name} was in none of the folders`);
    }
  }

  #missing(deliveries: readonly Delivery[]): Delivery[] {
    const { input, processing } = this.#project;
    const waiting = new Set(namesIn(input));
    const claims = claimsIn(this.#project).map((claim) => join(processing, claim));
    const claimed = new Set(claims.flatMap(namesIn));
    return deliveries.filter(
      (delivery) =>
        !waiting.has(delivery.name) &&
        !claimed.has(delivery.name) &&
        // A claim's folder may get the name of its load between the listing and the look.
        !existsSync(join(processing, delivery.loadId, delivery.name)) &&
        !this.#ends.has(delivery),
    );
  }

  async #watchTables(): Promise<void> {
    if (this.#database === null) return;
    let connection: mysql.Connection | null = null;
    let tookMs = 0;
    do {
      const startedMs = performance.now();
      try {
        connection ??= await connectTo(this.#database);
        await this.#lookAtTables(connection);
      } catch (error) {
        // The fault may be the server's; the tables may not be there yet.
        if ((error as { errno?: number }).errno === NO_SUCH_TABLE) continue;
        connection?.destroy();
        connection = null;
      }
      tookMs = performance.now() - startedMs;
    } while (await this.#pause(tookMs * PAUSE_PER_LOOK));
    connection?.destroy();
  }

  async #lookAtTables(connection: mysql.Connection): Promise<void> {
    // Listed first: what is archived has to be in the tables by the time that they are asked.
    const archived = this.#journal.filter(
      (delivery) => isLoaded(delivery) && this.#ends.has(delivery),
    );
    // Both as they were at one moment.
    await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT');
    const promised = await rowsByLoad(
      connection,
      `SELECT load_id AS id, rows_accepted AS n FROM csv_hopper_ledger WHERE dataset = '${DATASET}'`,
    );
    const found = await rowsByLoad(
      connection,
      'SELECT _load_id AS id, COUNT(*) AS n FROM deliveries GROUP BY _load_id',
    );
    await connection.query('COMMIT');
    for (const loadId of new Set([...promised.keys(), ...found.keys()])) {
      const [inLedger, inTable] = [promised.get(loadId) ?? 0, found.get(loadId) ?? 0];
      // By key any of its rows may have become those of a later load.
      const isFewer = this.#mode === 'upsert' && inTable < inLedger;
      if (inLedger !== inTable && !isFewer) {
        this.#findings.add(`load ${loadId} had ${inTable} rows, and ${inLedger} in the ledger`);
      }
    }
    for (const { name, loadId, number } of archived) {
      const gaveWay =
        this.#mode === 'replace' &&
        this.#journal.some(
          (later) => later.name === name && later.number > number && promised.has(later.loadId),
        );
      if (!promised.has(loadId) && !gaveWay)
        this.#findings.add(`${name} was archived before its rows were there`);
    }
  }
}

async function rowsByLoad(connection: mysql.Connection, sql: string): Promise<Map<string, number>> {
  const [rows] = await connection.query(sql);
  return new Map((rows as Record<string, unknown>[]).map(({ id, n }) => [String(id), Number(n)]));
}

/** None where the folder is gone by now. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Null where the version gave way since it was listed. */
function openIfThere(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Without the short load id. */
function sourceName(parquet: string): string {
  return parquet.replace(/-[0-9a-f]{8}\.parquet$/, '');
}

async function connectTo(config: DatabaseConfig): Promise<mysql.Connection> {
  const { host, port, user, password, database } = config;
  const connection = await mysql.createConnection({ host, port, user, password, database });
  // What is lost between statements is noticed by the next one.
  connection.on('error', () => undefined);
  return connection;
}

function isComplete(descriptor: number, size: number): boolean {
  if (size < 12) return false;
  const bytes = Buffer.alloc(8);
  readSync(descriptor, bytes, 0, 4, 0);
  if (!bytes.subarray(0, 4).equals(MAGIC)) return false;
  readSync(descriptor, bytes, 0, 8, size - 8);
  return bytes.subarray(4).equals(MAGIC) && bytes.readUInt32LE(0) <= size - 12;
}
