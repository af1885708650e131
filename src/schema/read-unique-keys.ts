// Reads the keys of several columns in schema.yaml: a list under a key that stands among the columns.
import { nearest } from '../core/nearest.ts';
import type { YamlProblem } from '../core/yaml-file.ts';
import type { YamlValue } from '../core/yaml-tree.ts';
import { normaliseColumnName } from './column-name.ts';
import type { Column } from './column-type.ts';
import { UNIQUE_KEYS_MAX } from './dataset.ts';

/** Frictionless Table Schema's word, with a sign before it as checks have one. */
export const UNIQUE_KEYS_KEY = '$uniqueKeys';

/** The unique keys of a schema: `unique`, the columns that are one each, and those of several columns. */
export function readUniqueKeys(
  value: YamlValue | undefined,
  columns: readonly Column[],
  unique: readonly string[],
): { keys: string[][]; problems: YamlProblem[] } {
  const keys = unique.map((name) => [name]);
  const problems: YamlProblem[] = [];
  const refuse = (message: string, index?: number): void => {
    const path = index === undefined ? [UNIQUE_KEYS_KEY] : [UNIQUE_KEYS_KEY, index];
    const place = index === undefined ? UNIQUE_KEYS_KEY : `${UNIQUE_KEYS_KEY}[${index}]`;
    problems.push({ path, message: `${place}: ${message}` });
  };
  if (value !== undefined && !Array.isArray(value)) {
    refuse('must be a list of lists of columns, such as `- [order, line]`');
  }
  const entries = Array.isArray(value) ? value : [];
  for (const [i, entry] of entries.entries()) {
    const key = readKey(entry, columns, (message) => {
      refuse(message, i);
    });
    if (key !== null) keys.push(key);
  }
  if (keys.length > UNIQUE_KEYS_MAX) refuse(`a schema has at most ${UNIQUE_KEYS_MAX} unique keys`);
  return { keys, problems };
}

function readKey(
  entry: YamlValue,
  columns: readonly Column[],
  refuse: (message: string) => void,
): string[] | null {
  const names = Array.isArray(entry)
    ? entry.map((name) => (typeof name === 'string' ? normaliseColumnName(name) : ''))
    : [];
  if (names.length === 0 || new Set(names).size < names.length) {
    refuse('must be a list of different columns, such as [order, line]');
    return null;
  }
  for (const name of names) {
    const column = columns.find((one) => one.name === name);
    if (column !== undefined && column.type.name !== 'JSON') continue;
    const [meant] = nearest(
      name,
      columns.map((one) => one.name),
      1,
    );
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    const shown = JSON.stringify(name.slice(0, 80));
    refuse(
      column === undefined
        ? `no column is called ${shown}${hint}`
        : `${shown} is of the type JSON, of which nothing is unique`,
    );
    return null;
  }
  return names;
}
