import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { asHopperError } from '../core/environment-error.ts';
import { ByteWriter } from './byte-writer.ts';
import { encodeRowGroup, writeFileMetadata, type FileDescription } from './file-metadata.ts';
import type { EncodedRowGroup } from './row-group-encoder.ts';
import type { WrittenRowGroup } from './row-group.ts';

/** Spec: a Parquet file starts and ends with it. */
const MAGIC = Buffer.from('PAR1');

/** Where the first row group of a file goes. */
export const FIRST_ROW_GROUP_OFFSET = MAGIC.length;

/*
 * A Parquet file is made in steps that threads may share: create it, write each row group at its offset, finish it.
 * Whoever orders the steps knows the offsets, because a row group ends where its bytes do. All are synchronous and open
 * the file by its path, which should be a temporary name: a descriptor would close with the thread that opened it. They
 * throw disk_full, folder_unusable or io_failed, with the path; after that the file can only be discarded.
 */

/** Creates the file, or empties the one that an earlier attempt left. */
export function createParquetFile(path: string): void {
  withFile(path, 'w', (descriptor) => {
    writeAt(descriptor, MAGIC, 0);
  });
}

/** Writes a row group at `offset` and returns what the footer needs to know of it. */
export function writeRowGroup(
  path: string,
  { bytes, rowGroup }: EncodedRowGroup,
  offset: number,
): WrittenRowGroup {
  withFile(path, 'r+', (descriptor) => {
    writeAt(descriptor, bytes, offset);
  });
  const metadata = encodeRowGroup(rowGroup, offset);
  return { rows: rowGroup.rows, offset, bytes: bytes.length, metadata };
}

/**
 * Writes the footer behind the row groups, which are all and in the order of the file. Nothing is fsynced. Returns the
 * file's size and what it holds.
 */
export function finishParquetFile(
  path: string,
  rowGroups: readonly WrittenRowGroup[],
  description: FileDescription,
): { bytes: number; rows: number; rowGroups: number } {
  const end = endOfRowGroups(path, rowGroups);
  const footer = new ByteWriter(64 * 1024);
  withFile(path, 'r+', (descriptor) => {
    writeFileMetadata(footer, { ...description, rowGroups });
    footer.writeUint32(footer.length);
    footer.writeBytes(MAGIC);
    writeAt(descriptor, footer.written(), end);
  });
  return {
    bytes: end + footer.length,
    rows: rowGroups.reduce((rows, rowGroup) => rows + rowGroup.rows, 0),
    rowGroups: rowGroups.length,
  };
}

/** Removes the file, finished or not. Does nothing where it is gone. */
export function discardParquetFile(path: string): void {
  attempt(path, () => {
    rmSync(path, { force: true });
  });
}

/** A gap would be a row group that nobody wrote, an overlap one that is destroyed. */
function endOfRowGroups(path: string, rowGroups: readonly WrittenRowGroup[]): number {
  let end = FIRST_ROW_GROUP_OFFSET;
  for (const { offset, bytes } of rowGroups) {
    if (offset !== end) {
      throw new Error(`${path} has a row group at ${offset} where ${end} was expected.`);
    }
    end += bytes;
  }
  return end;
}

function withFile(path: string, flags: 'w' | 'r+', action: (descriptor: number) => void): void {
  attempt(path, () => {
    const descriptor = openSync(path, flags);
    try {
      action(descriptor);
    } finally {
      closeSync(descriptor);
    }
  });
}

function writeAt(descriptor: number, bytes: Uint8Array, offset: number): void {
  // A disk that fills up takes a part first, and refuses the rest in the next call.
  for (let done = 0; done < bytes.length;) {
    done += writeSync(descriptor, bytes, done, bytes.length - done, offset + done);
  }
}

function attempt(path: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    // Errors of a descriptor do not know the file that it stands for.
    if (error instanceof Error) Object.assign(error, { path });
    throw asHopperError(error);
  }
}
