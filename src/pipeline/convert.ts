import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { version } from '../core/version.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { LOAD_FILE, SCRATCH_FILE } from '../intake/transient-name.ts';
import type { ConversionResult } from './conversion.ts';
import type { OnPiece } from './convert-in-pieces.ts';
import type { EarlyLoading } from './early-loading.ts';
import { durationMs, type IdentifiedPassage, type PipelineContext } from './passage.ts';
import { patiently } from './patience.ts';
import { writingFolder } from './publish-parquet.ts';

/**
 * Has a worker convert the source: afterwards there is a complete Parquet file under a temporary name, or problems. Pieces of
 * a large source are given to `early` on the way.
 */
export async function convert(
  passage: IdentifiedPassage,
  early: EarlyLoading,
  context: PipelineContext,
): Promise<ConversionResult> {
  const { claim, dataset, identity, log, state } = passage;
  const { config, tables, workers } = context;
  const outputs = {
    parquet: temporaryParquet(passage, context),
    loadFile: tables !== null ? join(claim.folder, LOAD_FILE) : null,
    scratch: join(claim.folder, SCRATCH_FILE),
    metadata: {
      'csv_hopper.source': identity.file,
      'csv_hopper.sha256': identity.sha256,
      'csv_hopper.load_id': identity.loadId,
      'csv_hopper.dataset': identity.dataset,
      'csv_hopper.schema_fingerprint': dataset.schemaFingerprint,
      'csv_hopper.version': version,
    },
  };
  const task = { source: claim.path, expected: state, dataset: dataset.name, outputs };
  const result = await patiently(passage, context.patience, async () => {
    const onPiece: OnPiece = (piece, part) => {
      early.add(piece, part);
    };
    try {
      return await workers.convert(task, onPiece);
    } catch (error) {
      // The next attempt writes other files in the place of those that are being sent.
      early.abandon();
      // Somebody has removed the folder that every start makes.
      if (!(error instanceof HopperError && error.details['system'] === 'ENOENT')) throw error;
      await mkdir(writingFolder(config.folders.output), { recursive: true });
      return workers.convert(task, onPiece);
    }
  });
  if (result.problemsTotal > 0) early.abandon();
  else {
    early.end();
    log.info('converted', 'read, cleaned, typed and checked', {
      ...result.counts,
      durationMs: durationMs(passage),
    });
  }
  return result;
}

/** Where the Parquet file lies until it is published. */
export function temporaryParquet(passage: IdentifiedPassage, context: PipelineContext): string {
  const name = `${passage.identity.loadId}.parquet.tmp`;
  return join(writingFolder(context.config.folders.output), name);
}
