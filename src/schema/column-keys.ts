import type { YamlValue } from '../core/yaml-tree.ts';

/** A problem for each key of a column's entry that is not known. */
export function unknownKeys(
  entry: Record<string, unknown>,
  known: readonly string[],
): { key: string; message: string }[] {
  return Object.keys(entry)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const shown = JSON.stringify(key.slice(0, 80));
      return { key, message: `unknown key ${shown}: the keys are ${known.join(', ')}` };
    });
}

/** Reads `required`, Frictionless Table Schema's word for a column that is not nullable, beside `nullable`. */
export function readRequired(
  required: YamlValue | undefined,
  nullable: YamlValue | undefined,
): { nullable: boolean } | { problem: string } {
  if (required === undefined) return readNullable(nullable, true);
  if (required !== 'true' && required !== 'false') {
    return { problem: 'required must be true or false' };
  }
  const isNullable = required === 'false';
  const said = readNullable(nullable, isNullable);
  if ('problem' in said || said.nullable === isNullable) return said;
  return { problem: 'required and nullable contradict one another; give one of them' };
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
