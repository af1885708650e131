import { crc32, createInflateRaw } from 'node:zlib';
import { ENGINE_CHUNK_BYTES } from './gzip.ts';
import { inflate } from './inflate.ts';
import type { PackedSource } from './packed-source.ts';
import { damaged } from './undecodable.ts';
import { findZipEntry } from './zip-entry.ts';

/** Unpacks the one file of a zip archive, and holds it against the size and the CRC that the archive's directory has. */
export async function* unzip(source: PackedSource): AsyncGenerator<Uint8Array, void> {
  const { from, to, method, bytes, crc32: expected } = findZipEntry(source);
  let size = 0;
  let crc = 0;
  const chunks = method === 'stored' ? source.chunks(from, to) : inflated(source, from, to);
  for await (const chunk of chunks) {
    size += chunk.length;
    crc = crc32(chunk, crc);
    if (size > bytes) break;
    yield chunk;
  }
  if (size !== bytes) {
    throw damaged('The file in the zip archive has another size than its directory says.');
  }
  if (crc !== expected) {
    throw damaged('The file in the zip archive is damaged: its checksum (CRC-32) differs.');
  }
}

async function* inflated(
  source: PackedSource,
  from: number,
  to: number,
): AsyncGenerator<Uint8Array, void> {
  const engine = createInflateRaw({ chunkSize: ENGINE_CHUNK_BYTES });
  const used = yield* inflate(source, from, to, engine);
  if (used !== to - from) throw damaged('The compressed data in the zip archive end too early.');
}
