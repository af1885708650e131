import { createHash } from 'node:crypto';
import type { EncodingName } from '../core/encoding-name.ts';
import type { Column } from './column-type.ts';
import type { CleanOptions, Dialect, HeaderPolicy } from './dataset.ts';
import type { Schema } from './read-schema.ts';

/** What else decides on the rows of a file. */
interface BesideColumns extends Partial<Pick<Schema, 'checks' | 'uniqueKeys'>> {
  dialect?: Dialect | null;
  encoding?: EncodingName;
  headerPolicy?: HeaderPolicy | undefined;
}

/**
 * SHA-256 (64 hexadecimal digits) over names, types, cleaning and, where there are any, the rules, the dialect, another
 * encoding than UTF-8 and a policy for headers. Equal schemas give equal fingerprints whatever the
 * spelling of their files, so the JSON is built key by key and the null words are a sorted set.
 */
export function schemaFingerprint(
  columns: readonly Column[],
  clean: CleanOptions,
  beside: BesideColumns = {},
): string {
  const { dialect = null, encoding = 'utf-8', headerPolicy } = beside;
  const { checks = [], uniqueKeys = [] } = beside;
  const canonical = {
    columns: columns.map(({ name, nullable, type, ...rules }) => [
      name,
      type.name,
      type.length,
      type.precision,
      type.scale,
      type.fraction,
      nullable,
      ...canonicalRules(rules),
    ]),
    clean: [
      clean.trim,
      clean.lowercaseValues,
      [...new Set(clean.nullWords)].sort(),
      clean.nullRows,
      clean.duplicateRows,
    ],
    ...(dialect === null
      ? {}
      : {
          dialect: [
            dialect.delimiter,
            dialect.quote,
            dialect.escape,
            dialect.comment,
            dialect.skipLines,
          ],
        }),
    ...(encoding === 'utf-8' ? {} : { encoding }),
    ...(headerPolicy === undefined ? {} : { header: [headerPolicy.missing, headerPolicy.extra] }),
    ...(checks.length === 0
      ? {}
      : { checks: checks.map(({ expression }) => expression).toSorted() }),
    ...(uniqueKeys.length === 0
      ? {}
      : { unique: uniqueKeys.map((key) => JSON.stringify(key.toSorted())).toSorted() }),
  };
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex');
}

/** Only what there is, so that a new kind of rule changes no fingerprint of a schema without it. */
function canonicalRules({
  rules,
  format,
  aliases,
  ...beside
}: Omit<Column, 'name' | 'type' | 'nullable'>) {
  const { enum: words = [], ...others } = rules ?? {};
  const sets = { enum: words.toSorted(), aliases: aliases?.toSorted() ?? [] };
  const all = { ...others, ...format, ...sets, ...beside, description: null };
  const entries = Object.entries(all)
    .filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? [] : [entries];
}
