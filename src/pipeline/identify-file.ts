import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import type { SourceIdentity } from './conversion.ts';
import { stateOf } from './source-state.ts';

const CHUNK_BYTES = 1 << 20;

/** Hashes a source from its first to its last byte. Synchronous, for a worker thread. */
export function identifyFile(source: string): SourceIdentity {
  const fd = openSync(source, 'r');
  try {
    return identifyOpenFile(fd);
  } finally {
    closeSync(fd);
  }
}

/** The same for a source that is open. */
export function identifyOpenFile(fd: number): SourceIdentity {
  const state = stateOf(fd);
  const hash = createHash('sha256');
  const chunk = new Uint8Array(Math.max(1, Math.min(state.bytes, CHUNK_BYTES)));
  for (let position = 0; position < state.bytes;) {
    const wanted = Math.min(chunk.length, state.bytes - position);
    const got = readSync(fd, chunk, 0, wanted, position);
    // A source cut short meanwhile: its size no longer fits this identity, which the conversion notices.
    if (got === 0) break;
    hash.update(chunk.subarray(0, got));
    position += got;
  }
  return { ...state, sha256: hash.digest('hex') };
}
