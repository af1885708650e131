import { closeSync, openSync, readSync, writeSync } from 'node:fs';
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

/** What WorkLines has written to a file. */
export function* readWorkLines(path: string): Generator {
  const fd = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(BUFFER_BYTES);
    let rest: Buffer = Buffer.alloc(0);
    for (let read = -1; read !== 0;) {
      read = readSync(fd, chunk);
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
