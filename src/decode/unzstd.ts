import * as zlib from 'node:zlib';
import { ENGINE_CHUNK_BYTES, isNone } from './gzip.ts';
import { type Engine, inflate } from './inflate.ts';
import type { PackedSource } from './packed-source.ts';
import { damaged } from './undecodable.ts';
import { frameReader } from './zstd-frame.ts';

/** Each frame takes a decompressor of its own; a file of frames of a few bytes would keep a thread for hours. */
const FRAMES_MAX = 100_000;

/** What node:zlib has from Node 22.15 on and the types of Node 20 do not know. */
interface ZlibWithZstd {
  createZstdDecompress: (options: { chunkSize: number }) => Engine;
}

/**
 * Unpacks a zstd file of one or several frames: with node:zlib, or before Node 22.15 with WebAssembly. Both take frames with a
 * window of up to 128 MiB, as the program zstd does where it is not told otherwise, and check the checksums. Spec: RFC 8878.
 */
export async function* unzstd(source: PackedSource): AsyncGenerator<Uint8Array, void> {
  if (!isFrame(source.at(0, 4))) throw isNone(source, 'zstd', '.zst');
  const reader = hasZstd(zlib) ? nativeReader(zlib) : await frameReader();
  let frames = 0;
  try {
    for (let at = 0; at < source.bytes;) {
      if (++frames > FRAMES_MAX) {
        throw damaged(`The file has more than ${FRAMES_MAX} zstd frames: pack it as one.`);
      }
      const used: number = yield* reader.read(source, at);
      if (used === 0) throw damaged('The compressed data are damaged.');
      at += used;
    }
  } finally {
    reader.close();
  }
}

export interface FrameReader {
  /** Reads the frame, or the frames, at a position, and returns how many bytes they take. */
  read: (source: PackedSource, at: number) => AsyncGenerator<Uint8Array, number>;
  close: () => void;
}

function hasZstd(module: object): module is ZlibWithZstd {
  return 'createZstdDecompress' in module;
}

/** node:zlib stops at the end of a frame, unless that is the end of a chunk as well. */
function nativeReader({ createZstdDecompress }: ZlibWithZstd): FrameReader {
  return {
    read: (source, at) => {
      const engine = createZstdDecompress({ chunkSize: ENGINE_CHUNK_BYTES });
      return inflate(source, at, source.bytes, engine);
    },
    close: () => undefined,
  };
}

function isFrame(start: Buffer): boolean {
  if (start.length < 4) return false;
  const magic = start.readUInt32LE(0);
  // A frame, or one that is to be skipped.
  return magic === 0xfd2fb528 || magic >>> 4 === 0x184d2a5;
}
