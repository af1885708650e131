import { isUtf8 } from 'node:buffer';
import { readSync } from 'node:fs';

const CHUNK_BYTES = 1 << 20;

/**
 * Gives a file's bytes piece by piece in one buffer, which always starts with what the scanner has not consumed yet. The
 * buffer grows only for a line that does not fit it, so memory is bounded by the longest line that is allowed. Looks at
 * every byte once for what no CSV may hold: NUL bytes and, remembered for the cells to be checked, bytes that are not UTF-8.
 */
export class SourceReader {
  bytes: Uint8Array = new Uint8Array(0);
  /** Unconsumed bytes: bytes[start, end). The scanner's caller moves start. */
  start = 0;
  end = 0;
  /** Whether the file ends with bytes[end - 1]. */
  last = false;
  /** Whether bytes have come by that are not UTF-8. */
  foreign = false;
  /** Position in the file of the first NUL byte, or -1. */
  nulAt = -1;

  readonly #fd: number;
  /** How much of the file is read. */
  readonly fileBytes: number;
  readonly #lineBytesMax: number;
  #position = 0;
  #checked = 0;

  /** `fileBytes`: how much of the file to read; what a writer appends later is not looked at. */
  constructor(fd: number, fileBytes: number, lineBytesMax: number) {
    this.#fd = fd;
    this.fileBytes = fileBytes;
    this.#lineBytesMax = lineBytesMax;
    // No larger than a line may be, because a longer line is noticed by its not fitting.
    this.bytes = new Uint8Array(Math.max(1, Math.min(fileBytes, lineBytesMax, CHUNK_BYTES)));
  }

  /** Reads on behind the unconsumed bytes. False where these are a line that is too long, or the file has ended. */
  refill(): boolean {
    if (this.last) return false;
    this.#makeRoom();
    if (this.end === this.bytes.length) return false;
    const from = this.end;
    const wanted = Math.min(this.bytes.length - from, this.fileBytes - this.#position);
    const got = wanted === 0 ? 0 : readSync(this.#fd, this.bytes, from, wanted, this.#position);
    this.#position += got;
    this.end += got;
    // A file that has become shorter ends here; the caller sees by its size that it was changed.
    this.last = got === 0 || this.#position >= this.fileBytes;
    this.#inspect(from);
    return true;
  }

  #makeRoom(): void {
    if (this.start > 0) {
      this.bytes.copyWithin(0, this.start, this.end);
      this.#checked -= this.start;
      this.end -= this.start;
      this.start = 0;
    }
    if (this.end < this.bytes.length || this.end >= this.#lineBytesMax) return;
    const larger = new Uint8Array(Math.min(this.bytes.length * 2, this.#lineBytesMax));
    larger.set(this.bytes);
    this.bytes = larger;
  }

  #inspect(from: number): void {
    if (this.nulAt === -1) {
      const nul = this.bytes.subarray(from, this.end).indexOf(0);
      if (nul !== -1) this.nulAt = this.#position - (this.end - from) + nul;
    }
    const whole = this.last ? this.end : wholeCharactersEnd(this.bytes, this.#checked, this.end);
    if (!isUtf8(this.bytes.subarray(this.#checked, whole))) this.foreign = true;
    this.#checked = whole;
  }
}

/** Where the last character of bytes[start, end) that is not cut ends: at most three bytes earlier. */
function wholeCharactersEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let at = end - 1; at >= Math.max(start, end - 3); at--) {
    const byte = bytes[at]!;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return at + length > end ? at : end;
  }
  return end;
}

/** The line, counted from 1, on which the byte at `position` of the file stands. Reads the file again: only for complaints. */
export function lineAtPosition(fd: number, position: number): number {
  const chunk = new Uint8Array(CHUNK_BYTES);
  let line = 1;
  let previous = 0;
  for (let at = 0; at <= position;) {
    const got = readSync(fd, chunk, 0, Math.min(chunk.length, position + 1 - at), at);
    if (got === 0) break;
    for (let i = 0; i < got; i++) {
      const byte = chunk[i]!;
      // A line starts behind LF and behind a CR that no LF follows.
      if (previous === 10 || (previous === 13 && byte !== 10)) line++;
      previous = byte;
    }
    at += got;
  }
  return line;
}
