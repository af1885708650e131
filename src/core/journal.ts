import { createReadStream } from 'node:fs';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from './durable-file.ts';
import { systemCode } from './environment-error.ts';

/** A line that waits to be written, and its caller. */
interface Entry {
  line: string;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * A file of one JSON object a line that only grows. A line is durable when `add` returns; lines that come at the same time share
 * a write and an fsync. A line torn by a crash is passed over by whoever reads it.
 */
export class Journal<Line extends object> {
  readonly #path: string;
  readonly #mode: number;
  #handle: FileHandle | null = null;
  #waiting: Entry[] = [];
  #writing = false;
  /** Whether the journal may end in a part of a line, because a write was not whole and could not be taken back. */
  #torn = false;

  /** `mode`: the permissions of a file that is not there yet. */
  constructor(path: string, mode = 0o666) {
    this.#path = path;
    this.#mode = mode;
  }

  /**
   * Makes it where it is missing. What is there is durable when it returns: a process that was killed may have written a line
   * and not come to its fsync, and whoever has read it goes by it as by any other. So are the names of an empty journal and of
   * the folders that were made for it.
   */
  async open(): Promise<void> {
    const folder = dirname(this.#path);
    const made = await mkdir(folder, { recursive: true });
    this.#handle = await open(this.#path, 'a+', this.#mode);
    try {
      const isEmpty = await makeWhole(this.#handle);
      // Not above what was made here: there it may have no right to look.
      const from = made === undefined ? folder : dirname(made);
      if (isEmpty) for (const part of chain(from, folder)) await syncFolder(part);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  add(line: Line): Promise<void> {
    return this.addText(JSON.stringify(line));
  }

  /** A line that is JSON already. */
  addText(line: string): Promise<void> {
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
        const lines = entries.map(({ line }) => `${line}\n`).join('');
        await this.#append(lines);
        for (const { resolve } of entries) resolve();
      } catch (error) {
        for (const { reject } of entries) reject(error);
      }
    }
    this.#writing = false;
  }

  async #append(lines: string): Promise<void> {
    const handle = this.#handle;
    if (handle === null) throw new Error(`The journal ${this.#path} is not open`);
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
}

/** The folders from one down to another that is in it. */
function chain(from: string, to: string): string[] {
  return to === from || to === dirname(to) ? [to] : [...chain(from, dirname(to)), to];
}

/** Ends the last line, and has all of them on the disk; whether there is none. */
async function makeWhole(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) return true;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  if (buffer[0] !== 10) await handle.appendFile('\n');
  await handle.datasync();
  return false;
}

/** All objects of a journal in their order; none where there is no journal yet. */
export async function* readJournalLines(path: string): AsyncGenerator<object> {
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

/** The object of a line; null where it has none. */
export function parseLine(line: string): object | null {
  if (line === '') return null;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' ? value : null;
  } catch {
    // Torn by a crash.
    return null;
  }
}
