import { closeSync, readSync, rmSync, writeSync } from 'node:fs';
import { counted } from '../core/counted.ts';
import { createWorkFile } from '../core/work-file.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { OpenSource } from './compare-rows.ts';
import type { RejectFile } from './conversion.ts';
import type { PieceResult } from './piece-result.ts';
import { RejectFormat } from './reject-format.ts';
import { rowsToReject } from './rows-to-reject.ts';

const CHUNK_BYTES = 1 << 18;

/**
 * Writes the reject file: what stands before the rows of the source, its header with the columns of a reject file behind it, and
 * each rejected row, byte for byte as the sender wrote it (unless formulas are neutralised), with what is wrong with it. In: the pieces of the source, and the
 * files of their rejected rows, which are removed. Null where there are none.
 */
export function writeRejectFile(
  source: OpenSource,
  pieces: readonly PieceResult[],
): RejectFile | null {
  const { outputs, dataset, fd, plan } = source;
  const path = outputs.rejected;
  const files = pieces.flatMap(({ rejectedFile, rejectedKeysFile, refusedFile }) =>
    [rejectedFile, rejectedKeysFile, refusedFile].filter((file) => file !== null),
  );
  if (path === undefined || files.length === 0) return null;
  const format = new RejectFormat(plan.header, dataset);
  const out = new FileOutput(path);
  let rows = 0;
  try {
    out.write(format.header(readAt(fd, 0, plan.rowsStart)));
    for (const row of rowsToReject(source, pieces)) {
      out.write(format.row(readAt(fd, row.position, row.bytes), row));
      rows++;
    }
    out.flush();
  } finally {
    out.close();
  }
  checkCount(rows, pieces);
  for (const file of files) rmSync(file);
  return { path, rows };
}

function checkCount(rows: number, pieces: readonly PieceResult[]): void {
  const rejected = pieces.reduce((sum, { counts }) => sum + counts.rowsRejected, 0);
  if (rows === rejected) return;
  throw new HopperError('conservation_broken', {
    message: `The reject file has ${counted(rows, 'row')}, but ${rejected} ${rejected === 1 ? 'was' : 'were'} rejected.`,
  });
}

/** Bytes of a file that has them; fewer, where it was cut in the meantime, are noticed when the source is compared. */
function readAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length;) {
    const read = readSync(fd, bytes, at, length - at, position + at);
    if (read === 0) break;
    at += read;
  }
  return bytes;
}

/** A new file that is written in large parts. */
class FileOutput {
  readonly #fd: number;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(path: string) {
    this.#fd = createWorkFile(path);
  }

  write(bytes: Buffer): void {
    this.#parts.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes > CHUNK_BYTES) this.flush();
  }

  flush(): void {
    const bytes = Buffer.concat(this.#parts);
    for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at);
    this.#parts = [];
    this.#bytes = 0;
  }

  close(): void {
    closeSync(this.#fd);
  }
}
