// The loads that were finished, the newest first. They come from the journals of receipts, which hold after a restart and without a
// database, and are read when somebody asks, from where the last look has ended: who never looks pays nothing.
import { open } from 'node:fs/promises';
import type { Config } from '../config/config.ts';
import { systemCode } from '../core/environment-error.ts';
import { parseJournal, type Receipt, receiptsPath } from '../pipeline/receipt-book.ts';
import type { LoadData, LoadPage, LoadState } from './page-data.ts';

/** So many loads are listed; each takes some 700 bytes. Older ones stay in the journals. */
const LOADS_MAX = 20_000;
/** So much of the ends of all journals is read. Notes on a load stand behind its receipt, so an end has all that it needs. */
const BYTES_MAX = 32 * 1024 * 1024;
const CHUNK_BYTES = 1 << 20;

export interface LoadFilter {
  /** A part of the file's name, or the start of the load id. */
  search: string;
  dataset: string | null;
  state: LoadState | null;
}

interface JournalEnd {
  path: string;
  /** Which file had the path at the last look. */
  inode: number | null;
  /** Behind the last whole line that was read; null before the first look. */
  offset: number | null;
}

export class LoadHistory {
  readonly #journals: JournalEnd[];
  /** The oldest first. */
  #loads: LoadData[] = [];
  /** Whether a load came in behind a later one, as with several journals. */
  #isUnordered = false;
  /** Loads that stood when they were finished once more, as for a database that had lost them: one load each, not two. */
  readonly #repeated = new Set<LoadData>();
  /** Whether all of the journals is listed. */
  #isWhole = true;
  /** The last of each id. */
  readonly #byId = new Map<string, LoadData>();
  #reading: Promise<void> = Promise.resolve();

  constructor({ folders, datasets }: Config) {
    this.#journals = datasets.map(({ name }) => ({
      ...{ path: receiptsPath(folders.output, name), inode: null, offset: null },
    }));
  }

  /** The loads from `before`, an earlier page's `next`, on. */
  async page(filter: LoadFilter, before: string | null, max: number): Promise<LoadPage> {
    const loads = await this.#upToDate();
    const wanted = loads.filter(matcherOf(filter)).reverse();
    const behind = before === null ? wanted : wanted.filter((load) => placeOf(load) < before);
    const shown = behind.slice(0, max);
    const last = shown.at(-1);
    const next = last === undefined || behind.length <= max ? null : placeOf(last);
    return { loads: shown, matching: wanted.length, total: loads.length, next };
  }

  /** The last load of the id, of those that are listed. */
  async find(loadId: string): Promise<LoadData | null> {
    await this.#upToDate();
    return this.#byId.get(loadId) ?? null;
  }

  /** The same of one that is older than those that are listed, for which all journals are read. */
  async findOlder(loadId: string): Promise<LoadData | null> {
    await this.#upToDate();
    if (this.#isWhole) return null;
    const turn = this.#reading.then(() => this.#lookFor(loadId));
    this.#reading = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  async since(fromMs: number): Promise<LoadData[]> {
    const from = new Date(fromMs).toISOString();
    return (await this.#upToDate()).filter(({ time }) => time >= from);
  }

  async #upToDate(): Promise<readonly LoadData[]> {
    const turn = this.#reading.then(() => this.#read());
    this.#reading = turn.catch(() => undefined);
    await turn;
    return this.#loads;
  }

  async #read(): Promise<void> {
    let isChanged = false;
    for (const journal of this.#journals) {
      const found = await this.#readOn(journal);
      if (found === 'another_file') {
        // What is known of the others is forgotten with it, so they are read again too.
        this.#forgetAll();
        return this.#read();
      }
      if (found === 'more') isChanged = true;
    }
    if (!isChanged) return;
    if (this.#repeated.size > 0)
      this.#loads = this.#loads.filter((load) => !this.#repeated.has(load));
    this.#repeated.clear();
    if (this.#isUnordered) this.#loads.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
    this.#isUnordered = false;
    if (this.#loads.length > LOADS_MAX) this.#isWhole = false;
    for (const old of this.#loads.splice(0, Math.max(0, this.#loads.length - LOADS_MAX))) {
      if (this.#byId.get(old.loadId) === old) this.#byId.delete(old.loadId);
    }
  }

  /** Whether there was anything new, or another file in its place: whoever empties the output folder, or restores it, starts afresh. */
  async #readOn(journal: JournalEnd): Promise<'more' | 'nothing' | 'another_file'> {
    const handle = await open(journal.path, 'r').catch((error: unknown) => {
      // Nothing was ever loaded.
      if (systemCode(error) === 'ENOENT') return null;
      throw error;
    });
    if (handle === null) return journal.offset === null ? 'nothing' : 'another_file';
    try {
      const { size, ino } = await handle.stat();
      const share = Math.max(CHUNK_BYTES, BYTES_MAX / this.#journals.length);
      const from = journal.offset ?? Math.max(0, size - share);
      if (journal.offset === null && from > 0) this.#isWhole = false;
      if (from > size || (journal.inode ?? ino) !== ino) return 'another_file';
      let offset = from;
      const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, Math.max(1, size - offset)));
      let begun = Buffer.alloc(0);
      for (let at = offset; at < size;) {
        const { bytesRead } = await handle.read(chunk, 0, chunk.length, at);
        if (bytesRead === 0) break;
        at += bytesRead;
        const bytes = Buffer.concat([begun, chunk.subarray(0, bytesRead)]);
        const end = bytes.lastIndexOf(10) + 1;
        for (const line of bytes.toString('utf8', 0, end).split('\n')) this.#enter(line);
        begun = Buffer.from(bytes.subarray(end));
        offset += end;
      }
      const isChanged = offset !== journal.offset;
      journal.offset = offset;
      journal.inode = ino;
      return isChanged ? 'more' : 'nothing';
    } finally {
      await handle.close();
    }
  }

  async #lookFor(loadId: string): Promise<LoadData | null> {
    let found: LoadData | null = null;
    for (const { path } of this.#journals) {
      const lines = await linesOf(path);
      for await (const text of lines ?? []) {
        // Few lines are worth parsing.
        const line = text.includes(loadId) ? parseJournal(text) : null;
        if (line === null) continue;
        if ('undone' in line && line.undone === loadId) found = found && ended(found, 'undone');
        else if ('replaced' in line && line.replaced === loadId)
          found = found && ended(found, 'replaced');
        else if (isReceipt(line) && line.loadId === loadId) found = loadOf(line);
      }
    }
    return found;
  }

  #forgetAll(): void {
    this.#isWhole = true;
    this.#loads = [];
    this.#byId.clear();
    for (const journal of this.#journals) {
      journal.offset = null;
      journal.inode = null;
    }
  }

  #enter(text: string): void {
    const line = parseJournal(text);
    if (line === null) return;
    if ('undone' in line) this.#end(line.undone, 'undone');
    else if ('replaced' in line) this.#end(line.replaced, 'replaced');
    else if (isReceipt(line)) {
      const load = loadOf(line);
      const last = this.#loads.at(-1);
      if (last !== undefined && placeOf(last) > placeOf(load)) this.#isUnordered = true;
      const former = this.#byId.get(load.loadId);
      if (former !== undefined && !endStates.includes(former.state)) this.#repeated.add(former);
      this.#loads.push(load);
      this.#byId.set(load.loadId, load);
    }
  }

  #end(loadId: string, state: LoadState): void {
    const load = this.#byId.get(loadId);
    if (load !== undefined) load.state = state;
  }
}

