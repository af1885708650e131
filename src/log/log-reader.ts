import { closeSync, fstatSync, openSync, readSync, statSync, type BigIntStats } from 'node:fs';
import { systemCode } from '../core/environment-error.ts';
import { lastLines } from './last-lines.ts';
import { logFile, rotatedFiles } from './rotated-files.ts';

const CHUNK_BYTES = 64 * 1024;

/**
 * Reads the lines of conversion_log.jsonl in the order they were written, across rotations. It holds on to a file by its
 * descriptor: when another has taken the name, the old one is read to its end first, then those rotated since.
 */
export class LogReader {
  readonly #folder: string;
  #descriptor: number | null;
  /** Behind the last whole line. What stands there is read again, because its writer may take it back. */
  #offset = 0;

  constructor(folder: string) {
    this.#folder = folder;
    this.#descriptor = openIfThere(logFile(folder, 'jsonl'));
  }

  /** The last lines there are, from rotated files too; newLines() goes on behind them. Call it first. */
  lastLines(count: number): string[] {
    if (this.#descriptor === null) return [];
    const { lines, offset } = lastLines(this.#descriptor, count);
    this.#offset = offset;
    const older = rotatedFiles(this.#folder, 'jsonl');
    for (let path = older.pop(); path !== undefined && lines.length < count; path = older.pop()) {
      const descriptor = openIfThere(path);
      if (descriptor === null) continue;
      try {
        lines.unshift(...lastLines(descriptor, count - lines.length).lines);
      } finally {
        closeSync(descriptor);
      }
    }
    return lines;
  }

  /** The whole lines written since the last call. */
  *newLines(): Generator<string> {
    for (;;) {
      // Looked up before reading: a file that has lost its name by now gets no more lines from a rotating writer.
      const next = this.#successor();
      if (this.#descriptor !== null) yield* this.#rest(this.#descriptor);
      if (next === null) return;
      this.close();
      this.#descriptor = openIfThere(next);
      this.#offset = 0;
      if (this.#descriptor === null) return;
    }
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  /** The file that was begun after the one being read; null while there is none. */
  #successor(): string | null {
    const current = logFile(this.#folder, 'jsonl');
    if (this.#descriptor === null) return current;
    const own = fstatSync(this.#descriptor, { bigint: true });
    const now = statIfThere(current);
    if (now === null || isSame(own, now)) return null;
    const rotated = rotatedFiles(this.#folder, 'jsonl');
    const index = rotated.findIndex((path) => {
      const stats = statIfThere(path);
      return stats !== null && isSame(own, stats);
    });
    return index === -1 ? current : (rotated[index + 1] ?? current);
  }

  *#rest(descriptor: number): Generator<string> {
    if (fstatSync(descriptor).size < this.#offset) this.#offset = 0;
    const chunk = Buffer.alloc(CHUNK_BYTES);
    let begun = Buffer.alloc(0);
    for (;;) {
      const from = this.#offset + begun.length;
      const length = readSync(descriptor, chunk, 0, chunk.length, from);
      if (length === 0) return;
      const bytes = Buffer.concat([begun, chunk.subarray(0, length)]);
      const end = bytes.lastIndexOf(10) + 1;
      begun = bytes.subarray(end);
      this.#offset += end;
      if (end > 0) yield* bytes.toString('utf8', 0, end - 1).split('\n');
    }
  }
}

function isSame(a: BigIntStats, b: BigIntStats): boolean {
  return a.ino === b.ino && a.dev === b.dev;
}

function openIfThere(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

function statIfThere(path: string): BigIntStats | null {
  return statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
}
