import { readSync } from 'node:fs';

const CHUNK_BYTES = 1 << 20;
const LF = 10;
const CR = 13;

/** Tells on which lines of a file positions are, that come in their order: each byte is looked at once. */
export class LineCounter {
  readonly #fd: number;
  #line: number;
  /** The next byte to look at. */
  #at: number;
  #previous = 0;
  readonly #chunk = new Uint8Array(CHUNK_BYTES);
  #chunkAt = 0;
  #chunkBytes = 0;

  /** `from`: where line `line` starts. */
  constructor(fd: number, from: number, line: number) {
    this.#fd = fd;
    this.#at = from;
    this.#line = line;
  }

  /** The line that the byte at `position` is on; of one before the last asked for, the line of that. */
  lineAt(position: number): number {
    while (this.#at <= position) {
      if (this.#at === this.#chunkAt + this.#chunkBytes || this.#chunkBytes === 0) {
        this.#chunkAt = this.#at;
        this.#chunkBytes = readSync(this.#fd, this.#chunk, 0, CHUNK_BYTES, this.#at);
        if (this.#chunkBytes === 0) break;
      }
      this.#count(Math.min(position + 1, this.#chunkAt + this.#chunkBytes));
    }
    return this.#line;
  }

  #count(to: number): void {
    const chunk = this.#chunk;
    const end = to - this.#chunkAt;
    for (let i = this.#at - this.#chunkAt; i < end; i++) {
      const byte = chunk[i]!;
      // A line starts behind LF and behind a CR that no LF follows.
      if (this.#previous === LF || (this.#previous === CR && byte !== LF)) this.#line++;
      this.#previous = byte;
    }
    this.#at = to;
  }
}
