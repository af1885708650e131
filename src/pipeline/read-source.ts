import { closeSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import { version } from '../core/version.ts';
import { type LoadIdentity } from '../core/load.ts';
import { loadIdOf } from '../core/load-id.ts';
import { formOf } from '../decode/decode-file.ts';
import type { Dataset } from '../schema/dataset.ts';
import { PIECE_BYTES_MIN } from './conversion-plan.ts';
import type { ToolBox } from './conversion-tools.ts';
import type { ConversionOutputs, ConversionResult, SourceIdentity } from './conversion.ts';
import { convertOpenFile } from './convert-file.ts';
import { identifyOpenFile, type LetOthersPass } from './identify-file.ts';

/** A source whose identity is not known yet. */
export interface UnreadSource {
  source: string;
  /** Where to put what a small one is converted to at once; its metadata follows from the identity. */
  outputs: Omit<ConversionOutputs, 'metadata'>;
}

export interface SourceReading {
  identity: SourceIdentity;
  /** Null where the source is large or has to be decoded, or something was in the way: it is converted, or that told, in a step of its own. */
  conversion: ConversionResult | null;
}

/**
 * Identifies a source, and converts it at once where it is small: two jobs for each of a burst would be twice the messages
 * between threads, and each wakes one. In a worker thread.
 */
export async function readSource(
  { source, outputs }: UnreadSource,
  dataset: Dataset,
  toolBox: ToolBox,
  letOthersPass: LetOthersPass,
): Promise<SourceReading> {
  const fd = openSync(source, 'r');
  try {
    const identity = await identifyOpenFile(fd, letOthersPass);
    const isPlain = formOf(source, dataset.encoding, identity.mark) === null;
    if (!isPlain || identity.bytes >= PIECE_BYTES_MIN) return { identity, conversion: null };
    const load = loadIdentity(dataset, basename(source), identity);
    const metadata = parquetMetadata(load, dataset);
    const { bytes, mtimeNs } = identity;
    const expected = { bytes, mtimeNs };
    const task = { source, fd, expected, dataset, outputs: { ...outputs, metadata } };
    try {
      return { identity, conversion: convertOpenFile(task, await toolBox.for(task)) };
    } catch {
      // It is tried again in the step that knows how to wait, which will say what was the matter if it still is.
      return { identity, conversion: null };
    }
  } finally {
    closeSync(fd);
  }
}

export function loadIdentity(
  dataset: Dataset,
  file: string,
  { sha256, bytes }: SourceIdentity,
): LoadIdentity {
  const loadId = loadIdOf(dataset.name, file, sha256);
  return { loadId, dataset: dataset.name, file, sha256, bytes };
}

/** Key-value metadata of the Parquet file of a load. */
export function parquetMetadata(load: LoadIdentity, dataset: Dataset): Record<string, string> {
  return {
    'csv_hopper.source': load.file,
    'csv_hopper.sha256': load.sha256,
    'csv_hopper.load_id': load.loadId,
    'csv_hopper.dataset': load.dataset,
    'csv_hopper.schema_fingerprint': dataset.schemaFingerprint,
    'csv_hopper.version': version,
  };
}
