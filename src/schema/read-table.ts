// Reads schema_sql.yaml: table -> list of {name, type, nullable}. What comes out is the table of one dataset, which has
// exactly the columns of schema.yaml, in the order of schema.yaml whatever the order in this file: rows are loaded in it.
import { readYamlFile, type YamlFile, type YamlPath, type YamlProblem } from '../core/yaml-file.ts';
import type { YamlValue } from '../core/yaml-tree.ts';
import { readNullable, unknownKeys } from './column-keys.ts';
import { normaliseColumnName } from './column-name.ts';
import type { Column } from './column-type.ts';
import type { TableColumn, TableDefinition } from './dataset.ts';
import { deriveTable } from './derive-table.ts';
import { parseMysqlType } from './parse-mysql-type.ts';

/**
 * Reads the table of a dataset: the one of its name, or the only one in the file. Where the file has neither, the table is
 * derived from the columns. A column that does not say whether it is nullable is so where the dataset's column is.
 * @throws HopperError schema_unreadable, schema_invalid
 */
export function readTable(
  path: string,
  dataset: string,
  columns: readonly Column[],
): TableDefinition {
  const file = readYamlFile(path, 'schema');
  const { value } = file;
  if (typeof value === 'string' || Array.isArray(value)) {
    throw file.invalid([
      { path: [], message: 'the file must map a table to the list of its columns' },
    ]);
  }
  const tables = file.keysOf([]);
  const name = tables.includes(dataset) ? dataset : tables.length === 1 ? tables[0] : undefined;
  if (name === undefined || value === null) return deriveTable(dataset, columns);
  if (!/^[a-z_][a-z0-9_]{0,63}$/i.test(name)) {
    const message =
      'a table name must be 1 to 64 letters, digits and underscores and not begin with a digit';
    throw file.invalid([{ path: [name], message }]);
  }
  return { name, columns: readTableColumns(file, name, value[name] ?? null, columns) };
}

function readTableColumns(
  file: YamlFile,
  table: string,
  entries: YamlValue,
  columns: readonly Column[],
): TableColumn[] {
  if (!Array.isArray(entries)) {
    throw file.invalid([{ path: [table], message: `${table} must be a list of {name, type}` }]);
  }
  const problems: YamlProblem[] = [];
  const found = new Map<string, TableColumn>();
  for (const [index, entry] of entries.entries()) {
    const path = [table, index];
    const read = readTableColumn(entry, columns);
    for (const problem of read.problems)
      problems.push({ path, message: `${table}[${index}]: ${problem}` });
    if (read.column === null) continue;
    const { name } = read.column;
    if (found.has(name))
      problems.push({ path, message: `${table}[${index}]: ${name} is there twice` });
    found.set(name, read.column);
  }
  // Columns are compared only when all could be read; otherwise one mistake would be reported as two.
  if (problems.length === 0) problems.push(...differences(table, found, columns));
  if (problems.length > 0) throw file.invalid(problems);
  return columns.flatMap(({ name }) => found.get(name) ?? []);
}

function readTableColumn(
  entry: YamlValue,
  columns: readonly Column[],
): { column: TableColumn | null; problems: string[] } {
  if (entry === null || typeof entry === 'string' || Array.isArray(entry)) {
    return { column: null, problems: ['a column must be written as {name: age, type: INTEGER}'] };
  }
  const { name: givenName, type } = entry;
  const unknown = unknownKeys(entry, ['name', 'type', 'nullable']);
  const problems = unknown.map(({ message }) => message);
  if (typeof givenName !== 'string') problems.push('the name is missing');
  if (typeof type !== 'string') problems.push('the type is missing');
  if (typeof givenName !== 'string' || typeof type !== 'string') return { column: null, problems };
  const name = normaliseColumnName(givenName);
  const parsed = parseMysqlType(type);
  if ('problem' in parsed) problems.push(parsed.problem);
  const same = columns.find((column) => column.name === name);
  const nullable = readNullable(entry['nullable'], same?.nullable ?? true);
  if ('problem' in nullable) problems.push(nullable.problem);
  if ('problem' in parsed || 'problem' in nullable) return { column: null, problems };
  return { column: { name, mysqlType: parsed.mysqlType, nullable: nullable.nullable }, problems };
}

/** Columns that only one of the two files has. */
function differences(
  table: string,
  found: ReadonlyMap<string, TableColumn>,
  columns: readonly Column[],
): { path: YamlPath; message: string }[] {
  const known = new Set(columns.map(({ name }) => name));
  const extra = [...found.keys()].flatMap((name, index) =>
    known.has(name)
      ? []
      : [
          {
            path: [table, index],
            message: `${table}: the schema of the dataset has no column ${JSON.stringify(name)}`,
          },
        ],
  );
  const missing = columns.filter(({ name }) => !found.has(name)).map(({ name }) => name);
  if (missing.length === 0) return extra;
  const message = `${table}: ${missing.length === 1 ? 'the column' : 'the columns'} ${missing.join(', ')} of the schema of the dataset ${missing.length === 1 ? 'is' : 'are'} missing`;
  return [...extra, { path: [table], message }];
}
