import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { createWorkFile } from '../core/work-file.ts';
import { HopperError } from '../errors/hopper-error.ts';

/** Rows are kept apart by the top bits of their fingerprints, so that rows that may be equal are in the same partition. */
export const PARTITIONS = 256;

/** Words of a row: its fingerprint, its position in the source, low word first, and its length; negative: it is repeated. */
export const ROW_WORDS = 5;
const WORD_BYTES = 4;
/** A run begins with the position of its last row and, for each partition, the number of rows up to its end. */
const HEADER_WORDS = 2 + PARTITIONS;

/** Some rows that follow one another in the source, ordered by partition, and by their order in the source within one. */
export interface Run {
  /** Position in the source of the last of its rows. */
  lastPosition: number;
  /** Where its first row stands in the file. */
  rowsAt: number;
  rows: number;
  /** How many of its rows are in the partitions up to each. Valid until the next run is asked for. */
  ends: Int32Array;
  /** Where the next run stands in the file. */
  next: number;
}

/**
 * The transient file of rows for which the table of fingerprints had no room: runs in the order of the source. One thread
 * at a time uses it. It reads and writes through the same memory each time: made anew for each run, memory of a 2 GB
 * source grew by 12 MB before it was collected. Throws disk_full, folder_unusable or io_failed, with the path.
 */
export class SpillFile {
  readonly #path: string;
  readonly #fd: number;
  readonly #header = new Int32Array(HEADER_WORDS);
  #words = new Int32Array(0);

  /** `create`: begins anew, whatever there is. */
  constructor(path: string, create: boolean) {
    this.#path = path;
    this.#fd = create ? createWorkFile(path) : openSync(path, 'r+');
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Writes a run at `at`, its rows in their order, and returns where the next one goes. */
  writeRun(at: number, rows: Int32Array): number {
    const run = this.#wordsFor(HEADER_WORDS + rows.length);
    makeRun(rows, run);
    this.#write(run, at);
    return at + run.byteLength;
  }

  /** The run at `at`; null at the end of the file. */
  runAt(at: number): Run | null {
    const header = this.#header;
    if (this.#read(header, at) === 0) return null;
    const ends = header.subarray(2);
    const rows = ends[PARTITIONS - 1]!;
    const rowsAt = at + header.byteLength;
    const next = rowsAt + rows * ROW_WORDS * WORD_BYTES;
    return { lastPosition: positionAt(header, 0), rowsAt, rows, ends, next };
  }

  /** The rows [from, to) of a run, in the run's order. Valid until others are read. */
  readRows({ rowsAt }: Run, from: number, to: number): Int32Array {
    const rows = this.#wordsFor((to - from) * ROW_WORDS);
    this.#read(rows, rowsAt + from * ROW_WORDS * WORD_BYTES);
    return rows;
  }

  /** Puts rows in place of those of a run from `from` on. */
  rewriteRows({ rowsAt }: Run, from: number, rows: Int32Array): void {
    this.#write(rows, rowsAt + from * ROW_WORDS * WORD_BYTES);
  }

  #wordsFor(length: number): Int32Array {
    if (this.#words.length < length) this.#words = new Int32Array(length);
    return this.#words.subarray(0, length);
  }

  /** Returns how many bytes were read: all, or none at the end. */
  #read(words: Int32Array, at: number): number {
    const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    let done = 0;
    this.#attempt(() => {
      while (done < bytes.length) {
        const got = readSync(this.#fd, bytes, done, bytes.length - done, at + done);
        if (got === 0) break;
        done += got;
      }
    });
    if (done !== 0 && done !== bytes.length) {
      const message = `${this.#path} ends in the midst of its rows.`;
      throw new HopperError('io_failed', { message, details: { path: this.#path } });
    }
    return done;
  }

  #write(words: Int32Array, at: number): void {
    const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    this.#attempt(() => {
      // A disk that fills up takes a part first, and refuses the rest in the next call.
      for (let done = 0; done < bytes.length;) {
        done += writeSync(this.#fd, bytes, done, bytes.length - done, at + done);
      }
    });
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      // Errors of a descriptor do not know the file that it stands for.
      if (error instanceof Error) Object.assign(error, { path: this.#path });
      throw error;
    }
  }
}

/** Notes a position as two words. */
export function setPosition(words: Int32Array, at: number, position: number): void {
  words[at] = position;
  words[at + 1] = Math.floor(position / 2 ** 32);
}

export function positionAt(words: Int32Array, at: number): number {
  return words[at + 1]! * 2 ** 32 + (words[at]! >>> 0);
}

/** Writes a header into `run`, and behind it the rows, brought from their order in the source into that of a run. */
function makeRun(rows: Int32Array, run: Int32Array): void {
  setPosition(run, 0, positionAt(rows, rows.length - ROW_WORDS + 2));
  const ends = run.subarray(2, HEADER_WORDS).fill(0);
  for (let at = 0; at < rows.length; at += ROW_WORDS) ends[partitionOf(rows[at]!)]!++;
  const places = new Int32Array(PARTITIONS);
  for (let partition = 1; partition < PARTITIONS; partition++) {
    places[partition] = ends[partition - 1]!;
    ends[partition]! += ends[partition - 1]!;
  }
  for (let at = 0; at < rows.length; at += ROW_WORDS) {
    const to = HEADER_WORDS + places[partitionOf(rows[at]!)]!++ * ROW_WORDS;
    for (let word = 0; word < ROW_WORDS; word++) run[to + word] = rows[at + word]!;
  }
}

function partitionOf(first: number): number {
  // The low bits, because the table of fingerprints finds a row's place by the high ones.
  return first & (PARTITIONS - 1);
}
