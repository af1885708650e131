import * as zlib from 'node:zlib';
import type { CodecName } from '../core/codec-name.ts';

/** Compresses pages, one at a time and synchronously. */
export interface Compressor {
  codec: CodecName;
  /** A column chunk whose values take fewer bytes is not worth compressing. */
  bytesMin: number;
  /** `page` is not empty. The result is valid until the next call, and may be the page itself. */
  compress(page: Uint8Array): Uint8Array;
}

/** On pages of dictionary codes higher levels take several times as long and save a few percent. */
const ZSTD_LEVEL = 1;

/**
 * A page of zstd has a header of nine bytes or more, and pages of codes as small as this hardly get smaller: of 33 columns of 395
 * students the chunks took 6.4 KB compressed, and 6.1 KB as they were, in a sixth less time for the whole file.
 */
const COMPRESSED_BYTES_MIN = 512;

type Compress = Compressor['compress'];

/**
 * Loads what a codec needs: a native module or WebAssembly only where it is used. `pages`: whether most will be small, as
 * those of a small file are; the bytes may depend on it.
 */
export async function openCompressor(
  codec: CodecName,
  pages: 'small' | 'large',
): Promise<Compressor> {
  return { codec, bytesMin: COMPRESSED_BYTES_MIN, compress: await openCompress(codec, pages) };
}

async function openCompress(codec: CodecName, pages: 'small' | 'large'): Promise<Compress> {
  switch (codec) {
    case 'none':
      return (page) => page;
    case 'gzip':
      return (page) => zlib.gzipSync(page);
    case 'snappy': {
      const { default: snappy } = await import('snappy');
      return (page) => snappy.compressSync(page);
    }
    case 'zstd':
      return await zstd(pages);
  }
}

/**
 * From this size on node:zlib compresses as fast or faster. It makes a context for each page, so that a page of less than
 * 4 KB takes it 12 to 18 us where WebAssembly takes 1 to 10 (Node 24.21), and small files have such pages only. Large ones
 * have few, for which 30 ms and 17 MB to load the module would be too much.
 */
const NATIVE_BYTES_MIN = 16 * 1024;

async function zstd(pages: 'small' | 'large'): Promise<Compress> {
  const native = nativeZstd();
  if (native !== null && pages === 'large') return native;
  const small = await webAssemblyZstd();
  if (native === null) return small;
  return (page) => (page.length < NATIVE_BYTES_MIN ? small(page) : native(page));
}

/** What node:zlib has from Node 22.15 on and the types of Node 20 do not know. */
interface ZlibWithZstd {
  zstdCompressSync: (
    page: Uint8Array,
    options: { params: Record<number, number>; chunkSize: number },
  ) => Uint8Array;
  constants: { ZSTD_c_compressionLevel: number };
}

function nativeZstd(): Compress | null {
  if (!hasZstd(zlib)) return null;
  const { zstdCompressSync, constants } = zlib;
  const params = { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL };
  // From this size on a buffer has memory of its own.
  const ownBytesMin = 2 * Buffer.poolSize;
  let last: Uint8Array | null = null;
  return (page) => {
    if (last !== null) giveBack(last);
    last = zstdCompressSync(page, { params, chunkSize: Math.max(ownBytesMin, page.length) });
    return last;
  };
}

/** What Node.js has from version 21 on. */
interface Transferable {
  transfer: (bytes: number) => unknown;
}

/**
 * Gives the memory of a result back at once. Left to the garbage collector, which sees little reason to come, there were up to
 * 60 MB of it in each thread: 2 GB of orders took 307 MB instead of 188.
 */
function giveBack({ buffer }: Uint8Array): void {
  // Small ones lie in a pool that other buffers share.
  if (buffer.byteLength > Buffer.poolSize) (buffer as unknown as Transferable).transfer(0);
}

function hasZstd(module: object): module is ZlibWithZstd {
  return 'zstdCompressSync' in module;
}

/** The private part of the WebAssembly module that copies a result out of its memory. */
interface ZstdMemory {
  heapView: (result: unknown) => Uint8Array;
  heapToUint8Array: (result: unknown) => Uint8Array;
}

async function webAssemblyZstd(): Promise<Compress> {
  const { Zstd } = await import('@hpcc-js/wasm-zstd');
  const zstd = await Zstd.load();
  // Its own copy spreads the bytes into an array first, which took 0.9 of the 1.0 ms for a page of 20 KB (1.12.5).
  const memory = (zstd as unknown as { _mainModule: ZstdMemory })._mainModule;
  memory.heapToUint8Array = (result) => memory.heapView(result).slice();
  return (page) => {
    const frame = zstd.compress(page, ZSTD_LEVEL);
    // The module reports a failure on the console only, and then returns some memory: look for the magic number.
    if (frame[0] !== 0x28 || frame[1] !== 0xb5 || frame[2] !== 0x2f || frame[3] !== 0xfd) {
      throw new Error(`zstd could not compress a page of ${page.length} bytes.`);
    }
    return frame;
  };
}
