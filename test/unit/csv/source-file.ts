import { closeSync, fstatSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SourceReader } from '../../../src/csv/source-reader.ts';

/** Runs an action on a reader of a file with this content; the file is gone afterwards. */
export function withReader<Result>(
  content: string | Uint8Array,
  lineBytesMax: number,
  action: (reader: SourceReader, fd: number, path: string) => Result,
): Result {
  const folder = mkdtempSync(join(tmpdir(), 'hopper-source-'));
  const path = join(folder, 'a.csv');
  writeFileSync(path, content);
  const fd = openSync(path, 'r');
  try {
    return action(new SourceReader(fd, fstatSync(fd).size, lineBytesMax), fd, path);
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
}
