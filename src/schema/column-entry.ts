// Writes a column down as its entry in schema.yaml: the way back from what read-columns.ts makes of one.
import { yamlText } from '../core/yaml-text.ts';
import { usualFormat } from './cell-format.ts';
import { noRules } from './column-rules.ts';
import type { Column } from './column-type.ts';
import { readColumns } from './read-columns.ts';
import { typeText } from './type-text.ts';

type Entry = { type: string } & Record<string, string | string[]>;

/** The entry as YAML on one line. `unique`: whether the column is a key by itself, which is no property of it. */
export function columnEntry(column: Column, unique: boolean): string {
  const entry = entryOf(column, unique);
  const keys = Object.keys(entry);
  if (keys.length === 1) return entry.type;
  return `{ ${keys.map((key) => `${key}: ${inFlow(key, entry[key]!)}`).join(', ')} }`;
}

/** Whether a schema can have the column so: rules of values of another type may make no sense with its type. */
export function isSoundEntry(column: Column, unique: boolean): boolean {
  const { name } = column;
  const cleaning = { trim: false, lowercaseValues: false };
  return readColumns({ [name]: entryOf(column, unique) }, [name], cleaning).problems.length === 0;
}

/** All that it says, in the order of docs/SCHEMA.md. */
function entryOf(column: Column, unique: boolean): Entry {
  const { rules = noRules, format = usualFormat } = column;
  const { temporal, ...written } = format;
  const entry: Entry = { type: typeText(column.type) };
  if (!column.nullable) entry['nullable'] = 'false';
  const others: Record<string, string | number | readonly string[] | null | undefined> = {
    ...rules,
    unique: unique ? 'true' : null,
    default: column.default,
    aliases: column.aliases,
    format: temporal,
    ...written,
    description: column.description,
  };
  for (const [key, value] of Object.entries(others)) {
    if (value === null || value === undefined) continue;
    if (typeof value === 'string' || typeof value === 'number') entry[key] = String(value);
    else if (value.length > 0) entry[key] = [...value];
  }
  return entry;
}

function inFlow(key: string, value: string | string[]): string {
  if (Array.isArray(value)) return `[${value.map((one) => inFlow('', one)).join(', ')}]`;
  if (key === 'type') return value.includes(',') ? `'${value}'` : value;
  const isPlain = key === 'nullable' || key === 'unique' || /^-?\d+(?:\.\d+)?$/.test(value);
  return isPlain ? value : yamlText(value);
}
