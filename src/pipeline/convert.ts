import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HopperError } from '../errors/hopper-error.ts';
import { DECODED_FILE, LOAD_FILE, REJECT_FILE, SCRATCH_FILE } from '../intake/transient-name.ts';
import { refusedBefore } from './convert-without-refused.ts';
import type { OnPiece } from './convert-in-pieces.ts';
import type { RefusedByTable } from './conversion.ts';
import type { EarlyLoading } from './early-loading.ts';
import { judgeLoad, profileRequest } from './judge-load.ts';
import { rememberedBounds, usedOtherBounds } from './outlier-bounds.ts';
import {
  type Conversion,
  durationMs,
  type IdentifiedPassage,
  type Passage,
  type PipelineContext,
} from './passage.ts';
import { patiently } from './patience.ts';
import { writingFolder } from './publish-parquet.ts';
import { wasChanged } from './source-state.ts';
import { parquetMetadata, type UnreadSource } from './read-source.ts';
import { convertSourceOf } from './work-on-source.ts';
import type { WorkerTask } from './worker-job.ts';

/**
 * Has a worker convert the source: afterwards there is a complete Parquet file under a temporary name, or problems. Pieces of
 * a large source are given to `early` on the way.
 */
export async function convert(
  passage: IdentifiedPassage,
  early: EarlyLoading,
  context: PipelineContext,
): Promise<Conversion> {
  const made = await conversionOf(passage, early, context);
  const conversion = await judgeLoad(passage, made, context);
  if (conversion.refused) early.abandon();
  else {
    early.end();
    passage.log.info('converted', 'read, cleaned, typed and checked', {
      ...conversion.counts,
      durationMs: durationMs(passage),
    });
  }
  return conversion;
}

async function conversionOf(
  passage: IdentifiedPassage,
  early: EarlyLoading,
  context: PipelineContext,
): Promise<Conversion> {
  const refused = await patiently(passage, context.patience, () => refusedBefore(passage, context));
  if (refused !== null) {
    await discardConversion(passage);
    const conversion = await convertRefused(passage, refused, false, context);
    return { ...conversion, withoutRefused: true };
  }
  return (await converted(passage, context)) ?? (await convertNow(passage, early, context));
}

/** Converts the source with rows rejected that a table has refused; `describes`: nothing is made of it but the problems. */
export async function convertRefused(
  passage: IdentifiedPassage,
  refused: RefusedByTable,
  describes: boolean,
  context: PipelineContext,
): Promise<Conversion> {
  const places = outputsOf(passage, context, passage.identity.loadId);
  // The profile's bounds decide with it which rows are rejected.
  const { scratch, decoded, profile } = places;
  const none = { parquet: null, loadFile: null, scratch, decoded, profile };
  return convertTo(passage, describes ? none : places, { refused }, null, context);
}

/**
 * The conversion of a small source, where it has been converted already and is still the same; else null, or source_changed. Its
 * claim's folder has got another name since.
 */
async function converted(
  passage: IdentifiedPassage,
  context: PipelineContext,
): Promise<Conversion | null> {
  const { claim, conversion, state } = passage;
  if (conversion === null) return null;
  if (await patiently(passage, context.patience, () => wasChanged(claim.path, state))) {
    await discardConversion(passage);
    throw new HopperError('source_changed', { details: { source: claim.path } });
  }
  if (usedOtherBounds(passage, conversion, context)) {
    await discardConversion(passage);
    return null;
  }
  const loadFiles = conversion.loadFiles.map((loadFile) => ({
    ...loadFile,
    path: join(claim.folder, basename(loadFile.path)),
  }));
  const { rejects } = conversion;
  const path = rejects && { ...rejects, path: join(claim.folder, basename(rejects.path)) };
  return { ...conversion, loadFiles, rejects: path };
}

async function convertNow(
  passage: IdentifiedPassage,
  early: EarlyLoading,
  context: PipelineContext,
): Promise<Conversion> {
  const places = outputsOf(passage, context, passage.identity.loadId);
  return convertTo(passage, places, {}, early, context);
}

/** `early` is given the pieces. */
async function convertTo(
  passage: IdentifiedPassage,
  places: UnreadSource['outputs'],
  refusals: Pick<WorkerTask, 'refused'>,
  early: EarlyLoading | null,
  context: PipelineContext,
): Promise<Conversion> {
  const { claim, dataset, identity, state } = passage;
  const { config } = context;
  const outputs = { ...places, metadata: parquetMetadata(identity, dataset) };
  const source = { source: claim.path, expected: state, dataset: dataset.name };
  const task = { ...source, outputs, ...refusals };
  const result = await patiently(passage, context.patience, async () => {
    const onPiece: OnPiece = (piece, part) => {
      early?.add(piece, part);
    };
    try {
      return await convertSourceOf(passage, context, task, onPiece);
    } catch (error) {
      // The next attempt writes other files in the place of those that are being sent.
      early?.abandon();
      // Somebody has removed the folder that every start makes.
      if (!(error instanceof HopperError && error.details['system'] === 'ENOENT')) throw error;
      await mkdir(writingFolder(config.folders.output), { recursive: true });
      return convertSourceOf(passage, context, task, onPiece);
    }
  });
  return { ...result, parquet: outputsOf(passage, context, identity.loadId).parquet };
}

/**
 * Where the conversion of a claimed source puts what it makes, and what it tells; `loadId`: which load it is, as far as that is known. The folder's name, which no other claim has, is in that of the
 * Parquet file: the same load may be under way twice until both are identified.
 */
export function outputsOf(
  passage: Pick<Passage, 'claim' | 'dataset' | 'origin' | 'progress'>,
  context: PipelineContext,
  loadId: string | null,
): UnreadSource['outputs'] & { parquet: string } {
  const { dataset } = passage;
  const { folder } = passage.claim;
  const { config, profiles, tables } = context;
  return {
    parquet: join(writingFolder(config.folders.output), `${basename(folder)}.parquet.tmp`),
    loadFile: tables !== null ? join(folder, LOAD_FILE) : null,
    rejected: join(folder, REJECT_FILE),
    scratch: join(folder, SCRATCH_FILE),
    decoded: join(folder, DECODED_FILE),
    profile: profileRequest(dataset, profiles, rememberedBounds(passage, loadId, context)),
  };
}

/** Removes what was made of a small source that turned out not to need a conversion. */
export async function discardConversion({ conversion }: IdentifiedPassage): Promise<void> {
  if (conversion !== null) await rm(conversion.parquet, { force: true });
}
