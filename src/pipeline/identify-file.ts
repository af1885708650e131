import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { byteOrderMark, type ByteOrderMark } from '../decode/byte-order-mark.ts';
import type { SourceIdentity } from './conversion.ts';
import { stateOf } from './source-state.ts';

const CHUNK_BYTES = 1 << 20;

/** How much is hashed before others get their turn: gigabytes in one go would keep small files waiting for seconds. */
const TURN_BYTES = 32 << 20;

/** Runs what has come up meanwhile. */
export type LetOthersPass = () => Promise<void>;

/** Hashes a source from its first to its last byte. For a worker thread. */
export async function identifyFile(
  source: string,
  letOthersPass: LetOthersPass,
): Promise<SourceIdentity> {
  const fd = openSync(source, 'r');
  try {
    return await identifyOpenFile(fd, letOthersPass);
  } finally {
    closeSync(fd);
  }
}

/** The same for a source that is open. */
export async function identifyOpenFile(
  fd: number,
  letOthersPass: LetOthersPass,
): Promise<SourceIdentity> {
  const state = stateOf(fd);
  const hash = createHash('sha256');
  let mark: ByteOrderMark | null = null;
  const chunk = new Uint8Array(Math.max(1, Math.min(state.bytes, CHUNK_BYTES)));
  for (let position = 0; position < state.bytes;) {
    const wanted = Math.min(chunk.length, state.bytes - position);
    const got = readSync(fd, chunk, 0, wanted, position);
    // A source cut short meanwhile: its size no longer fits this identity, which the conversion notices.
    if (got === 0) break;
    const bytes = chunk.subarray(0, got);
    if (position === 0) mark = byteOrderMark(bytes);
    hash.update(bytes);
    position += got;
    if (position % TURN_BYTES === 0) await letOthersPass();
  }
  return { ...state, sha256: hash.digest('hex'), mark };
}
