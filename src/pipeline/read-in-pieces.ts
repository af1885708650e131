import { basename } from 'node:path';
import { formOf } from '../decode/decode-file.ts';
import type { Dataset } from '../schema/dataset.ts';
import type { SourceIdentity, SourceState } from './conversion.ts';
import { type Ask, convertInPieces } from './convert-in-pieces.ts';
import {
  loadIdentity,
  parquetMetadata,
  type SourceReading,
  type UnreadSource,
} from './read-source.ts';

/**
 * Identifies a large source in one thread, while others convert its first pieces: one after the other, the others had nothing to do
 * for a tenth of the time. `isWanted` is asked as soon as the identity is known, and ends a conversion that nobody needs.
 */
export async function readInPieces(
  { source, outputs }: UnreadSource,
  expected: SourceState,
  dataset: Dataset,
  threads: number,
  ask: Ask,
  isWanted: (identity: SourceIdentity) => boolean,
): Promise<SourceReading> {
  const unwanted = new AbortController();
  const identifying = ask({ kind: 'identify', source });
  const decided = identifying.then(
    (identity) => {
      if (!isWanted(identity)) unwanted.abort();
    },
    () => {
      unwanted.abort();
    },
  );
  const metadata = async (): Promise<Record<string, string>> => {
    const load = loadIdentity(dataset, basename(source), await identifying);
    return parquetMetadata(load, dataset);
  };
  const task = {
    source,
    expected,
    dataset: dataset.name,
    outputs: { ...outputs, metadata: {} },
  };
  const converting = convertInPieces(task, dataset.columns, threads, ask, () => undefined, {
    metadata,
    signal: unwanted.signal,
    // It is tried again in the step that knows how to wait, which will say what was the matter if it still is.
  }).catch(() => null);
  await decided;
  const conversion = await converting;
  const identity = await identifying;
  const isSame = identity.bytes === expected.bytes && identity.mtimeNs === expected.mtimeNs;
  // What shows at its first bytes only, that it has to be decoded, has ended the conversion at once.
  const isPlain = formOf(source, dataset.encoding, identity.mark) === null;
  return { identity, conversion: isSame && isPlain ? conversion : null };
}
