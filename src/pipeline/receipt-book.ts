import { join } from 'node:path';
import { Journal, readJournalLines } from '../core/journal.ts';
import { type LoadIdentity, type RowCounts, shortLoadId } from '../core/load.ts';
import { sourceOfRejects } from '../core/reject-name.ts';

/** What is kept of a finished load. */
export interface Receipt extends LoadIdentity, RowCounts {
  /** When it was finished: ISO 8601, UTC. */
  time: string;
  /** Path of the Parquet file, relative to the output folder. */
  parquet: string;
  /** The table that has the rows; null where no database was configured. */
  table: string | null;
  /** From the claim to the end. */
  durationMs: number;
  /** What was not as expected of its dataset and only warned of, see docs/PROFILES.md. */
  warnings?: readonly string[];
  /** Of a repaired reject file: the load that its rows were missing in. */
  repairs?: string;
}

/** Says that a load was taken back: its receipts so far do not stand any more. */
export interface UndoNote {
  undone: string;
  /** ISO 8601, UTC. */
  time: string;
}

/** The part of a receipt that is held in memory. */
export type KnownLoad = Pick<Receipt, 'loadId' | 'file' | 'table'>;

/** Where the receipts of a dataset lie: with its Parquet files, so that who empties the folder starts afresh. */
export function receiptsPath(outputFolder: string, dataset: string): string {
  return join(outputFolder, dataset, '.receipts.jsonl');
}

/**
 * The finished loads of one dataset: a journal of one JSON object a line, from which a file that is dropped again is
 * known without a database. A receipt is durable when `add` returns; receipts that come at the same time share a write
 * and an fsync. A line torn by a crash is passed over: its load is not finished then, and is finished again.
 */
export class ReceiptBook {
  readonly #path: string;
  readonly #journal: Journal<Receipt | UndoNote>;
  readonly #byLoad = new Map<string, KnownLoad>();
  readonly #byContent = new Map<string, KnownLoad>();
  /** The last load with rejected rows, by the name of its file. */
  readonly #diverted = new Map<string, KnownLoad>();

  constructor(path: string) {
    this.#path = path;
    this.#journal = new Journal(path);
  }

  /** Reads what is there. */
  async open(): Promise<void> {
    for await (const line of readJournal(this.#path)) this.#enter(line);
    await this.#journal.open();
  }

  findLoad(loadId: string): KnownLoad | undefined {
    return this.#byLoad.get(loadId);
  }

  /** The first load of the same bytes, under whatever name. */
  findContent(sha256: string): KnownLoad | undefined {
    return this.#byContent.get(sha256);
  }

  /**
   * The load whose rejected rows a file of this name holds, going by the name alone; undefined where it is no reject file, or that load
   * is not known. Where several files of the name were diverted, the name of the reject file has the short load id.
   */
  findDiverted(name: string): KnownLoad | undefined {
    const source = sourceOfRejects(name);
    if (source === null) return undefined;
    const known = this.#diverted.get(source);
    if (known !== undefined) return known;
    const [, start, id, end] = /^(.*)-([0-9a-f]{8})(?:-\d+)?(\.[^.]*)?$/s.exec(source) ?? [];
    if (id === undefined) return undefined;
    const marked = this.#diverted.get(`${start ?? ''}${end ?? ''}`);
    return marked !== undefined && shortLoadId(marked.loadId) === id ? marked : undefined;
  }

  async add(line: Receipt | UndoNote): Promise<void> {
    await this.#journal.add(line);
    this.#enter(line);
  }

  close(): Promise<void> {
    return this.#journal.close();
  }

  #enter(line: Receipt | UndoNote): void {
    if ('undone' in line) {
      this.#byLoad.delete(line.undone);
      for (const [sha256, { loadId }] of this.#byContent) {
        if (loadId === line.undone) this.#byContent.delete(sha256);
      }
      for (const [file, { loadId }] of this.#diverted) {
        if (loadId === line.undone) this.#diverted.delete(file);
      }
      return;
    }
    const { loadId, file, table, sha256 } = line;
    const known = { loadId, file, table };
    this.#byLoad.set(loadId, known);
    if (line.rowsRejected > 0) this.#diverted.set(sourceOfRejects(file) ?? file, known);
    if (!this.#byContent.has(sha256)) this.#byContent.set(sha256, known);
  }
}

/** The book of a dataset. */
export function receiptsOf(books: ReadonlyMap<string, ReceiptBook>, dataset: string): ReceiptBook {
  const book = books.get(dataset);
  if (book === undefined) throw new Error(`No receipts for dataset ${dataset}`);
  return book;
}

/** The receipts that stand, in the order of the journal; none where there is no journal yet. */
export async function* readReceipts(path: string): AsyncGenerator<Receipt> {
  const undoneAt = new Map<string, number>();
  let place = 0;
  for await (const line of readJournal(path)) {
    if ('undone' in line) undoneAt.set(line.undone, place);
    place++;
  }
  place = 0;
  for await (const line of readJournal(path)) {
    if (!('undone' in line) && place > (undoneAt.get(line.loadId) ?? -1)) yield line;
    place++;
  }
}

/** All lines of a journal in their order; none where there is no journal yet. */
export async function* readJournal(path: string): AsyncGenerator<Receipt | UndoNote> {
  for await (const line of readJournalLines(path)) {
    if ('loadId' in line || 'undone' in line) yield line as Receipt | UndoNote;
  }
}
