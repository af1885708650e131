import { randomUUID } from 'node:crypto';
import { closeSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EncodingName } from '../core/encoding-name.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { decodeFile, formOf } from '../decode/decode-file.ts';
import { markOfFile } from '../pipeline/decode-source.ts';
import { stateOf } from '../pipeline/source-state.ts';

/** As the configuration has it where nothing else is set. */
const limits = { bytesMax: 32 * 1024 ** 3, ratioMax: 500 };

/** A file that is open for reading, and its size. */
interface OpenText {
  fd: number;
  bytes: number;
}

/**
 * Opens the text of a file: the file itself or, where it is packed or in another encoding than UTF-8, what it is decoded to. That
 * lies in the folder for temporary files and has no name any more, so that it is gone with its descriptor, which is the
 * caller's to close.
 * @throws HopperError content_invalid where it cannot be decoded
 */
export async function openText(file: string, encoding: EncodingName): Promise<OpenText> {
  const form = formOf(file, encoding, await markOfFile(file));
  const fd = openSync(file, 'r');
  if (form === null) return { fd, bytes: stateOf(fd).bytes };
  const path = join(tmpdir(), `.csv-hopper-decoded-${randomUUID()}`);
  const onSignal = (signal: NodeJS.Signals): void => {
    rmSync(path, { force: true });
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  try {
    const problem = await decodeFile({ fd, bytes: stateOf(fd).bytes }, form, path, limits);
    if (problem !== null) {
      const where = problem.line === 0 ? '' : `line ${problem.line}: `;
      const message = `${where}${problem.message}`;
      throw new HopperError('content_invalid', { message, hint: problem.hint });
    }
    const text = openSync(path, 'r');
    return { fd: text, bytes: stateOf(text).bytes };
  } finally {
    closeSync(fd);
    rmSync(path, { force: true });
    process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
  }
}
