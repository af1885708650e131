import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { counted } from '../core/counted.ts';
import type { ConvertedLoad, EarlyLoad, LoadFile } from '../core/load.ts';
import { HopperError } from '../errors/hopper-error.ts';

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 10;

/**
 * Reads the load files of a load, one after the other, in blocks of whole lines, each line with its newline. A block is
 * about 256 KiB, or one line where that is longer, and stays valid until the next one is asked for. Throws
 * load_file_unusable when a file cannot be read or does not hold the bytes and rows that were converted, or when all
 * together do not hold the accepted rows.
 */
export async function* readLoadFiles(load: ConvertedLoad): AsyncGenerator<Buffer> {
  let rows = 0;
  for (const loadFile of load.loadFiles) {
    yield* readLoadFile(loadFile, load.file);
    rows += loadFile.rows;
  }
  if (rows !== load.rowsAccepted) {
    throw new HopperError('load_file_unusable', {
      message: `The load files of ${load.file} have ${counted(rows, 'row')} instead of ${load.rowsAccepted}.`,
      details: { loadFiles: load.loadFiles.map(({ path }) => path) },
    });
  }
}

/** The same for a load that is still being converted, whose accepted rows are not known yet: each file as it comes. */
export async function* readArrivingFiles(load: EarlyLoad): AsyncGenerator<Buffer> {
  for await (const loadFile of load.loadFiles) yield* readLoadFile(loadFile, load.file);
}

async function* readLoadFile(loadFile: LoadFile, source: string): AsyncGenerator<Buffer> {
  let bytes = 0;
  let rows = 0;
  // The start of a line whose end has not been read; pieces, so that a long line is joined once.
  let torn: Buffer[] = [];
  for await (const chunk of readChunks(loadFile, source)) {
    bytes += chunk.length;
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      torn.push(Buffer.from(chunk));
      continue;
    }
    const block =
      torn.length === 0 ? chunk.subarray(0, end) : Buffer.concat([...torn, chunk.subarray(0, end)]);
    rows += countLines(block);
    torn = end === chunk.length ? [] : [Buffer.from(chunk.subarray(end))];
    yield block;
  }
  if (torn.length > 0 || bytes !== loadFile.bytes || rows !== loadFile.rows) {
    const found = `has ${counted(bytes, 'byte')} and ${counted(rows, 'row')} instead of ${loadFile.bytes} and ${loadFile.rows}`;
    throw unusable(loadFile, source, found);
  }
}

async function* readChunks(loadFile: LoadFile, source: string): AsyncGenerator<Buffer> {
  const { content } = loadFile;
  if (content !== undefined && content !== null) {
    if (content.length > 0) yield Buffer.from(content.buffer, content.byteOffset, content.length);
    return;
  }
  try {
    if (loadFile.bytes < CHUNK_BYTES) {
      const all = readSmall(loadFile);
      if (all.length > 0) yield all;
      return;
    }
    const handle = await open(loadFile.path, 'r');
    try {
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
      for (;;) {
        const { bytesRead } = await handle.read(buffer, 0, buffer.length);
        if (bytesRead === 0) return;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw unusable(loadFile, source, 'cannot be read', error);
  }
}

/**
 * All of a file of less than a block, in this thread: it was written just now, so nobody waits for a disk, and the thread pool
 * would cost more than the reading does. With one byte more than it should have, so that a longer one is noticed.
 */
function readSmall({ path, bytes }: LoadFile): Buffer {
  const descriptor = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(bytes + 1);
    return buffer.subarray(0, readSync(descriptor, buffer));
  } finally {
    closeSync(descriptor);
  }
}

/** Where each line of a block of whole lines ends, behind its newline. */
export function lineEnds(block: Buffer): number[] {
  const ends: number[] = [];
  for (let from = 0; from < block.length;) {
    from = block.indexOf(NEWLINE, from) + 1;
    ends.push(from);
  }
  return ends;
}

/** Lines of a block, each ended by a newline. */
function countLines(block: Buffer): number {
  let lines = 0;
  for (let at = block.indexOf(NEWLINE); at !== -1; at = block.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}

function unusable({ path }: LoadFile, source: string, what: string, cause?: unknown): HopperError {
  return new HopperError('load_file_unusable', {
    message: `The load file of ${source} ${what}.`,
    details: { loadFile: path },
    cause,
  });
}
