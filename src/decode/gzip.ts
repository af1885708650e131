import { createGunzip } from 'node:zlib';
import { counted } from '../core/counted.ts';
import { inflate } from './inflate.ts';
import type { PackedSource } from './packed-source.ts';
import { damaged, Undecodable } from './undecodable.ts';

export const ENGINE_CHUNK_BYTES = 1 << 18;

/**
 * Unpacks a gzip file of one or several members, as `cat a.gz b.gz` makes one. node:zlib checks the CRC and the size of each
 * member. Spec: RFC 1952.
 */
export async function* gunzip(source: PackedSource): AsyncGenerator<Uint8Array, void> {
  const [first, second] = source.at(0, 2);
  if (first !== 0x1f || second !== 0x8b) throw isNone(source, 'gzip', '.gz');
  const engine = createGunzip({ chunkSize: ENGINE_CHUNK_BYTES });
  const used = yield* inflate(source, 0, source.bytes, engine);
  // It passes over zeros behind a member in silence, and over what follows them.
  if (used < source.bytes) throw surplus(source.bytes - used);
}

/** The content is not what its name says. */
export function isNone(source: PackedSource, format: string, end: string): Undecodable {
  return new Undecodable(
    'container',
    source.bytes === 0
      ? 'The file is empty.'
      : `The file is no ${format} file, but its name says so.`,
    `Send it again if it was cut off; if it is plain text, drop it without ${end} at the end of its name.`,
  );
}

/** Something stands behind the end of the compressed data. */
export function surplus(bytes: number): Undecodable {
  return damaged(
    `${counted(bytes, 'byte stands', 'bytes stand')} behind the end of the compressed data.`,
  );
}
