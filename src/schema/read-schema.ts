import { readYamlFile } from '../core/yaml-file.ts';
import type { YamlValue } from '../core/yaml-tree.ts';
import type { Column } from './column-type.ts';
import { CHECKS_KEY, isOfRows, readChecks } from './read-checks.ts';
import { readColumns } from './read-columns.ts';
import type { WordCleaning } from './read-rules.ts';
import { readUniqueKeys, UNIQUE_KEYS_KEY } from './read-unique-keys.ts';
import type { RowCheck } from './row-check.ts';

/** What schema.yaml says. */
export interface Schema {
  columns: Column[];
  /** Rules across columns. */
  checks: RowCheck[];
  /** The columns of each key that no two rows of a file may have. */
  uniqueKeys: string[][];
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
  const isOurs = (key: string): boolean =>
    [CHECKS_KEY, UNIQUE_KEYS_KEY].some((ours) => isOfRows(key, ours, value[key] ?? null));
  const keys = file.keysOf([]);
  const { columns, unique, problems } = readColumns(
    value,
    keys.filter((key) => !isOurs(key)),
    cleaning,
  );
  // Of columns that are not known nothing can be said in what follows.
  if (problems.length > 0) throw file.invalid(problems);
  const listed = (key: string): YamlValue | undefined =>
    keys.includes(key) && isOurs(key) ? (value[key] ?? null) : undefined;
  const ofChecks = readChecks(listed(CHECKS_KEY), columns, cleaning);
  const ofKeys = readUniqueKeys(listed(UNIQUE_KEYS_KEY), columns, unique);
  const mistakes = [...ofChecks.problems, ...ofKeys.problems];
  if (mistakes.length > 0) throw file.invalid(mistakes);
  return { columns, checks: ofChecks.checks, uniqueKeys: ofKeys.keys };
}
