import { pipeline, Readable, type Transform } from 'node:stream';
import type { PackedSource } from './packed-source.ts';
import { damaged } from './undecodable.ts';

/** A decompressor of node:zlib. `bytesWritten`: how many bytes it has used. */
export type Engine = Transform & { bytesWritten: number };

/**
 * Sends a part of a source through a decompressor. Gives what comes out, and returns how many bytes were used: fewer than there
 * are where the compressed data end before. Throws Undecodable for data that are damaged or cut off.
 */
export async function* inflate(
  source: PackedSource,
  from: number,
  to: number,
  engine: Engine,
): AsyncGenerator<Uint8Array, number> {
  const input = Readable.from(source.chunks(from, to), { objectMode: true, highWaterMark: 1 });
  // Errors come out of the engine, that of reading the source too; that it may end before its input does is no error.
  pipeline(input, engine, () => undefined);
  try {
    for await (const chunk of engine) yield chunk as Uint8Array;
    return engine.bytesWritten;
  } catch (error) {
    throw asUndecodable(error) ?? error;
  } finally {
    input.destroy();
    engine.destroy();
  }
}

/** Null for errors that say nothing about the data. */
function asUndecodable(error: unknown): Error | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  const code = String(error.code);
  if (code === 'Z_BUF_ERROR') return damaged('The compressed data are cut off.');
  if (code === 'Z_DATA_ERROR' || code === 'Z_NEED_DICT') {
    return damaged(
      `The compressed data are damaged, or something stands behind them (${error.message}).`,
    );
  }
  const isOurs =
    code === 'ZSTD_error_memory_allocation' || code === 'ZSTD_error_workSpace_tooSmall';
  if (!code.startsWith('ZSTD_error_') || isOurs) return null;
  return damaged(
    `The compressed data are damaged, or need a window of more than 128 MiB (${error.message}).`,
  );
}
