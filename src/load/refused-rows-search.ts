import type { ConvertedLoad, LoadFile } from '../core/load.ts';
import type { DatabaseConnection } from './connection.ts';
import type { ServerMessage } from './load-target.ts';
import { lineEnds, readLoadFiles } from './read-load-files.ts';
import type { RowSieve } from './row-sieve.ts';

/**
 * Writes the rows of a load's part inside the caller's transaction, as they are loaded; returns what the server says against them, and
 * then the part is taken back.
 */
export type WritePart = (part: ConvertedLoad) => Promise<ServerMessage[]>;

/** Told of each row that is refused; false where no more are wanted. */
export type OnRefused = (row: number, messages: ServerMessage[]) => boolean;

/** The most rows that are sieved at a time, and their bytes, about a block: they are held in memory as a statement. */
const SIEVE_ROWS_MAX = 1024;
const SIEVE_BYTES_MAX = 1 << 18;

/**
 * Goes through the rows of a load in their order and finds those that its table refuses, all others being written meanwhile. A part
 * that is refused is taken back to a savepoint; a small one is sieved, any other, and one of which the sieve can tell nothing, halved.
 */
export class RefusedRowsSearch {
  readonly #connection: DatabaseConnection;
  readonly #load: ConvertedLoad;
  readonly #writePart: WritePart;
  readonly #sieve: RowSieve | null;
  readonly #onRefused: OnRefused;
  /** Lines of the load files, where each ends, and the place of the first. */
  #block: Buffer = Buffer.alloc(0);
  #ends: readonly number[] = [];
  #firstRow = 0;
  #isOver = false;
  /** Whether nothing has been written since the last savepoint, or it has been taken back. */
  #isSaved = false;
  /** Fewer for a while where nothing could be told of so many. */
  #sieveRows: number;

  /** `sieve`: null where there is none, and parts are halved down to single rows. */
  constructor(
    connection: DatabaseConnection,
    load: ConvertedLoad,
    writePart: WritePart,
    sieve: RowSieve | null,
    onRefused: OnRefused,
  ) {
    this.#connection = connection;
    this.#load = load;
    this.#writePart = writePart;
    this.#sieve = sieve;
    this.#onRefused = onRefused;
    this.#sieveRows = sieve === null ? 1 : SIEVE_ROWS_MAX;
  }

  async run(): Promise<void> {
    let rowsMax = Infinity;
    let isDense = false;
    for await (const block of readLoadFiles(this.#load)) {
      this.#block = block;
      this.#ends = lineEnds(block);
      for (let from = 0; from < this.#ends.length;) {
        const to = Math.min(this.#ends.length, from + rowsMax);
        const rows = to - from;
        const found = await this.#search(from, to, isDense);
        if (this.#isOver) return;
        if (this.#sieve !== null && (found === 0 || found === rows))
          this.#sieveRows = Math.min(SIEVE_ROWS_MAX, this.#sieveRows * 2);
        // Where many are refused, parts of about as many rows as there is one of them in, or as can be sieved.
        rowsMax = found === 0 ? rows * 2 : Math.ceil(rows / (found + 1));
        isDense = found > 0 && rowsMax <= this.#sieveRows;
        if (isDense) rowsMax = this.#sieveRows;
        from = to;
      }
      this.#firstRow += this.#ends.length;
    }
  }

  /** Writes the rows [from, to) but for those that are refused, and returns how many these are. `isRefused`: some are, as far as is known. */
  async #search(from: number, to: number, isRefused: boolean): Promise<number> {
    if (!isRefused || to - from === 1) {
      const messages = await this.#write(this.#lines(from, to), to - from);
      if (messages.length === 0) return 0;
      if (to - from === 1) {
        this.#isOver = !this.#onRefused(this.#firstRow + from, messages);
        return 1;
      }
    }
    const sieved = await this.#sieved(from, to);
    if (sieved !== null) return sieved;
    const middle = (from + to) >> 1;
    const found = await this.#search(from, middle, false);
    if (this.#isOver) return found;
    return found + (await this.#search(middle, to, found === 0));
  }

  /** The same by the sieve; null, with nothing written, where it can tell nothing. */
  async #sieved(from: number, to: number): Promise<number | null> {
    const rows = to - from;
    const bytes = this.#lines(from, to);
    if (this.#sieve === null || rows > this.#sieveRows || bytes.length > SIEVE_BYTES_MAX)
      return null;
    const lines = bytes.toString('utf8', 0, bytes.length - 1).split('\n');
    await this.#save();
    const refused = await this.#sieve.refusedOf(lines);
    await this.#takeBack();
    const places = new Set(refused?.map(({ row }) => row));
    const others = lines.filter((_, row) => !places.has(row));
    // Written as they are loaded, without IGNORE: what the sieve says holds only if these are taken so.
    const holds =
      refused !== null &&
      (others.length === 0 ||
        (await this.#write(Buffer.from(`${others.join('\n')}\n`), others.length)).length === 0);
    if (!holds) {
      this.#sieveRows = rows >> 1;
      return null;
    }
    for (const { row, message } of refused) {
      this.#isOver = !this.#onRefused(this.#firstRow + from + row, [message]);
      if (this.#isOver) break;
    }
    return refused.length;
  }

  #lines(from: number, to: number): Buffer {
    return this.#block.subarray(this.#ends[from - 1] ?? 0, this.#ends[to - 1]);
  }

  /** Writes rows, all or none; returns what the server says against them. */
  async #write(content: Buffer, rows: number): Promise<ServerMessage[]> {
    const loadFile: LoadFile = { path: '', content, bytes: content.length, rows };
    await this.#save();
    const messages = await this.#writePart({
      ...this.#load,
      rowsAccepted: rows,
      loadFiles: [loadFile],
    });
    if (messages.length === 0) this.#isSaved = false;
    else await this.#takeBack();
    return messages;
  }

  async #save(): Promise<void> {
    if (!this.#isSaved) await this.#connection.execute('SAVEPOINT csv_hopper_part');
    this.#isSaved = true;
  }

  async #takeBack(): Promise<void> {
    await this.#connection.execute('ROLLBACK TO SAVEPOINT csv_hopper_part');
  }
}
