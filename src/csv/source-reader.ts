import { isUtf8 } from 'node:buffer';
import { readSync } from 'node:fs';
import { type ByteMemory, heapMemory, type Kernel } from '../kernel/kernel.ts';
import { LineCounter } from './line-counter.ts';
import { PADDING_BYTES } from './row-block.ts';

const CHUNK_BYTES = 1 << 20;

/** How much is read at a time behind the part that was asked for: enough for the end of most rows. */
const TAIL_BYTES = 1 << 16;

/** The part of a file whose rows are wanted. */
export interface SourcePart {
  /** Where to start reading. */
  from: number;
  /** Where rows of the part may start; the last of them may end behind it. */
  to: number;
}

/**
 * Gives the bytes of a file, or of a part of it, piece by piece in one buffer, which always starts with what the scanner has not consumed yet. The
 * buffer grows only for a line that does not fit it, so memory is bounded by the longest line that is allowed. Looks at
 * every byte once for what no CSV may hold: NUL bytes and, remembered for the cells to be checked, bytes that are not UTF-8.
 */
export class SourceReader {
  bytes: Uint8Array;
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
  /** Size of the file. */
  readonly fileBytes: number;
  readonly part: SourcePart;
  readonly #lineBytesMax: number;
  readonly #kernel: Kernel | null;
  readonly #memory: ByteMemory;
  #position: number;
  #checked = 0;
  /** How many bytes the buffer takes: it has the padding of a row block behind them. */
  #room: number;

  /**
   * `fileBytes`: how much of the file to read; what a writer appends later is not looked at. With a kernel the buffer lies in
   * its memory.
   */
  constructor(
    fd: number,
    fileBytes: number,
    lineBytesMax: number,
    part: SourcePart = { from: 0, to: fileBytes },
    kernel: Kernel | null = null,
  ) {
    this.#fd = fd;
    this.fileBytes = fileBytes;
    this.part = part;
    this.#lineBytesMax = lineBytesMax;
    this.#kernel = kernel;
    this.#memory = kernel ?? heapMemory;
    this.#position = part.from;
    // No larger than a line may be, because a longer line is noticed by its not fitting.
    this.#room = Math.max(1, Math.min(fileBytes - part.from, lineBytesMax, CHUNK_BYTES));
    this.bytes = this.#memory.take(this.#room + PADDING_BYTES);
  }

  /** Gives the buffer back. */
  close(): void {
    this.#memory.giveBack(this.bytes);
  }

  /** Position in the file of bytes[0]. */
  get base(): number {
    return this.#position - this.end;
  }

  /** Where in `bytes` rows of the part may start, at the most. */
  get limit(): number {
    return Math.min(this.end, this.part.to - this.base);
  }

  /** Reads on behind the unconsumed bytes. False where these are a line that is too long, or the file has ended. */
  refill(): boolean {
    if (this.last) return false;
    this.#makeRoom();
    if (this.end === this.#room) return false;
    const from = this.end;
    // As much again as is held: a long row is scanned anew each time, which would take ever longer with equal steps.
    const tail = Math.max(TAIL_BYTES, this.end);
    const goal = this.#position < this.part.to ? this.part.to : this.#position + tail;
    const wanted = Math.min(this.#room - from, Math.min(goal, this.fileBytes) - this.#position);
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
    if (this.end < this.#room || this.end >= this.#lineBytesMax) return;
    this.#room = Math.min(this.#room * 2, this.#lineBytesMax);
    const larger = this.#memory.take(this.#room + PADDING_BYTES);
    larger.set(this.bytes);
    this.#memory.giveBack(this.bytes);
    this.bytes = larger;
  }

  #inspect(from: number): void {
    // For plain bytes this took 15 ms of 215 MB, where looking for NUL and then for UTF-8 took 70.
    if (this.#isPlain(this.#checked)) {
      this.#checked = this.end;
      return;
    }
    if (this.nulAt === -1) {
      const nul = this.bytes.subarray(from, this.end).indexOf(0);
      if (nul !== -1) this.nulAt = this.#position - (this.end - from) + nul;
    }
    const whole = this.last ? this.end : wholeCharactersEnd(this.bytes, this.#checked, this.end);
    if (!isUtf8(this.bytes.subarray(this.#checked, whole))) this.foreign = true;
    this.#checked = whole;
  }

  #isPlain(from: number): boolean {
    if (this.#kernel === null) return false;
    return this.#kernel.functions.isPlain(this.bytes.byteOffset + from, this.end - from) !== 0;
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

/**
 * The line on which the byte at `position` of the file stands, the one that starts at `from` being the first. Reads the file
 * again: only for complaints.
 */
export function lineAtPosition(fd: number, position: number, from = 0): number {
  return new LineCounter(fd, from, 1).lineAt(position);
}
