import type { Config } from '../config/config.ts';
import type { Serving } from '../serve/serving.ts';

/** Null where nothing is to be served; its code is loaded only where something is. */
export async function openServing(config: Config): Promise<Serving | null> {
  if (config.serve === null) return null;
  const { Serving } = await import('../serve/serving.ts');
  return new Serving(config, config.serve);
}
