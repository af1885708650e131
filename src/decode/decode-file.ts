import { closeSync, openSync, writeSync } from 'node:fs';
import { containerOf, type ContainerName } from '../core/container-name.ts';
import type { EncodingName } from '../core/encoding-name.ts';
import type { Problem } from '../core/problem.ts';
import { createWorkFile } from '../core/work-file.ts';
import { lineAtPosition } from '../csv/source-reader.ts';
import { byteOrderMark, type ByteOrderMark, MARK_BYTES_MAX } from './byte-order-mark.ts';
import { type BadCharacter, type Transcode, transcoder } from './transcode.ts';
import { Undecodable } from './undecodable.ts';
import { unpack, type UnpackingLimits } from './unpack.ts';

/** What a source is, to whoever knows its name and its dataset. */
export interface SourceForm {
  container: ContainerName | null;
  /** Of text that has no mark. */
  encoding: EncodingName;
}

/**
 * How a source has to be decoded before it is read; null: not at all, it is plain UTF-8. `mark`: that of its first bytes, which
 * counts for more than what the dataset says.
 */
export function formOf(
  name: string,
  encoding: EncodingName,
  mark: ByteOrderMark | null,
): SourceForm | null {
  const container = containerOf(name);
  if (container !== null) return { container, encoding };
  const isPlain = mark === null ? encoding === 'utf-8' : mark === 'utf-8';
  return isPlain ? null : { container, encoding };
}

/** After so much others get their turn: to decode gigabytes in one go would keep small files waiting. */
const TURN_BYTES = 16 << 20;

/**
 * Decodes the first `bytes` of an open source into a new file as plain UTF-8, in bounded memory. Returns null, or the problem for
 * which it cannot be decoded; what has been written then is of no use. Throws for trouble of the environment. A line is that of
 * the decoded text.
 */
export async function decodeFile(
  { fd, bytes }: { fd: number; bytes: number },
  { container, encoding }: SourceForm,
  to: string,
  limits: UnpackingLimits,
  letOthersPass: () => Promise<void> = () => Promise.resolve(),
): Promise<Problem | null> {
  const out = createWorkFile(to);
  let written = 0;
  let turn = TURN_BYTES;
  const write = (chunk: Uint8Array): void => {
    for (let at = 0; at < chunk.length;) at += writeSync(out, chunk, at);
    written += chunk.length;
  };
  try {
    for await (const decoded of decode(unpack(fd, bytes, container, limits), encoding)) {
      if ('message' in decoded) {
        write(decoded.before);
        // In the place of what cannot be read, so that its line is there.
        write(Uint8Array.of(0x3f));
        const { message, hint } = decoded;
        return new Undecodable('encoding', message, hint).asProblem(lineOf(to, written - 1));
      }
      write(decoded);
      if (written < turn) continue;
      turn = written + TURN_BYTES;
      await letOthersPass();
    }
    return null;
  } catch (error) {
    if (error instanceof Undecodable) return error.asProblem(0);
    throw error;
  } finally {
    closeSync(out);
  }
}

/** Bytes in whatever encoding their first ones, or else the dataset, say, as UTF-8. */
async function* decode(
  chunks: AsyncIterable<Uint8Array>,
  encoding: EncodingName,
): AsyncGenerator<Uint8Array | BadCharacter, void> {
  let start = Buffer.alloc(0);
  let transcode: Transcode | null = null;
  for await (const chunk of chunks) {
    if (transcode !== null) {
      yield transcode(chunk, false);
      continue;
    }
    start = Buffer.concat([start, chunk]);
    if (start.length < MARK_BYTES_MAX) continue;
    transcode = transcoderFor(start, encoding);
    yield markFor(start, encoding);
    yield transcode(start, false);
  }
  if (transcode !== null) {
    yield transcode(new Uint8Array(0), true);
    return;
  }
  yield markFor(start, encoding);
  yield transcoderFor(start, encoding)(start, true);
}

const utf8Mark = Uint8Array.of(0xef, 0xbb, 0xbf);

/**
 * What text in the encoding of the dataset has to begin with in UTF-8: with the mark, so that a reject file that is made of it is
 * not taken for text in that encoding when it is dropped. Other marks are characters of the text.
 */
function markFor(start: Uint8Array, encoding: EncodingName): Uint8Array {
  return byteOrderMark(start) === null && encoding !== 'utf-8' ? utf8Mark : new Uint8Array(0);
}

function transcoderFor(start: Uint8Array, encoding: EncodingName): Transcode {
  const found = byteOrderMark(start) ?? encoding;
  if (found === 'utf-32') {
    throw new Undecodable('encoding', 'The file is UTF-32.', 'Save it as UTF-8.');
  }
  return found === 'utf-8' ? (chunk) => chunk : transcoder(found);
}

function lineOf(path: string, position: number): number {
  const fd = openSync(path, 'r');
  try {
    return lineAtPosition(fd, position);
  } finally {
    closeSync(fd);
  }
}
