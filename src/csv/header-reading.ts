import { normaliseColumnName } from '../schema/column-name.ts';
import type { Column } from '../schema/column-type.ts';
import type { HeaderPolicy } from '../schema/dataset.ts';
import { hasApostrophe } from './formula-cell.ts';
import { type HeaderNames, repeatedNames } from './header-names.ts';
import { isRejectColumn } from './reject-columns.ts';

/** A field whose column the schema does not know, and the name under which its cells are kept. */
export interface ExtraField {
  field: number;
  name: string;
}

/** What a header has to name. */
export type HeaderColumn = Pick<Column, 'name' | 'aliases' | 'default' | 'gathers'> & {
  nullable?: boolean;
};

/** The header as one delimiter reads it, compared with the schema. */
export interface HeaderReading extends HeaderNames {
  missing: string[];
  extra: string[];
  repeated: string[];
  /** Those that make it the header of a reject file. */
  own: string[];
  /** Those that are gathered. */
  gathered: ExtraField[];
}

/** Whoever repairs a reject file may have taken out what is of no use to a machine. */
function rejectColumnsOf(unknown: readonly string[]): string[] {
  const own = unknown.filter(isRejectColumn);
  return own.includes('_line') && own.includes('_rule') ? own : [];
}

/** A header that names none of the columns is that of another file, whatever the policy lets pass. */
export function fits(reading: HeaderReading, policy: HeaderPolicy): boolean {
  const { names, fieldCount, missing, extra, repeated, gathered } = reading;
  const surplus = policy.extra === 'fail' ? extra.length : gathered.filter(isTooLong).length;
  return (
    missing.length + surplus + repeated.length === 0 &&
    extra.length < new Set(names).size &&
    // Beyond these the names are not known, so it is neither whether all columns are there.
    fieldCount === names.length
  );
}

/** A name that is kept stands in each row. */
export const KEPT_NAME_MAX = 256;

export function isTooLong({ name }: ExtraField): boolean {
  return name.length > KEPT_NAME_MAX;
}

/** A header with so many more columns than the schema is not told of name by name: a line may hold millions. */
export const SURPLUS_MAX = 1000;

export function compareHeader(
  header: HeaderNames,
  columns: readonly HeaderColumn[],
  policy: HeaderPolicy,
): HeaderReading {
  const columnOf = new Map(
    columns.flatMap(({ name, aliases = [] }) => aliases.map((alias) => [alias, name])),
  );
  const names = header.names.map((name) => columnOf.get(name) ?? name);
  const known = new Set(columns.map(({ name }) => name));
  const needed = columns.filter((column) => policy.missing === 'fail' || needsField(column));
  const seen = new Set(names);
  const unknown = [...seen].filter((name) => !known.has(name));
  const own = rejectColumnsOf(unknown);
  const gathered =
    policy.extra === 'json'
      ? gatheredFields(names, (name) => known.has(name) || own.includes(name), policy)
      : [];
  const keys = gathered.map(({ name }) => name);
  return {
    ...header,
    names,
    missing: needed.flatMap(({ name }) => (seen.has(name) ? [] : name)),
    extra: unknown.filter((name) => !own.includes(name)),
    repeated: [...new Set([...repeatedNames(names), ...repeatedNames(keys)])],
    own,
    gathered,
  };
}

/** The fields that no column has. One without a name goes by its place in the header, counted from 1. */
function gatheredFields(
  names: readonly string[],
  isTaken: (name: string) => boolean,
  { neutralised }: HeaderPolicy,
): ExtraField[] {
  return names.flatMap((text, field) => {
    if (isTaken(text)) return [];
    const name = neutralised === true ? withoutApostrophe(text, names) : text;
    return [{ field, name: name === '' ? String(field + 1) : name }];
  });
}

/** As its sender wrote it, of a reject file. */
function withoutApostrophe(name: string, names: readonly string[]): string {
  if (rejectColumnsOf(names).length === 0) return name;
  const bytes = Buffer.from(name);
  return hasApostrophe(bytes, 0, bytes.length) ? normaliseColumnName(name.slice(1)) : name;
}

function needsField({ nullable, default: value }: HeaderColumn): boolean {
  return nullable === false && value === undefined;
}
