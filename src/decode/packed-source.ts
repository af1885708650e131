import { readSync } from 'node:fs';

/** Small, because what is read counts as used when it is held against what came out of it. */
const CHUNK_BYTES = 1 << 16;

/** The bytes of a packed source, read once from its first to its last. */
export class PackedSource {
  readonly #fd: number;
  readonly bytes: number;
  /** How many of them have been asked for by whoever unpacks. */
  read = 0;

  /** `fd` is the caller's to close. */
  constructor(fd: number, bytes: number) {
    this.#fd = fd;
    this.bytes = bytes;
  }

  /** The bytes at a position, fewer at the end of the file. */
  at(position: number, length: number): Buffer {
    const chunk = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, this.bytes - position)));
    let got = 0;
    while (got < chunk.length) {
      const read = readSync(this.#fd, chunk, got, chunk.length - got, position + got);
      // Cut short meanwhile, which whoever opened it notices.
      if (read === 0) break;
      got += read;
    }
    return chunk.subarray(0, got);
  }

  /** The bytes from one position to another, chunk by chunk. */
  *chunks(from: number, to: number): Generator<Buffer> {
    for (let position = from; position < to;) {
      const chunk = this.at(position, Math.min(CHUNK_BYTES, to - position));
      if (chunk.length === 0) return;
      position += chunk.length;
      this.read = position;
      yield chunk;
    }
  }
}