const endStates: readonly LoadState[] = ['undone', 'replaced'];

function ended(load: LoadData, state: LoadState): LoadData {
  return { ...load, state };
}

/** Null where there is no journal yet. */
async function linesOf(path: string): Promise<AsyncIterable<string> | null> {
  try {
    const handle = await open(path, 'r');
    return handle.readLines({ autoClose: true });
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Whether it has what the list is searched and sorted by: a disk may have damaged a line so that it is JSON all the same. */
function isReceipt(line: object): line is Receipt {
  const { loadId, file, time } = line as Record<string, unknown>;
  return [loadId, file, time].every((text) => typeof text === 'string');
}

function loadOf(receipt: Receipt): LoadData {
  const { loadId, dataset, file, time, bytes, durationMs, table, parquet, warnings } = receipt;
  const { rowsRead, rowsAccepted, rowsRejected, rowsDroppedNull, rowsDroppedDuplicate } = receipt;
  return {
    ...{ loadId, dataset, file, time, bytes, durationMs, table, parquet },
    ...{ rowsRead, rowsAccepted, rowsRejected, rowsDroppedNull, rowsDroppedDuplicate },
    ...{ state: rowsRejected > 0 ? 'diverted' : 'loaded', warnings: warnings?.length ?? 0 },
  };
}

/** Sorts as the times do; loads of the same millisecond are told apart. */
function placeOf({ time, loadId }: LoadData): string {
  return `${time}/${loadId}`;
}

function matcherOf({ search, dataset, state }: LoadFilter): (load: LoadData) => boolean {
  const part = search.trim().toLowerCase();
  return (load) =>
    (dataset === null || load.dataset === dataset) &&
    (state === null || load.state === state) &&
    (part === '' || load.file.toLowerCase().includes(part) || load.loadId.startsWith(part));
}
