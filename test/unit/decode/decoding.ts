import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EncodingName } from '../../../src/core/encoding-name.ts';
import type { Problem } from '../../../src/core/problem.ts';
import { byteOrderMark } from '../../../src/decode/byte-order-mark.ts';
import { decodeFile, formOf } from '../../../src/decode/decode-file.ts';

export interface Decoded {
  /** Null where the file needs no decoding. */
  bytes: Buffer | null;
  problem: Problem | null;
  /** How much was written. */
  written: number;
}

const limits = { bytesMax: 1 << 30, ratioMax: 500 };

/** Decodes a file of this name and content as the pipeline does. */
export async function decode(
  name: string,
  content: Uint8Array,
  encoding: EncodingName = 'utf-8',
  given: Partial<typeof limits> = {},
): Promise<Decoded> {
  const form = formOf(name, encoding, byteOrderMark(content));
  if (form === null) return { bytes: null, problem: null, written: 0 };
  const folder = mkdtempSync(join(tmpdir(), 'hopper-decode-'));
  const source = join(folder, 'source');
  const to = join(folder, '.decoded');
  writeFileSync(source, content);
  const fd = openSync(source, 'r');
  try {
    const file = { fd, bytes: content.length };
    const problem = await decodeFile(file, form, to, { ...limits, ...given });
    const bytes = problem === null ? readFileSync(to) : null;
    return { bytes, problem, written: statSync(to).size };
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
}
