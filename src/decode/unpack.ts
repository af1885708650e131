import type { ContainerName } from '../core/container-name.ts';
import { counted } from '../core/counted.ts';
import { groupedDigits } from '../core/grouped-digits.ts';
import { gunzip } from './gzip.ts';
import { PackedSource } from './packed-source.ts';
import { Undecodable } from './undecodable.ts';
import { unzip } from './unzip.ts';
import { unzstd } from './unzstd.ts';

/** How much a packed source may become. */
export interface UnpackingLimits {
  bytesMax: number;
  /** How many times the bytes that have been read, where that is more than `RATIO_FREE_BYTES`. */
  ratioMax: number;
}

/** So much may come out of any source, because what is small harms nobody. */
const RATIO_FREE_BYTES = 64 << 20;

const unpackers = { gzip: gunzip, zstd: unzstd, zip: unzip } as const;

/** The content of a container, or of a plain file, chunk by chunk and in bounded memory. Throws Undecodable. */
export async function* unpack(
  fd: number,
  bytes: number,
  container: ContainerName | null,
  limits: UnpackingLimits,
): AsyncGenerator<Uint8Array, void> {
  const source = new PackedSource(fd, bytes);
  if (container === null) {
    yield* source.chunks(0, bytes);
    return;
  }
  let unpacked = 0;
  for await (const chunk of unpackers[container](source)) {
    unpacked += chunk.length;
    check(unpacked, source.read, limits);
    yield chunk;
  }
}

/** Held against what has been read so far, so that a bomb shows at its first bytes. */
function check(unpacked: number, read: number, { bytesMax, ratioMax }: UnpackingLimits): void {
  if (unpacked > bytesMax) {
    throw new Undecodable(
      'container',
      `Unpacked the file has more than ${counted(bytesMax, 'byte')}.`,
      'Split it into several files; convert.unpacked_bytes_max in the configuration sets the limit.',
    );
  }
  if (unpacked > RATIO_FREE_BYTES && unpacked > read * ratioMax) {
    throw new Undecodable(
      'container',
      `Unpacked the file is more than ${groupedDigits(ratioMax)} times as large, as no table of data is.`,
      'Look what is in it; convert.unpacked_ratio_max in the configuration sets the limit.',
    );
  }
}
