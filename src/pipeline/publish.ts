import { join } from 'node:path';
import type { ConvertedLoad } from '../core/load.ts';
import { LOAD_FILE } from '../intake/transient-name.ts';
import type { ConversionResult } from './conversion.ts';
import { temporaryParquet } from './convert.ts';
import type { IdentifiedPassage, PipelineContext } from './passage.ts';
import { patiently } from './patience.ts';
import { publishParquet } from './publish-parquet.ts';

/** Makes the Parquet file visible under its final name: from here on the lake has the load. */
export async function publish(
  passage: IdentifiedPassage,
  conversion: ConversionResult,
  context: PipelineContext,
): Promise<ConvertedLoad> {
  const { claim, identity, log } = passage;
  const { output } = context.config.folders;
  const temporary = temporaryParquet(passage, context);
  const name = await patiently(passage, context.patience, () =>
    publishParquet(temporary, output, identity),
  );
  passage.published = true;
  passage.onPublished();
  const parquet = join(output, name);
  log.info('published', 'Parquet file complete', { parquet, bytes: conversion.parquetBytes });
  return {
    ...identity,
    ...conversion.counts,
    parquet,
    loadFile: join(claim.folder, LOAD_FILE),
    loadFileBytes: conversion.loadFileBytes,
  };
}
