import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { systemCode } from '../core/environment-error.ts';
import type { LedgerEntry } from '../load/ledger.ts';
import type { LoadsInDatabase } from '../load/read-loads.ts';
import { type Footer, readFooter } from '../parquet/read-footer.ts';
import {
  type Receipt,
  readJournal,
  readReceipts,
  receiptsPath,
  type ReplacementNote,
} from '../pipeline/receipt-book.ts';
import { claimedFiles, replacedBySources } from './claimed-files.ts';

/** A Parquet file under its final name, its path relative to the output folder. */
export interface ParquetTrace {
  path: string;
  /** What its footer says; or why it cannot be read. */
  footer: Footer | string;
}

/** What there is of a load, in each place where a load leaves something. */
export interface LoadTraces {
  loadId: string;
  receipt: Receipt | null;
  ledger: LedgerEntry | null;
  /** The table that has its rows, or should; null where no database is configured or no dataset is known. */
  table: string | null;
  /** Rows in that table; null where they cannot be told apart from those of other loads. */
  rows: number | null;
  parquet: ParquetTrace[];
  /** The new version of its file in whose place it does not stand any more; else null. */
  replacedBy: string | null;
  /** Whether rows of its table are changed by key, and are then of the load that was the last to change them. */
  byKey: boolean;
}

/** All loads but those that are under way, the oldest first; and the Parquet files that no load can be named for. */
export interface Traces {
  loads: LoadTraces[];
  strayFiles: ParquetTrace[];
}

/**
 * Reads what receipts, ledger, tables and Parquet files say of every load of the configured datasets. Writes nothing. A
 * daemon may go on meanwhile: a load that is under way at any time while this looks is left out. Throws a HopperError where
 * the database cannot be asked.
 */
export async function readTraces(config: Config): Promise<Traces> {
  const startedAt = new Date().toISOString();
  const before = await claimedFiles(config);
  const files = await readParquet(config);
  const database = await askDatabase(config);
  // Last, so that whatever ended meanwhile has its receipt; claims before that, because a claim goes behind its receipt.
  const after = await claimedFiles(config);
  const underWay = new Set([...before.folders, ...after.folders]);
  const sources = [...before.sources, ...after.sources];
  const isBeingReplaced = replacedBySources({ ...after, sources }, config);
  const traces = new TraceBook(config, database);
  for (const { name } of config.datasets) {
    for await (const receipt of readReceipts(receiptsPath(config.folders.output, name))) {
      if (receipt.time >= startedAt) underWay.add(receipt.loadId);
      else traces.addReceipt(receipt);
    }
  }
  traces.addDatabase();
  for (const { name } of config.datasets) {
    for await (const line of readJournal(receiptsPath(config.folders.output, name)))
      if ('replaced' in line) traces.addReplacement(line);
  }
  const strayFiles = files.filter((file) => !traces.addFile(file));
  const loads = traces.loads.filter(({ loadId, receipt, ledger }) => {
    const known = receipt ?? ledger;
    return !underWay.has(loadId) && (known === null || !isBeingReplaced(known));
  });
  return { loads, strayFiles };
}

/** Gathers the traces of each load. */
class TraceBook {
  readonly #byLoad = new Map<string, LoadTraces>();
  /** Load ids by the path of the Parquet file that they should have: one that is damaged does not say whose it is. */
  readonly #byPath = new Map<string, LoadTraces>();
  readonly #tables: ReadonlyMap<string, string>;
  readonly #database: LoadsInDatabase | null;
  readonly #tablesByKey: ReadonlySet<string>;

  constructor({ datasets }: Config, database: LoadsInDatabase | null) {
    const byKey = datasets.filter(({ write }) => write.mode === 'upsert');
    this.#tablesByKey = new Set([
      ...byKey.map(({ table }) => table.name),
      ...(database?.ledger.flatMap((e) => (e.rowsUpdated === null ? [] : e.table)) ?? []),
    ]);
    this.#tables = new Map(datasets.map(({ name, table }) => [name, table.name]));
    this.#database = database;
  }

  get loads(): LoadTraces[] {
    const loads = [...this.#byLoad.values()];
    for (const load of loads) load.byKey = load.table !== null && this.#tablesByKey.has(load.table);
    return loads;
  }

  addReceipt(receipt: Receipt): void {
    const load = this.#of(receipt.loadId);
    load.receipt = receipt;
    load.table = this.#tableOf(receipt.dataset);
    if (this.#rowsIn(load.table) === null) load.rows = null;
    this.#byPath.set(receipt.parquet, load);
  }

  /** Behind the rest. What was loaded again since has a receipt. */
  addReplacement({ replaced, by }: ReplacementNote): void {
    const load = this.#byLoad.get(replaced);
    if (load?.receipt === null) load.replacedBy = by;
  }

  /** Behind the receipts. */
  addDatabase(): void {
    if (this.#database === null) return;
    for (const entry of this.#database.ledger) {
      const hasDataset = this.#tables.has(entry.dataset);
      if (!hasDataset && !this.#database.rows.has(entry.table)) continue;
      const load = this.#of(entry.loadId);
      load.ledger = entry;
      load.table = entry.table;
      if (this.#rowsIn(entry.table) === null) load.rows = null;
      if (hasDataset) this.#byPath.set(join(entry.dataset, entry.parquet), load);
    }
    for (const [table, counts] of this.#database.rows) {
      for (const [loadId, rows] of counts ?? []) {
        const load = this.#of(loadId);
        load.table ??= table;
        if (load.table === table) load.rows = rows;
      }
    }
  }

  /** False for a file that belongs to no load, or does not say to which. */
  addFile(file: ParquetTrace): boolean {
    const { footer, path } = file;
    const loadId = typeof footer === 'string' ? null : footer.metadata.get('csv_hopper.load_id');
    const load = typeof loadId === 'string' ? this.#of(loadId) : this.#byPath.get(path);
    load?.parquet.push(file);
    return load !== undefined;
  }

  #of(loadId: string): LoadTraces {
    let load = this.#byLoad.get(loadId);
    if (load === undefined) {
      load = {
        ...{ loadId, receipt: null, ledger: null, table: null, rows: 0, parquet: [] },
        ...{ replacedBy: null, byKey: false },
      };
      this.#byLoad.set(loadId, load);
    }
    return load;
  }

  #tableOf(dataset: string): string | null {
    return this.#database === null ? null : (this.#tables.get(dataset) ?? null);
  }

  /** Null where the rows of a load cannot be counted. */
  #rowsIn(table: string | null): ReadonlyMap<string, number> | null {
    return table === null ? null : (this.#database?.rows.get(table) ?? null);
  }
}

/** The driver takes 65 ms to load, which a check without a database is spared. */
async function askDatabase({ database, datasets }: Config): Promise<LoadsInDatabase | null> {
  if (database === null) return null;
  const { readLoads } = await import('../load/read-loads.ts');
  return readLoads(database, new Set(datasets.map(({ table }) => table.name)));
}

async function readParquet({ datasets, folders }: Config): Promise<ParquetTrace[]> {
  const files: ParquetTrace[] = [];
  for (const { name } of datasets) {
    const folder = join(folders.output, name);
    const names = (await namesIn(folder)).filter(
      (file) => file.endsWith('.parquet') && !file.startsWith('.'),
    );
    for (const file of names.sort()) {
      files.push({ path: join(name, file), footer: readFooter(join(folder, file)) });
    }
  }
  return files;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}
