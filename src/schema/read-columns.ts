// Reads the columns in schema.yaml: column -> type, or column -> {type, and rules}. What comes out are the columns of a dataset
// in the order of the file, their names normalised and unique, their types resolved.
import type { YamlProblem } from '../core/yaml-file.ts';
import type { YamlValue } from '../core/yaml-tree.ts';
import { columnNameProblem, normaliseColumnName } from './column-name.ts';
import type { Column } from './column-type.ts';
import { noRules } from './column-rules.ts';
import { parseColumnType } from './parse-column-type.ts';
import { brokenRule } from './broken-rule.ts';
import { readRequired, unknownKeys } from './column-keys.ts';
import { formatKeys, readFormat } from './read-format.ts';
import { aliasProblems, readAliases } from './read-aliases.ts';
import {
  hasValueRules,
  readRules,
  readValue,
  ruleKeys,
  type KeyProblem,
  type WordCleaning,
} from './read-rules.ts';

/** The keys of a column's entry. */
export const columnKeys: readonly string[] = [
  'type',
  'nullable',
  'required',
  'description',
  'default',
  'unique',
  'aliases',
  ...ruleKeys,
  ...formatKeys,
];

/** Reads the columns under these keys of a schema, whose cells are cleaned so. */
export function readColumns(
  value: Readonly<Record<string, YamlValue>>,
  columnNames: readonly string[],
  cleaning: WordCleaning,
): { columns: Column[]; unique: string[]; problems: YamlProblem[] } {
  const columns: Column[] = [];
  const keys: string[] = [];
  const unique: string[] = [];
  const problems: YamlProblem[] = [];
  for (const key of columnNames) {
    const name = normaliseColumnName(key);
    const read = readColumn(name, value[key] ?? null, cleaning);
    const { column } = read;
    if (columns.some((other) => other.name === name)) {
      const message = 'the column is there twice (letter case and spaces around are ignored)';
      read.problems.push({ key: null, message });
    }
    if (read.unique) unique.push(name);
    if (column !== null) {
      columns.push(column);
      keys.push(key);
    }
    for (const problem of read.problems) {
      const at = problem.key === null ? [key] : [key, problem.key];
      problems.push({ path: at, message: `${label(name)}: ${problem.message}` });
    }
  }
  problems.push(...aliasProblems(columns, keys));
  if (columns.length === 0 && problems.length === 0) {
    problems.push({ path: [], message: 'the file must name at least one column' });
  }
  return { columns, unique, problems };
}

/** Without a key: about the column itself. */
type ColumnProblem = KeyProblem | { key: null; message: string };

function readColumn(
  name: string,
  entry: YamlValue,
  cleaning: WordCleaning,
): { column: Column | null; unique: boolean; problems: ColumnProblem[] } {
  const problems: ColumnProblem[] = [];
  const refuse = (message: string, key: string | null = null): null => {
    problems.push({ key, message });
    return null;
  };
  const nameProblem = columnNameProblem(name);
  if (nameProblem !== null) refuse(nameProblem);
  if (Array.isArray(entry))
    return { column: refuse('the type must not be a list'), unique: false, problems };
  const declared = entry === null || typeof entry === 'string' ? { type: entry } : entry;
  for (const { key, message } of unknownKeys(declared, columnKeys)) refuse(message, key);
  const nullable = readRequired(declared['required'], declared['nullable']);
  if ('problem' in nullable)
    refuse(nullable.problem, 'nullable' in declared ? 'nullable' : 'required');
  const { description, type } = declared;
  if (description !== undefined && typeof description !== 'string') {
    refuse('description must be text', 'description');
  }
  const { unique = 'false' } = declared;
  if (unique !== 'true' && unique !== 'false') refuse('unique must be true or false', 'unique');
  const isUnique = unique === 'true';
  if (typeof type !== 'string') {
    return { column: refuse('the type is missing'), unique: isUnique, problems };
  }
  const parsed = parseColumnType(type);
  if ('problem' in parsed) {
    return { column: refuse(parsed.problem, 'type'), unique: isUnique, problems };
  }
  if (isUnique && parsed.type.name === 'JSON') {
    refuse('unique has no meaning for the type JSON', 'unique');
  }
  const { rules, problems: ofRules } = readRules(declared, parsed.type, cleaning);
  const { format, problems: ofFormat } = readFormat(declared, parsed.type);
  problems.push(...ofRules, ...ofFormat);
  const column: Column = {
    name,
    type: parsed.type,
    nullable: 'problem' in nullable || nullable.nullable,
  };
  if (hasValueRules(rules)) column.rules = rules;
  if (formatKeys.some((key) => key in declared)) column.format = format;
  if (typeof description === 'string') column.description = description;
  if (declared['aliases'] !== undefined) {
    const read = readAliases(declared['aliases']);
    if ('problem' in read) refuse(read.problem, 'aliases');
    else column.aliases = read.value;
  }
  if (declared['default'] !== undefined) {
    const read = readDefault(declared['default'], column, cleaning);
    if ('problem' in read) refuse(read.problem, 'default');
    else column.default = read.value;
  }
  return { column, unique: isUnique, problems };
}

function readDefault(
  value: YamlValue,
  { type, rules = noRules }: Column,
  cleaning: WordCleaning,
): { value: string } | { problem: string } {
  const read = readValue(value, type, cleaning);
  if ('problem' in read) return { problem: `default ${read.problem}` };
  const { text } = read.value;
  const broken = brokenRule(read.value, rules, type);
  if (broken === null) return { value: text };
  return { problem: `default ${JSON.stringify(text.slice(0, 80))} breaks the rule ${broken}` };
}

/** The name of a column in a message: control characters must not reach a terminal. */
function label(name: string): string {
  return JSON.stringify(name.slice(0, 80)).slice(1, -1);
}
