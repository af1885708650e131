import { readYamlFile } from '../core/yaml-file.ts';
import type { Column } from './column-type.ts';
import { CHECKS_KEY, isOfRows, readChecks } from './read-checks.ts';
import { readColumns } from './read-columns.ts';
import type { WordCleaning } from './read-rules.ts';
import type { RowCheck } from './row-check.ts';

/** What schema.yaml says. */
export interface Schema {
  columns: Column[];
  /** Rules across columns. */
  checks: RowCheck[];
}

const keepAll: WordCleaning = { trim: false, lowercaseValues: false };

/**
 * Reads the schema of a dataset, whose cells are cleaned so: the words in its rules are cleaned likewise.
 * @throws HopperError schema_unreadable, schema_invalid
 */
export function readSchema(path: string, cleaning = keepAll): Schema {
  const file = readYamlFile(path, 'schema');
  const { value } = file;
  if (value === null || typeof value === 'string' || Array.isArray(value)) {
    throw file.invalid([
      { path: [], message: 'the file must map each column to its type, such as `age: INTEGER`' },
    ]);
  }
  const isOfChecks = (key: string): boolean => isOfRows(key, CHECKS_KEY, value[key] ?? null);
  const keys = file.keysOf([]);
  const { columns, problems } = readColumns(
    value,
    keys.filter((key) => !isOfChecks(key)),
    cleaning,
  );
  // Of columns that are not known nothing can be said in a check.
  if (problems.length > 0) throw file.invalid(problems);
  if (!keys.some(isOfChecks)) return { columns, checks: [] };
  const read = readChecks(value[CHECKS_KEY] ?? null, columns, cleaning);
  if (read.problems.length > 0) throw file.invalid(read.problems);
  return { columns, checks: read.checks };
}
