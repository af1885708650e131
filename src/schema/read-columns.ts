// Reads schema.yaml: column -> type, or column -> {type, nullable}. What comes out are the columns of a dataset in the
// order of the file, their names normalised and unique, their types resolved.
import { readYamlFile, type YamlProblem } from '../core/yaml-file.ts';
import type { YamlValue } from '../core/yaml-tree.ts';
import { columnNameProblem, normaliseColumnName } from './column-name.ts';
import type { Column } from './column-type.ts';
import { parseColumnType } from './parse-column-type.ts';
import { readNullable, unknownKeys } from './column-keys.ts';

/**
 * Reads the columns of a dataset.
 * @throws HopperError schema_unreadable, schema_invalid
 */
export function readColumns(path: string): Column[] {
  const file = readYamlFile(path, 'schema');
  const { value } = file;
  if (value === null || typeof value === 'string' || Array.isArray(value)) {
    throw file.invalid([
      { path: [], message: 'the file must map each column to its type, such as `age: INTEGER`' },
    ]);
  }
  const columns: Column[] = [];
  const problems: YamlProblem[] = [];
  for (const key of file.keysOf([])) {
    const name = normaliseColumnName(key);
    const read = readColumn(name, value[key] ?? null);
    if (columns.some((column) => column.name === name)) {
      read.problems.push('the column is there twice (letter case and spaces around are ignored)');
    }
    if (read.column !== null) columns.push(read.column);
    for (const problem of read.problems)
      problems.push({ path: [key], message: `${label(name)}: ${problem}` });
  }
  if (columns.length === 0 && problems.length === 0) {
    problems.push({ path: [], message: 'the file must name at least one column' });
  }
  if (problems.length > 0) throw file.invalid(problems);
  return columns;
}

function readColumn(name: string, entry: YamlValue): { column: Column | null; problems: string[] } {
  const problems: string[] = [];
  const nameProblem = columnNameProblem(name);
  if (nameProblem !== null) problems.push(nameProblem);
  if (Array.isArray(entry))
    return { column: null, problems: [...problems, 'the type must not be a list'] };
  const declared = entry === null || typeof entry === 'string' ? { type: entry } : entry;
  problems.push(...unknownKeys(declared, ['type', 'nullable']));
  const nullable = readNullable(declared['nullable'], true);
  if ('problem' in nullable) problems.push(nullable.problem);
  if (typeof declared['type'] !== 'string') {
    return { column: null, problems: [...problems, 'the type is missing'] };
  }
  const parsed = parseColumnType(declared['type']);
  if ('problem' in parsed) return { column: null, problems: [...problems, parsed.problem] };
  const column = { name, type: parsed.type, nullable: 'problem' in nullable || nullable.nullable };
  return { column, problems };
}

/** The name of a column in a message: control characters must not reach a terminal. */
function label(name: string): string {
  return JSON.stringify(name.slice(0, 80)).slice(1, -1);
}
