import { closeSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { noRows } from '../core/load.ts';
import { listProblems } from '../core/problem-list.ts';
import { byteOrderMark, type ByteOrderMark, MARK_BYTES_MAX } from '../decode/byte-order-mark.ts';
import { decodeFile, type SourceForm } from '../decode/decode-file.ts';
import type { UnpackingLimits } from '../decode/unpack.ts';
import type { ConversionResult, SourceState } from './conversion.ts';
import type { LetOthersPass } from './identify-file.ts';
import { checkUnchanged, stateOfFile } from './source-state.ts';
import type { WorkerTask } from './worker-job.ts';

/**
 * Decodes a source that is packed, or in another encoding than UTF-8, into a file of its own, which is converted in its place.
 * Gives the state of that file, or what is wrong with the source. Throws source_changed and trouble of the environment. For a
 * worker thread; the caller removes the file.
 */
export async function decodeSource(
  { source, expected, outputs }: Pick<WorkerTask, 'source' | 'expected' | 'outputs'>,
  form: SourceForm,
  limits: UnpackingLimits,
  letOthersPass: LetOthersPass,
): Promise<SourceState | ConversionResult> {
  const { decoded } = outputs;
  const { bytes } = expected;
  const fd = openSync(source, 'r');
  try {
    checkUnchanged({ fd, source, expected });
    const problem = await decodeFile({ fd, bytes }, form, decoded, limits, letOthersPass);
    checkUnchanged({ fd, source, expected });
    if (problem === null) return await stateOfFile(decoded);
    const found = listProblems([problem]);
    return {
      ...{ refused: true, rejects: null, counts: noRows, delimiter: null },
      ...{ ...found, parquetBytes: 0, loadFiles: [] },
    };
  } finally {
    closeSync(fd);
  }
}

/** The mark at the start of a file. */
export async function markOfFile(source: string): Promise<ByteOrderMark | null> {
  const handle = await open(source, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MARK_BYTES_MAX), 0);
    return byteOrderMark(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}
