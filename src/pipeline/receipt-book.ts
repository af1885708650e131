import { join } from 'node:path';
import { Journal, parseLine, readJournalLines } from '../core/journal.ts';
import { countsOf, type LoadIdentity, type RowCounts, shortLoadId } from '../core/load.ts';
import { sourceOfRejects } from '../core/reject-name.ts';
import type { OutlierBounds } from '../schema/expectations.ts';
import { PASSAGES_MAX } from './capacity.ts';

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
  /** By which rows of it were diverted as outliers, and would be again. Left out: by none. */
  outlierBounds?: OutlierBounds;
  /** Of a repaired reject file: the load that its rows were missing in. */
  repairs?: string;
  /** Takes the place of the receipt that stood before: the rows had been lost or taken out by hand, and came back. Left out where none stood. */
  again?: true;
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

/** Says that rows of a load are committed and it was not finished all the same: the others are not in anybody's hands. */
export interface UnfinishedNote {
  unfinished: string;
  /** ISO 8601, UTC. */
  time: string;
}

type JournalLine = Receipt | UndoNote | ReplacementNote | UnfinishedNote;

/** The part of a receipt that is held in memory. */
export type KnownLoad = Pick<Receipt, 'loadId' | 'file' | 'table' | 'sha256' | 'outlierBounds'>;

/** What the log says of a load that is finished. */
export type LoadEnd = RowCounts & Pick<Receipt, 'bytes' | 'durationMs' | 'repairs'>;

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
  readonly #journal: Journal<JournalLine>;
  readonly #byLoad = new Map<string, KnownLoad>();
  readonly #byContent = new Map<string, KnownLoad>();
  /** Of as many loads as may be under way: all that a kill can cut off before the log says it. */
  readonly #ends = new Map<string, LoadEnd>();
  /** Those that gave way to others. */
  readonly #replaced = new Set<string>();
  readonly #unfinished = new Set<string>();
  /** How often each was taken back or gave way. */
  readonly #lives = new Map<string, number>();
  /** Load ids by file name; made when somebody asks for it, which only few datasets do. */
  #byFile: Map<string, Set<string>> | null = null;
  /** The last load with rejected rows, by the name of its file. */
  readonly #diverted = new Map<string, KnownLoad>();
  #lastTime: string | null = null;

  constructor(path: string) {
    this.#path = path;
    this.#journal = new Journal(path);
  }

  /** Reads what is there. */
  async open(): Promise<void> {
    for await (const line of readJournal(this.#path)) this.#enter(line);
    await this.#journal.open();
  }

  /** When the last load was finished, in milliseconds since 1970; null where none was. */
  get lastFinishedMs(): number | null {
    return this.#lastTime === null ? null : Date.parse(this.#lastTime);
  }

  findLoad(loadId: string): KnownLoad | undefined {
    return this.#byLoad.get(loadId);
  }

  /** Of one of the latest loads that stand. */
  findEnd(loadId: string): LoadEnd | undefined {
    return this.#ends.get(loadId);
  }

  /** Whether a load was finished and not taken back since; one that gave way to a newer version was finished all the same. */
  wasFinished(loadId: string): boolean {
    return this.#byLoad.has(loadId) || this.#replaced.has(loadId);
  }

  /** Whether rows of a load that was not finished are committed: it goes on from there when its file is dropped again. */
  isUnfinished(loadId: string): boolean {
    return this.#unfinished.has(loadId);
  }

  /** How often a load was taken back or gave way so far: what is known of it from before that was another life of it. */
  endsOf(loadId: string): number {
    return this.#lives.get(loadId) ?? 0;
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

  async add(line: JournalLine): Promise<void> {
    await this.#journal.add(line);
    this.#enter(line);
  }

  close(): Promise<void> {
    return this.#journal.close();
  }

  #enter(line: JournalLine): void {
    const ended = endedBy(line);
    if (ended !== null) this.#forget(ended);
    if (ended !== null) this.#lives.set(ended, this.endsOf(ended) + 1);
    if ('replaced' in line) this.#replaced.add(line.replaced);
    if ('undone' in line) this.#replaced.delete(line.undone);
    if ('unfinished' in line) this.#unfinished.add(line.unfinished);
    if (ended !== null) this.#unfinished.delete(ended);
    if (!('loadId' in line)) return;
    this.#unfinished.delete(line.loadId);
    this.#lastTime = line.time;
    const { loadId, file, table, sha256, outlierBounds } = line;
    const bounds = outlierBounds === undefined ? {} : { outlierBounds };
    const known = { loadId, file, table, sha256, ...bounds };
    this.#byLoad.set(loadId, known);
    this.#enterEnd(line);
    if (line.rowsRejected > 0) this.#diverted.set(sourceOfRejects(file) ?? file, known);
    if (!this.#byContent.has(sha256)) this.#byContent.set(sha256, known);
    this.#enterFile(known);
  }

  #enterEnd(receipt: Receipt): void {
    const { loadId, bytes, durationMs, repairs } = receipt;
    const linked = repairs === undefined ? {} : { repairs };
    this.#ends.delete(loadId);
    this.#ends.set(loadId, { bytes, durationMs, ...countsOf(receipt), ...linked });
    if (this.#ends.size <= PASSAGES_MAX) return;
    const [oldest = ''] = this.#ends.keys();
    this.#ends.delete(oldest);
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
    this.#ends.delete(loadId);
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

/** The receipts that stand, one for each load, in the order of the journal; none where there is no journal yet. */
export async function* readReceipts(path: string): AsyncGenerator<Receipt> {
  const endedAt = new Map<string, number>();
  let place = 0;
  for await (const line of readJournal(path)) {
    const ended = endedBy(line);
    if (ended !== null) endedAt.set(ended, place);
    if ('again' in line) endedAt.set(line.loadId, place - 1);
    place++;
  }
  // What has been added since may have ended one that has been given already.
  const count = place;
  place = 0;
  for await (const line of readJournal(path)) {
    if (place === count) return;
    if ('loadId' in line && place > (endedAt.get(line.loadId) ?? -1)) yield line;
    place++;
  }
}

/** All lines of a journal in their order; none where there is no journal yet. */
export async function* readJournal(path: string): AsyncGenerator<JournalLine> {
  for await (const line of readJournalLines(path)) if (isOfJournal(line)) yield line;
}

/** One line of a journal; null for one that is none, as after a crash. */
export function parseJournal(text: string): JournalLine | null {
  const line = parseLine(text);
  return line !== null && isOfJournal(line) ? line : null;
}

function isOfJournal(line: object): line is JournalLine {
  return ['loadId', 'undone', 'replaced', 'unfinished'].some((kind) => kind in line);
}
