import type { YamlValue } from '../core/yaml-tree.ts';

/** A problem for each key of a column's entry that is not known. */
export function unknownKeys(entry: Record<string, unknown>, known: readonly string[]): string[] {
  return Object.keys(entry)
    .filter((key) => !known.includes(key))
    .map(
      (key) => `unknown key ${JSON.stringify(key.slice(0, 80))}: the keys are ${known.join(', ')}`,
    );
}

/** Reads `nullable`; `whenMissing` is its default. */
export function readNullable(
  value: YamlValue | undefined,
  whenMissing: boolean,
): { nullable: boolean } | { problem: string } {
  if (value === undefined) return { nullable: whenMissing };
  if (value === 'true' || value === 'false') return { nullable: value === 'true' };
  return { problem: 'nullable must be true or false' };
}
