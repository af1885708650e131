import type { PackedSource } from './packed-source.ts';
import { damaged } from './undecodable.ts';
import type { FrameReader } from './unzstd.ts';

/** No block becomes more. Spec: RFC 8878, 3.1.1.2.4. */
const BLOCK_BYTES_MAX = 1 << 17;
const HEADER_BYTES_MAX = 18;
const WINDOW_BYTES_MAX = 128 << 20;
const SKIPPABLE_BYTES = 8;
const CHECKSUM_BYTES = 4;
const RLE = 1;

const CUT_OFF = 'The compressed data are cut off.';
const DAMAGED = 'The compressed data are damaged.';

/** A frame with one byte, raw: a decompressor that is at the end of a frame gives it, one in trouble does not. */
const probe = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 1, 0x09, 0, 0, 0x21);

/** The private part of the WebAssembly module that decompresses in steps (1.12.5). */
interface Module {
  dataToHeap: (data: Uint8Array) => HeapBytes;
  malloc: (bytes: number) => HeapBytes;
  free: (bytes: HeapBytes) => void;
  heapView: (bytes: HeapBytes) => Uint8Array;
}

interface HeapBytes {
  ptr: number;
  size: number;
}

interface Decompressor {
  reset: () => void;
  /** `decompressChunk`: how many bytes have come out; 0 after an error too. Input that is left when the output is full is lost. */
  delete: () => void;
  decompressChunk: (to: number, room: number, from: number, bytes: number) => number;
}

type Step = (input: Uint8Array) => Uint8Array;

/**
 * Reads zstd where node:zlib does not. The module forgets how much of its input it has used, so it is given one block at a time,
 * which always fits its output; and it keeps its errors to itself, so each block, and at the end of a frame a probe, shows
 * whether it has lost its way.
 */
export async function frameReader(): Promise<FrameReader> {
  const { Zstd } = await import('@hpcc-js/wasm-zstd');
  const loaded = (await Zstd.load()) as unknown as {
    _mainModule: Module;
    _zstdClass: new () => Decompressor;
  };
  const module = loaded._mainModule;
  const decompressor = new loaded._zstdClass();
  const step: Step = (input) => {
    const from = module.dataToHeap(input);
    const to = module.malloc(BLOCK_BYTES_MAX);
    try {
      to.size = decompressor.decompressChunk(to.ptr, BLOCK_BYTES_MAX, from.ptr, from.size);
      return module.heapView(to).slice();
    } finally {
      module.free(to);
      module.free(from);
    }
  };
  return {
    read: async function* (source, at) {
      const size = skippableBytes(source, at);
      if (size !== null) return size;
      decompressor.reset();
      return yield* readFrame(source, at, step);
    },
    close: () => {
      decompressor.delete();
    },
  };
}

/** The size of a frame that is to be skipped; null where it is another one. */
function skippableBytes(source: PackedSource, at: number): number | null {
  const start = source.at(at, SKIPPABLE_BYTES);
  if (start.length < 4) throw damaged(CUT_OFF);
  if (start.readUInt32LE(0) >>> 4 !== 0x184d2a5) return null;
  if (start.length < SKIPPABLE_BYTES) throw damaged(CUT_OFF);
  const size = SKIPPABLE_BYTES + start.readUInt32LE(4);
  if (at + size > source.bytes) throw damaged(CUT_OFF);
  return size;
}

// An asynchronous generator without a wait in it, to stand in for that of node:zlib.
// eslint-disable-next-line @typescript-eslint/require-await -- its interface is that of node:zlib
async function* readFrame(
  source: PackedSource,
  start: number,
  step: Step,
): AsyncGenerator<Uint8Array, number> {
  const { bytes, hasChecksum } = readHeader(source.at(start, HEADER_BYTES_MAX));
  step(source.at(start, bytes));
  let at = start + bytes;
  for (let isLast = false; !isLast;) {
    const header = source.at(at, 3);
    if (header.length < 3) throw damaged(CUT_OFF);
    const bits = header.readUIntLE(0, 3);
    isLast = (bits & 1) === 1;
    const type = (bits >> 1) & 3;
    const size = bits >> 3;
    const block = source.at(at, 3 + (type === RLE ? 1 : size));
    if (block.length < 3 + (type === RLE ? 1 : size)) throw damaged(CUT_OFF);
    const content = step(block);
    if (content.length === 0 && size > 0) throw damaged(DAMAGED);
    at += block.length;
    source.read = at;
    yield content;
  }
  const checksum = source.at(at, hasChecksum ? CHECKSUM_BYTES : 0);
  if (hasChecksum && checksum.length < CHECKSUM_BYTES) throw damaged(CUT_OFF);
  if (hasChecksum) step(checksum);
  if (step(probe)[0] !== probe.at(-1)) throw damaged(DAMAGED);
  return at + checksum.length - start;
}

/** Spec: RFC 8878, 3.1.1.1. */
function readHeader(header: Buffer): { bytes: number; hasChecksum: boolean } {
  if (header.length < 6) throw damaged(CUT_OFF);
  if (header.readUInt32LE(0) !== 0xfd2fb528) {
    throw damaged('Something that is not zstd stands behind the end of the compressed data.');
  }
  const descriptor = header[4]!;
  const isSingle = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  if (!isSingle) checkWindow(header[5]!);
  const bytes = 5 + (isSingle ? 0 : 1) + dictionaryBytes + sizeBytes;
  if (header.length < bytes) throw damaged(CUT_OFF);
  return { bytes, hasChecksum: (descriptor & 4) !== 0 };
}

function checkWindow(descriptor: number): void {
  const base = 2 ** (10 + (descriptor >> 3));
  if (base + (base / 8) * (descriptor & 7) <= WINDOW_BYTES_MAX) return;
  throw damaged('The compressed data need a window of more than 128 MiB.');
}
