import { createReadStream } from 'node:fs';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type LoadIdentity, type RowCounts, shortLoadId } from '../core/load.ts';
import { systemCode } from '../core/environment-error.ts';
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
  /** Of a repaired reject file: the load that its rows were missing in. */
  repairs?: string;
}

/** Says that a load was taken back: its receipts so far do not stand any more. */
export interface UndoNote {
  undone: string;
  /** ISO 8601, UTC. */
  time: string;
}

/** Says that a load gave way to another: its receipts so far do not stand any more. */
export interface ReplacementNote {
  replaced: string;
  /** Load id of the new version of its file. */
  by: string;
  /** ISO 8601, UTC. */
  time: string;
}

type JournalLine = Receipt | UndoNote | ReplacementNote;

/** A line that waits to be written, and its caller. */
interface Entry {
  line: JournalLine;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** The part of a receipt that is held in memory. */
export type KnownLoad = Pick<Receipt, 'loadId' | 'file' | 'table' | 'sha256'>;

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
  readonly #byLoad = new Map<string, KnownLoad>();
  readonly #byContent = new Map<string, KnownLoad>();
  /** Load ids by file name; made when somebody asks for it, which only few datasets do. */
  #byFile: Map<string, Set<string>> | null = null;
  /** The last load with rejected rows, by the name of its file. */
  readonly #diverted = new Map<string, KnownLoad>();
  #handle: FileHandle | null = null;
  #waiting: Entry[] = [];
  #writing = false;
  /** Whether the journal may end in a part of a line, because a write was not whole and could not be taken back. */
  #torn = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** Reads what is there. */
  async open(): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    for await (const line of readJournal(this.#path)) this.#enter(line);
    this.#handle = await open(this.#path, 'a+');
    const { size } = await this.#handle.stat();
    if (size === 0) return;
    const { buffer } = await this.#handle.read(Buffer.alloc(1), 0, 1, size - 1);
    if (buffer[0] !== 10) await this.#handle.appendFile('\n');
  }

  findLoad(loadId: string): KnownLoad | undefined {
    return this.#byLoad.get(loadId);
  }

  /** The first load of the same bytes, under whatever name. */
  findContent(sha256: string): KnownLoad | undefined {
    return this.#byContent.get(sha256);
  }

  /** The loads of this file name that stand. */
  versionsOf(file: string): string[] {
    if (this.#byFile === null) {
      this.#byFile = new Map();
      for (const load of this.#byLoad.values()) this.#enterFile(load);
    }
    return [...(this.#byFile.get(file) ?? [])];
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

  add(line: JournalLine): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line, resolve, reject });
      if (!this.#writing) void this.#write();
    });
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
  }

  async #write(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const entries = this.#waiting;
      this.#waiting = [];
      try {
        const lines = entries.map(({ line }) => `${JSON.stringify(line)}\n`).join('');
        await this.#append(lines);
        for (const { line, resolve } of entries) {
          this.#enter(line);
          resolve();
        }
      } catch (error) {
        for (const { reject } of entries) reject(error);
      }
    }
    this.#writing = false;
  }

  async #append(lines: string): Promise<void> {
    const handle = this.#handle;
    if (handle === null) throw new Error(`The receipts ${this.#path} are not open`);
    const wasTorn = this.#torn;
    const { size } = await handle.stat();
    try {
      await handle.appendFile(wasTorn ? `\n${lines}` : lines);
      await handle.datasync();
      this.#torn = false;
    } catch (error) {
      // They are written again, and would be there once more after each attempt.
      this.#torn = true;
      await handle.truncate(size);
      this.#torn = wasTorn;
      throw error;
    }
  }

  #enter(line: JournalLine): void {
    const ended = endedBy(line);
    if (ended !== null) this.#forget(ended);
    if (!('loadId' in line)) return;
    const { loadId, file, table, sha256 } = line;
    const known = { loadId, file, table, sha256 };
    this.#byLoad.set(loadId, known);
    if (line.rowsRejected > 0) this.#diverted.set(sourceOfRejects(file) ?? file, known);
    if (!this.#byContent.has(sha256)) this.#byContent.set(sha256, known);
    this.#enterFile(known);
  }

  #enterFile({ loadId, file }: KnownLoad): void {
    const versions = this.#byFile?.get(file);
    if (versions === undefined) this.#byFile?.set(file, new Set([loadId]));
    else versions.add(loadId);
  }

  #forget(loadId: string): void {
    const known = this.#byLoad.get(loadId);
    if (known === undefined) return;
    this.#byLoad.delete(loadId);
    this.#byFile?.get(known.file)?.delete(loadId);
    if (this.#byContent.get(known.sha256)?.loadId === loadId) this.#byContent.delete(known.sha256);
    const source = sourceOfRejects(known.file) ?? known.file;
    if (this.#diverted.get(source)?.loadId === loadId) this.#diverted.delete(source);
  }
}

/** The load that does not stand any more from this line on. */
function endedBy(line: JournalLine): string | null {
  if ('undone' in line) return line.undone;
  return 'replaced' in line ? line.replaced : null;
}

/** The book of a dataset. */
export function receiptsOf(books: ReadonlyMap<string, ReceiptBook>, dataset: string): ReceiptBook {
  const book = books.get(dataset);
  if (book === undefined) throw new Error(`No receipts for dataset ${dataset}`);
  return book;
}

/** The receipts that stand, in the order of the journal; none where there is no journal yet. */
export async function* readReceipts(path: string): AsyncGenerator<Receipt> {
  const endedAt = new Map<string, number>();
  let place = 0;
  for await (const line of readJournal(path)) {
    const ended = endedBy(line);
    if (ended !== null) endedAt.set(ended, place);
    place++;
  }
  place = 0;
  for await (const line of readJournal(path)) {
    if ('loadId' in line && place > (endedAt.get(line.loadId) ?? -1)) yield line;
    place++;
  }
}

/** All lines of a journal in their order; none where there is no journal yet. */
export async function* readJournal(path: string): AsyncGenerator<JournalLine> {
  try {
    for await (const line of linesOf(path)) {
      const parsed = parseLine(line);
      if (parsed !== null) yield parsed;
    }
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

/** Not by node:readline, for which from Node 24 on a line also ends at U+2028, which a file name may have. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(path, 'utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function parseLine(line: string): JournalLine | null {
  if (line === '') return null;
  try {
    const value: unknown = JSON.parse(line);
    const isLine =
      typeof value === 'object' &&
      value !== null &&
      ('loadId' in value || 'undone' in value || 'replaced' in value);
    return isLine ? (value as JournalLine) : null;
  } catch {
    // Torn by a crash; the load it stood for was not finished then.
    return null;
  }
}
