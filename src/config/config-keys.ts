import * as z from 'zod';
import { configSchema } from './config-schema.ts';

/** One key of the configuration, as docs/CONFIG.md lists it. */
export interface ConfigKey {
  /** Such as `database.port` or `datasets[].clean.trim`. */
  name: string;
  /** What may stand there; null for a group of keys. */
  type: string | null;
  /** In words or as JSON; 'required' where the key must be given, null where it may be left out and means nothing then. */
  default: string | null;
  meaning: string;
}

/** Every key of the configuration in the order of its declaration, a group before its keys. */
export function configKeys(): ConfigKey[] {
  return keysIn(configSchema, '');
}

function keysIn(schema: z.core.$ZodType, prefix: string): ConfigKey[] {
  const object = collectionOf(schema);
  const shape: Readonly<Record<string, z.core.$ZodType>> = object?.shape ?? {};
  return Object.entries(shape).flatMap(([key, value]) => {
    const list = wraps(value).some((inner) => inner instanceof z.ZodArray && !hasType(inner));
    const name = `${prefix}${key}`;
    const record = wraps(value).some((inner) => inner instanceof z.ZodRecord);
    const nested = keysIn(value, list ? `${name}[].` : record ? `${name}.<column>.` : `${name}.`);
    const type = nested.length > 0 ? null : metaOf(value, 'type');
    const meaning = metaOf(value, 'description') ?? '';
    return [{ name, type, default: defaultOf(value), meaning }, ...nested];
  });
}

/** The object that a schema describes, by itself or as the items of a list; null for a single setting. */
function collectionOf(schema: z.core.$ZodType): z.ZodObject | null {
  for (const inner of wraps(schema)) {
    if (inner instanceof z.ZodObject) return inner;
    if (inner instanceof z.ZodArray) return collectionOf(inner.element);
    if (inner instanceof z.ZodRecord) return collectionOf(inner.valueType);
  }
  return null;
}

function hasType(schema: z.core.$ZodType): boolean {
  return z.globalRegistry.get(schema)?.['type'] !== undefined;
}

/** A schema and those that it wraps with a default, as optional or with a transformation, the outermost first. */
function wraps(schema: z.core.$ZodType): z.core.$ZodType[] {
  const all = [schema];
  for (let inner = innerOf(schema); inner !== null; inner = innerOf(inner)) all.push(inner);
  return all;
}

function innerOf(schema: z.core.$ZodType): z.core.$ZodType | null {
  if (schema instanceof z.ZodPipe) return schema.in;
  if (
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable
  ) {
    return schema.unwrap();
  }
  return null;
}

function metaOf(schema: z.core.$ZodType, key: string): string | null {
  for (const inner of wraps(schema)) {
    const value = z.globalRegistry.get(inner)?.[key];
    if (typeof value === 'string') return value;
  }
  return null;
}

function defaultOf(schema: z.core.$ZodType): string | null {
  const inWords = metaOf(schema, 'default');
  if (inWords !== null) return inWords;
  const layers = wraps(schema);
  const declared = layers.find((inner) => inner instanceof z.ZodDefault);
  if (declared !== undefined) return `\`${JSON.stringify(declared._zod.def.defaultValue)}\``;
  const optional = layers.some(
    (inner) => inner instanceof z.ZodOptional || inner instanceof z.ZodPrefault,
  );
  return optional ? null : 'required';
}
