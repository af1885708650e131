import { join } from 'node:path';
import { systemCode } from '../core/environment-error.ts';
import type { ConvertedLoad } from '../core/load.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { Conversion, IdentifiedPassage, PipelineContext } from './passage.ts';
import { patiently } from './patience.ts';
import { publishParquet } from './publish-parquet.ts';

/** Makes the Parquet file visible under its final name: from here on the lake has the load. */
export async function publish(
  passage: IdentifiedPassage,
  conversion: Conversion,
  context: PipelineContext,
): Promise<ConvertedLoad> {
  const { identity, log } = passage;
  const { output } = context.config.folders;
  const temporary = conversion.parquet;
  const name = await patiently(passage, context.patience, async () => {
    try {
      return await publishParquet(temporary, output, identity);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
      throw new HopperError('conversion_lost', { details: { temporary }, cause: error });
    }
  });
  passage.progress.published = true;
  passage.freeConversion();
  const parquet = join(output, name);
  log.info('published', 'Parquet file complete', { parquet });
  return { ...identity, ...conversion.counts, parquet, loadFiles: conversion.loadFiles };
}
