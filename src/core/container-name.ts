import { extname } from 'node:path';

/** What a file can be packed in, by the end of its name. Content is never asked. */
const containers = { '.gz': 'gzip', '.zst': 'zstd', '.zip': 'zip' } as const;

export type ContainerName = (typeof containers)[keyof typeof containers];

/** Null where the name is that of a plain file. Letter case is ignored. */
export function containerOf(name: string): ContainerName | null {
  const end = extname(name).toLowerCase();
  return isContainerEnd(end) ? containers[end] : null;
}

function isContainerEnd(end: string): end is keyof typeof containers {
  return Object.hasOwn(containers, end);
}

/** The name without the end that tells of a container: `a.csv` of `a.csv.gz`; any other name as it is. */
export function withoutContainer(name: string): string {
  return containerOf(name) === null ? name : name.slice(0, -extname(name).length);
}

/**
 * The names under which a dataset may take a file: its own and that of what is in it. What a file manager packs loses its
 * extension, so `a.zip` may be `a.csv`.
 */
export function namesToMatch(name: string): string[] {
  const container = containerOf(name);
  if (container === null) return [name];
  const inside = withoutContainer(name);
  return container === 'zip' ? [name, inside, `${inside}.csv`] : [name, inside];
}

/** The extension of a file, with that of its container: `.csv.gz`. */
export function fullExtension(name: string): string {
  const inside = withoutContainer(name);
  return extname(inside) + name.slice(inside.length);
}
