import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { createWorkFile } from './work-file.ts';

const BUFFER_BYTES = 1 << 18;
const LF = 10;

/** Writes plain data to a transient file, a line of JSON each. The file is made when there is a first one. */
export class WorkLines {
  /** How many there are. */
  count = 0;
  readonly #path: string;
  #fd: number | null = null;
  #waiting: string[] = [];
  #waitingBytes = 0;

  constructor(path: string) {
    this.#path = path;
  }

  add(value: object): void {
    const line = `${JSON.stringify(value)}\n`;
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    this.count++;
    if (this.#waitingBytes > BUFFER_BYTES) this.#write();
  }

  /** Completes the file; how many lines are in it. None: there is no file. */
  finish(): number {
    if (this.count > 0) this.#write();
    this.close();
    return this.count;
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #write(): void {
    this.#fd ??= createWorkFile(this.#path);
    const bytes = Buffer.from(this.#waiting.join(''));
    for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at);
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}

/**
 * What WorkLines has written to a file. `isBefore`: of what comes first in the file, up to some line, nothing is wanted; most of that is passed
 * over without being read, and the rest is not left out.
 */
export function* readWorkLines(path: string, isBefore?: (value: unknown) => boolean): Generator {
  const fd = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(BUFFER_BYTES);
    let rest: Buffer = Buffer.alloc(0);
    let at = isBefore === undefined ? 0 : startOfWanted(fd, isBefore);
    for (let read = -1; read !== 0; at += read) {
      read = readSync(fd, chunk, 0, chunk.length, at);
      let from = 0;
      for (let end = chunk.indexOf(LF); end !== -1 && end < read; end = chunk.indexOf(LF, from)) {
        const line = Buffer.concat([rest, chunk.subarray(from, end)]);
        yield JSON.parse(line.toString('utf8'));
        rest = Buffer.alloc(0);
        from = end + 1;
      }
      rest = Buffer.concat([rest, chunk.subarray(from, read)]);
    }
  } finally {
    closeSync(fd);
  }
}

/** Where a line begins that is at most a buffer before the first that is wanted, or the first of all. */
function startOfWanted(fd: number, isBefore: (value: unknown) => boolean): number {
  let start = 0;
  for (let end = fstatSync(fd).size; end - start > BUFFER_BYTES;) {
    const middle = Math.floor((start + end) / 2);
    const line = lineBehind(fd, middle);
    if (line !== null && line.start < end && isBefore(line.value)) start = line.start;
    else end = middle;
  }
  return start;
}

/** The first line that begins behind this byte; null where there is none. */
function lineBehind(fd: number, at: number): { start: number; value: unknown } | null {
  const chunk = Buffer.alloc(1 << 12);
  let bytes = Buffer.alloc(0);
  for (;;) {
    const from = bytes.indexOf(LF) + 1;
    const to = from === 0 ? -1 : bytes.indexOf(LF, from);
    if (to !== -1) return { start: at + from, value: JSON.parse(bytes.toString('utf8', from, to)) };
    const read = readSync(fd, chunk, 0, chunk.length, at + bytes.length);
    if (read === 0) return null;
    bytes = Buffer.concat([bytes, chunk.subarray(0, read)]);
  }
}
