import { join } from 'node:path';
import { systemCode } from '../core/environment-error.ts';
import type { ConvertedLoad } from '../core/load.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { Conversion, IdentifiedPassage, PipelineContext } from './passage.ts';
import { patiently } from './patience.ts';
import { publishParquet, stageParquet } from './publish-parquet.ts';
import { formerVersions } from './replacement.ts';

/** Makes the Parquet file visible under its final name: from here on the lake has the load, unless it is to take the place of another. */
export async function publish(
  passage: IdentifiedPassage,
  conversion: Conversion,
  context: PipelineContext,
): Promise<ConvertedLoad> {
  const { identity, log } = passage;
  const { output } = context.config.folders;
  const temporary = conversion.parquet;
  // One that is to take the place of others is not visible until its rows are: the lake would count both.
  const isStaged = formerVersions(passage, context).length > 0;
  const put = isStaged ? stageParquet : publishParquet;
  const name = await patiently(passage, context.patience, async () => {
    try {
      return await put(temporary, output, identity);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
      throw new HopperError('conversion_lost', { details: { temporary }, cause: error });
    }
  });
  passage.progress.published = true;
  passage.freeConversion();
  const parquet = join(output, name);
  if (!isStaged) log.info('published', 'Parquet file complete', { parquet });
  return { ...identity, ...conversion.counts, parquet, loadFiles: conversion.loadFiles };
}
